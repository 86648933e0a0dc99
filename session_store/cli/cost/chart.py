"""The costs as an SVG chart: a bar for each part, and a bar for each project's request units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDTH: Final = 720
_LABELS: Final = 290  # pixels left of the bars
_VALUES: Final = 110  # pixels right of the longest bar
_ROW: Final = 26
_BAR: Final = 16
_HEADING: Final = 40
_MARGIN: Final = 16
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#1f2933}.heading{font-weight:600;font-size:15px}"
    ".bar{fill:#2f6fab}.other{fill:#9aa5b1}.note{fill:#616e7c;font-size:12px}"
    "@media(prefers-color-scheme:dark){.page{fill:#12181f}text{fill:#e4e7eb}.note{fill:#9aa5b1}.other{fill:#616e7c}}"
    ".page{fill:#fff}"
)


def chart(title: str, groups: Mapping[str, Mapping[str, float]], *, ours: str, note: str) -> str:
    """The text of an SVG file.

    Args:
        title: for readers of the screen, too.
        groups: heading -> label -> dollars a month. Each group has a scale of its own.
        ours: the label that is drawn in colour, in groups that have it.
        note: the last line.
    """
    rows = list(_drawn(groups, ours))
    height = _MARGIN * 2 + _ROW + sum(_HEADING + _ROW * len(bars) for bars in groups.values())
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="page" width="{_WIDTH}" height="{height}"/>',
            *rows,
            f'<text class="note" x="{_MARGIN}" y="{height - _MARGIN}">{escape(note)}</text>',
            "</svg>\n",
        )
    )


def _drawn(groups: Mapping[str, Mapping[str, float]], ours: str) -> Iterator[str]:
    top = _MARGIN
    for heading, bars in groups.items():
        yield f'<text class="heading" x="{_MARGIN}" y="{top + _ROW}">{escape(heading)}</text>'
        top += _HEADING
        longest = max(bars.values()) or 1
        for label, dollars in bars.items():
            kind = "bar" if ours not in bars or label == ours else "other"
            yield from _bar(top, label, dollars, dollars / longest, kind)
            top += _ROW


def _bar(top: int, label: str, dollars: float, share: float, kind: str) -> Iterator[str]:
    width = max(1, round(share * (_WIDTH - _LABELS - _VALUES - _MARGIN)))
    base = top + _BAR - 3
    yield f'<text x="{_LABELS - 10}" y="{base}" text-anchor="end">{escape(label)}</text>'
    yield f'<rect class="{kind}" x="{_LABELS}" y="{top}" width="{width}" height="{_BAR}" rx="2"/>'
    yield f'<text x="{_LABELS + width + 8}" y="{base}">${dollars:,.2f}</text>'
