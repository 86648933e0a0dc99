"""How a command is declared: its row of the catalog, its options, and examples that its help shows."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import click

from session_store.catalog.operator_commands import OPERATOR_COMMANDS
from session_store.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable


class Command(click.Command):
    """A command with examples, each a line that a shell runs.

    Attributes:
        examples: the lines. Those that begin with `#` say what the next one does.
    """

    examples: tuple[str, ...] = ()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in two lists."""
        options.format_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are: a line that is broken cannot be copied."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


def operator_command(name: str, *, examples: str) -> Callable[[Callable[..., Any]], Command]:
    """Makes a command of a function. Its docstring is the help, and what it returns is the exit status.

    Args:
        name: that of its row in the catalog, which has its summary.
        examples: a line each.
    """
    (row,) = (row for row in OPERATOR_COMMANDS if row.name == name and not row.given)

    def make(function: Callable[..., Any]) -> Command:
        command = click.command(name, cls=Command, short_help=row.summary)(function)
        command.examples = tuple(cleandoc(examples).splitlines())
        return command

    return make
