"""The page of the site about `session-store`: each command with its options, examples and policy, from the code."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Final

import click

from docgen.markdown import code, fenced, table
from docgen.reference_pages import FOLDER
from session_store.catalog.operator_commands import DATA_KEYS, OPERATOR_COMMANDS, Section
from session_store.catalog.pattern import Resource
from session_store.catalog.permissions import OF_ENCRYPTION
from session_store.cli.exits import MEANINGS
from session_store.cli.main import ROWS, program
from session_store.cli.options import WhereOption

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from session_store.catalog.operator_commands import OperatorCommand

PATH: Final = f"{FOLDER}/command-line.md"
_GUIDE: Final = "The [guide](../docs/command-line.md) says how to install it and how it finds the table."


def pages() -> Iterator[tuple[str, Callable[[], str]]]:
    """The page: path and text."""
    yield PATH, _page


def _page() -> str:
    ctx = click.Context(program, info_name="session-store")
    where = [param for param in program.get_params(ctx) if isinstance(param, WhereOption)]
    parts = [
        "# session-store",
        _GUIDE,
        "## Where the table is",
        "Commands that use a table or AWS have these.",
        _options(where, ctx),
    ]
    for section in Section:
        for name, row in ROWS.items():
            if row.section is section:
                parts += _of_command(row, program.get_command(ctx, name), ctx)
    return "\n\n".join((*parts, ""))


def exits() -> str:
    """The exit statuses with their meanings."""
    return table(("status", "meaning"), ((str(status.value), meaning) for status, meaning in MEANINGS.items()))


def _of_command(row: OperatorCommand, command: click.Command | None, parent: click.Context) -> Iterator[str]:
    if command is None:
        raise LookupError(f"there is no command {row.name}")
    ctx = click.Context(command, info_name=row.name, parent=parent)
    own = [param for param in command.get_params(ctx) if not isinstance(param, WhereOption)]
    yield f"## {row.name}"
    yield cleandoc(command.help or "")
    yield fenced("text", " ".join(("session-store", row.name, *command.collect_usage_pieces(ctx))))
    yield _options(own, ctx)
    yield fenced("sh", "\n".join(getattr(command, "examples", ())))
    yield from _policies(row.name)


def _options(params: Iterable[click.Parameter], ctx: click.Context) -> str:
    options = (param for param in params if isinstance(param, click.Option))
    records = (option.get_help_record(ctx) for option in options)
    rows = ((f"`{names}`", text) for names, text in filter(None, records))
    return table(("option", "meaning"), rows)


def _policies(name: str) -> Iterator[str]:
    rows = [row for row in OPERATOR_COMMANDS if row.name == name and row.permissions()]
    if rows:
        headings = ("policy", "allows", "with large data also", "with encryption also")
        yield table(headings, ((f"`{row.policy_name}`", *_allowed(row)) for row in rows))


def _allowed(row: OperatorCommand) -> Iterator[str]:
    yield _shown(row.permissions())
    yield _shown(row.on_large_data())
    may, on_keys = OF_ENCRYPTION.get(row.data), [(each.action, each.resource) for each in row.on_keys]
    on_keys += [(action, DATA_KEYS) for action in (*may.keys, *may.first_key)] if may else []
    of_rows = [(action, Resource("rows of data keys")) for action in may.rows] if may else []
    yield _shown([*on_keys, *of_rows])


def _shown(given: Collection[tuple[str, Resource]]) -> str:
    permissions = sorted(given)
    resources = sorted({resource for _, resource in permissions})
    return "; ".join(
        f"{code(action for action, of in permissions if of == resource)} on the {resource}" for resource in resources
    )
