"""Happenings as lines for people, and the summary of many."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from session_store.cli.watch.happenings import What

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from session_store.cli.watch.happenings import Happening

_COLOURS: Final[Mapping[What, str]] = {
    What.STARTED: "green",
    What.ENDED: "cyan",
    What.THEFT: "red",
    What.REFUSED: "yellow",
    What.FAULT: "magenta",
}
_WIDTH: Final = max(map(len, What))
_REASON: Final = 26  # of a theft
_ID: Final = 36


def show(happening: Happening) -> None:
    """Write a line to stdout, with colours on a terminal."""
    time = happening.time.partition(".")[0].replace("T", " ")
    what = click.style(f"{happening.what:{_WIDTH}}", fg=_COLOURS[happening.what], bold=happening.what is What.THEFT)
    count = f" ({happening.number:,})" if happening.number > 1 else ""
    reason, session = _shown(happening.reason), _shown(happening.session_id or "-")
    where = _shown(happening.route or happening.function or "-")
    line = f"{time}Z  {what}  {reason + count:{_REASON}}  {session:{_ID}}  {where}"
    click.echo(line.rstrip(), color=False if os.environ.get("NO_COLOR") else None)


def _shown(text: object) -> str:
    """A value without control characters: an application's function may log any."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(text))


class Summary:
    """Counts the happenings of a watch."""

    def __init__(self) -> None:
        self._counts: Counter[What] = Counter()
        self._reasons: Counter[str] = Counter()

    def counted(self, happenings: Iterable[Happening]) -> Iterator[Happening]:
        """The same happenings, each of which is counted."""
        for happening in happenings:
            self._counts[happening.what] += happening.number
            if happening.what is What.ENDED:
                self._reasons[happening.reason] += happening.number
            yield happening

    def text(self, seconds: float) -> str:
        """All counts in one line.

        Args:
            seconds: from the moment that the watch goes back to, to its end.
        """
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in self._reasons.most_common())
        more = {What.ENDED: f" ({reasons})"}
        parts = [f"{what} {number:,}{more.get(what, '')}" for what in What if (number := self._counts[what])]
        return f"In {seconds:,.0f} s: {', '.join(parts) or 'nothing happened'}."
