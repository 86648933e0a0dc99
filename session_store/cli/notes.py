"""Notes of a command in the context that it runs in, for the lines that are written when it ends early."""

from __future__ import annotations

from typing import Final

import click

WHERE: Final = "session_store.cli.where"
"""The table that the command works on."""
GO_ON: Final = "session_store.cli.go_on"
"""How to go on with it."""


def note(name: str, line: str) -> None:
    """Note a line about the command that runs."""
    click.get_current_context().meta[name] = line


def noted(ctx: click.Context, *names: str) -> tuple[str, ...]:
    """The lines of these names that were noted."""
    return tuple(ctx.meta[name] for name in names if name in ctx.meta)
