"""Stopping the functions on a table, and resuming them.

A function without concurrency is never started. A tag of the function keeps the concurrency that it had, so that
another operator, on another machine, can resume it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.cli import asking
from session_store.cli.columns import Column
from session_store.cli.exits import Exit, failure_of_the_sdk, is_of_the_sdk, say
from session_store.cli.functions import functions_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from session_store.aws.functions import Function
    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer

TAG: Final = "session-store:concurrency-before-stop"
_NONE: Final = "none"
_NO_FUNCTION: Final = "There is no such function."
_NO_CHANGE: Final = "No function was changed."
_COLUMNS: Final = (
    Column("function", "function"),
    Column("reserved concurrency", "concurrency", lambda value: "none" if value is None else str(value)),
    Column("changed", "changed", lambda changed: "yes" if changed else "no"),
)


class Concurrency:
    """Takes and gives back the concurrency of functions.

    Args:
        client: of Lambda.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - made at run time
        self._lambda = client

    def stop(self, function: Function) -> dict[str, Any]:
        """Take a function's concurrency. The tag is first: what it was is never lost.

        A function that runs, and has the tag, is one whose stop has failed. It may have other concurrency since then.
        """
        kept, now = self._kept(function), self._now(function)
        changed = kept is None or now != 0
        if changed:
            self._lambda.tag_resource(Resource=function.arn, Tags={TAG: _NONE if now is None else str(now)})
        self._put(function, 0)
        return _row(function, 0, changed=changed)

    def resume(self, function: Function) -> dict[str, Any] | None:
        """Give a function what it had, if it was stopped. The tag is last: an interrupted command can be repeated."""
        kept = self._kept(function)
        if kept is None:
            return None
        number = int(kept) if kept.isdecimal() else None
        if number is None:
            self._lambda.delete_function_concurrency(FunctionName=function.name)
        else:
            self._put(function, number)
        self._lambda.untag_resource(Resource=function.arn, TagKeys=[TAG])
        return _row(function, number, changed=True)

    def _now(self, function: Function) -> int | None:
        """Its reserved concurrency, None when it has none."""
        reply = self._lambda.get_function_concurrency(FunctionName=function.name)
        number: int | None = reply.get("ReservedConcurrentExecutions")
        return number

    def _kept(self, function: Function) -> str | None:
        kept: str | None = self._lambda.list_tags(Resource=function.arn)["Tags"].get(TAG)
        return kept

    def _put(self, function: Function, number: int) -> None:
        self._lambda.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=number)


def stop(connection: Connection, printer: Printer, *, every: bool, yes: bool, dry_run: bool) -> Exit:
    """Stop the service's functions on the table.

    Args:
        connection: where the table is.
        printer: writes a row for each function.
        every: also those of applications.
        yes: do not ask.
        dry_run: only list them.

    Raises:
        Failure: it should have asked and cannot, or another text was typed than the table's name.
    """
    found = functions_on(connection)
    chosen = [each for each in found if every or each.own]
    _name_others([each for each in found if each not in chosen])
    if dry_run:
        printer.rows([_row(each, None, changed=False) for each in chosen], _COLUMNS[:1], none=_NO_FUNCTION)
        return Exit.DONE
    if chosen and not yes:
        asking.check_terminal()
        name = connection.table_name
        asking.ask_to_type(name, f"{len(chosen)} functions will refuse every request. To stop them type {name}")
    return _change(chosen, Concurrency(connection.aws.client("lambda")).stop, printer)


def resume(connection: Connection, printer: Printer) -> Exit:
    """Resume every function on the table that was stopped."""
    return _change(functions_on(connection), Concurrency(connection.aws.client("lambda")).resume, printer)


def _change(chosen: list[Function], work: Callable[[Function], dict[str, Any] | None], printer: Printer) -> Exit:
    """Do it to each. One that fails is named, and hides no other. One without a row was nothing to do for."""
    failed = []

    def rows() -> Iterator[dict[str, Any]]:
        for function in chosen:
            try:
                row = work(function)
            except Exception as error:
                if not is_of_the_sdk(error):
                    raise
                failed.append(function)
                say(f"{function.name}: {failure_of_the_sdk(error).message}")
            else:
                if row is not None:
                    yield row

    printer.rows(rows(), _COLUMNS, none=_NO_CHANGE)
    return Exit.SOME_FAILED if failed else Exit.DONE


def _name_others(others: list[Function]) -> None:
    if others:
        names = ", ".join(each.name for each in others)
        say(f"Left alone, because they are an application's: {names}. --all stops them, too.")


def _row(function: Function, concurrency: int | None, *, changed: bool) -> dict[str, Any]:
    return {"function": function.name, "concurrency": concurrency, "changed": changed}
