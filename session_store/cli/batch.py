"""Work on one id, or on those that come from stdin, that can be interrupted and gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import click

from session_store.cli.exits import Exit, say
from session_store.cli.ids import STDIN
from session_store.cli.notes import GO_ON, note
from session_store.errors import ConflictError, InvalidInputError, SessionNotFoundError, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from session_store.cli.columns import Column
    from session_store.cli.output import Printer

_OF_ONE_ID: Final = (ConflictError, InvalidInputError, SessionNotFoundError)


class Batch:
    """The ids of a command. Leaving its block early notes how to go on.

    Args:
        given: the argument: an id, or `-`.
        ids: the ids that it stands for.
        cursor: from an interrupted command.

    Attributes:
        cursor: how far the work on the one id got. The work sets it.

    Raises:
        UsageError: a cursor beside ids from stdin.
    """

    def __init__(self, given: str, ids: Iterable[str], *, cursor: str | None = None) -> None:
        self.several = given == STDIN
        if cursor is not None and self.several:
            raise click.UsageError("--cursor goes with one id, not with ids from stdin.")
        self.cursor = cursor
        self._ids = ids
        self._done = 0
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None:
            return
        if self.several and self._done:
            note(GO_ON, f"The first {self._done} ids are done. To go on, give those after them.")
        elif self.cursor is not None:
            note(GO_ON, f"To go on, give the same command with --cursor {self.cursor}")

    def rows(self, work: Callable[[str], Iterable[Mapping[str, Any]]]) -> Iterator[Mapping[str, Any]]:
        """The rows that the work yields for each id. Of several ids one that fails is named, and hides no other."""
        for name in self._ids:
            try:
                yield from work(name)
            except _OF_ONE_ID as error:
                if not self.several:
                    raise
                say(f"{shorten(name)}: {error}")
                self._failed = True
            self._done += 1

    def print_results(
        self,
        printer: Printer,
        work: Callable[[str], Iterable[Mapping[str, Any]]],
        columns: Sequence[Column],
        *,
        of_one: Sequence[Column] = (),
    ) -> None:
        """Print the one row that the work yields for each id: a row each, or of one id the object alone.

        Args:
            printer: where to.
            work: yields one row.
            columns: of the table.
            of_one: of the object, the same by default.
        """
        if self.several:
            printer.rows(self.rows(work), columns, none="There are no ids on stdin.")
        else:
            printer.one(next(self.rows(work)), of_one or columns)

    @property
    def status(self) -> Exit:
        """The exit status of all of it."""
        return Exit.SOME_FAILED if self._failed else Exit.DONE
