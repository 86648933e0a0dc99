"""The chart of `docs/storage-compared.md`: dollars for a million requests, by size and form."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from bench.storage.data import SIZES
from bench.storage.forms import Form
from bench.storage.overview import dollars_of
from bench.storage.traffic import REQUESTS
from docgen.storage_dollars import recorded_run

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH: Final = 960
_HEIGHT: Final = 430
_LEFT: Final = 64
_TOP: Final = 112
_BOTTOM: Final = 52
_PANEL: Final = 280
_GAP: Final = 24
_PAD: Final = 26  # from a panel's edge to its first size
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#1f2933}.heading{font-weight:600;font-size:15px}"
    ".note{fill:#616e7c;font-size:12px}.page{fill:#fff}.grid{stroke:#cbd2d9}.line{fill:none;stroke-width:2.5}"
    ".c0{--c:#2f6fab}.c1{--c:#b44d12}.c2{--c:#5f7d1f}.c3{--c:#8a3fa0}.c4{--c:#b8004c}"
    ".line{stroke:var(--c)}.mark{fill:var(--c)}"
    "@media(prefers-color-scheme:dark){.page{fill:#12181f}text{fill:#e4e7eb}.note{fill:#9aa5b1}.grid{stroke:#3e4c59}"
    ".c0{--c:#7cb5ec}.c1{--c:#f0955c}.c2{--c:#b5d56a}.c3{--c:#d19be6}.c4{--c:#ff7aa8}}"
)
_SHAPES: Final = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "M-4.5-4.5h9v9h-9z",
    "M0-6L6 5H-6z",
    "M0-6.5L6.5 0L0 6.5L-6.5 0z",
    "M0 6L6-5H-6z",
)
"""By the form's place: circle, square, triangle, diamond, triangle upside down."""
_SAID_SIZE: Final = "4 KB"
_SAID_REQUESTS: Final = 10
_NOTE: Final = "Both scales grow by a factor. Prices of us-east-1."


def render() -> str:
    """The chart as the text of an SVG file."""
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
            "<title>Dollars for a million requests, by size of the data</title>",
            f"<desc>{escape(_described())}</desc>",
            f"<style>{_STYLE}</style>",
            f'<rect class="page" width="{_WIDTH}" height="{_HEIGHT}" rx="10"/>',
            '<text class="heading" x="24" y="34">Dollars for a million requests</text>',
            *_legend(),
            *_scale(),
            *(line for number, requests in enumerate(REQUESTS) for line in _panel(number, requests)),
            f'<text class="note" x="24" y="{_HEIGHT - 12}">{_NOTE}</text>',
            "</svg>\n",
        )
    )


def _described() -> str:
    forms = recorded_run()[_SAID_SIZE]
    dollars = ", ".join(f"{form} ${dollars_of(entry, _SAID_REQUESTS):.2f}" for form, entry in forms.items())
    return (
        "A panel for sessions of 1, 10 and 1,000 requests, with a line for each form. "
        f"With {_SAID_SIZE} of data and {_SAID_REQUESTS} requests: {dollars}."
    )


def _legend() -> Iterator[str]:
    left = 24
    for number, form in enumerate(Form):
        yield f'<g class="c{number}">{_mark(number, left + 6, 57)}</g>'
        yield f'<text x="{left + 18}" y="62">{form}</text>'
        left += 40 + 8 * len(form)


def _scale() -> Iterator[str]:
    """A line across the panels for each power of ten."""
    right = _LEFT + len(REQUESTS) * _PANEL + (len(REQUESTS) - 1) * _GAP
    lowest, highest = _powers()
    for power in range(lowest, highest + 1):
        y = _y(10**power)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">${10**power:,g}</text>'


def _panel(number: int, requests: int) -> Iterator[str]:
    left = _LEFT + number * (_PANEL + _GAP)
    step = (_PANEL - 2 * _PAD) / (len(SIZES) - 1)
    xs = {size: left + _PAD + place * step for place, size in enumerate(SIZES)}
    of_session = "a request a session" if requests == 1 else f"{requests:,} requests a session"
    yield f'<text class="heading" x="{left + _PANEL / 2}" y="{_TOP - 14}" text-anchor="middle">{of_session}</text>'
    for size, x in xs.items():
        yield f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{size}</text>'
    for place, form in enumerate(Form):
        points = [
            (x, _y(dollars_of(entry, requests)))
            for size, x in xs.items()
            if (entry := recorded_run()[size].get(form)) is not None
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<g class="c{place}"><polyline class="line" points="{line}"/>'
        yield from (_mark(place, x, y) for x, y in points)
        yield "</g>"


def _mark(number: int, x: float, y: float) -> str:
    """A shape of its own for each form: colours alone do not tell them apart for all."""
    shape = _SHAPES[number]
    return f'<path class="mark" transform="translate({x:.1f} {y:.1f})" d="{shape}"/>'


@cache
def _powers() -> tuple[int, int]:
    """The powers of ten around all dollars."""
    dollars = [
        dollars_of(entry, requests)
        for forms in recorded_run().values()
        for entry in forms.values()
        for requests in REQUESTS
    ]
    return math.floor(math.log10(min(dollars))), math.ceil(math.log10(max(dollars)))


def _y(dollars: float) -> float:
    lowest, highest = _powers()
    share = (math.log10(dollars) - lowest) / (highest - lowest)
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)
