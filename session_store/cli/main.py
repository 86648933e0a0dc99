"""The program `session-store`: a group of commands, each of which is loaded when it is used."""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module
from io import StringIO
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

import session_store
from session_store.catalog.operator_commands import OPERATOR_COMMANDS, Section
from session_store.cli.exits import Exit, Failure, failure_of, failure_of_the_sdk, is_of_the_sdk, say
from session_store.cli.notes import GO_ON, WHERE, noted
from session_store.cli.options import format_options, shared
from session_store.errors import SessionStoreError, conceal_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

NAME: Final = "session-store"
ROWS: Final = {row.name: row for row in OPERATOR_COMMANDS if not row.given}
_COMMANDS: Final = "session_store.cli.commands"


class Program(click.Group):
    """A group whose help and completion come from the rows of the catalog, without loading a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002, D102
        return list(ROWS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002, D102
        if cmd_name not in ROWS:
            return None
        name = cmd_name.replace("-", "_")
        loaded: click.Command = import_module(f"{_COMMANDS}.{name}{'_' * iskeyword(name)}").command
        return loaded

    def resolve_command(  # noqa: D102
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in ROWS and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, ROWS, n=1)
            guess = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"There is no command {name!r}.{guess}", ctx)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: D102
        format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002, D102
        width = max(map(len, ROWS))
        for section in Section:
            rows = [(row.name.ljust(width), row.summary) for row in ROWS.values() if row.section is section]
            with formatter.section(section.value):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:  # noqa: D102
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell asks for it

        names = [CompletionItem(row.name, help=row.summary) for row in ROWS.values() if row.name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def main(  # type: ignore[override]  # it always ends the process
        self,
        args: Sequence[str] | None = None,
        **extra: Any,  # noqa: ANN401 - click's own
    ) -> NoReturn:
        """Run, and end the process with the exit status.

        Args:
            args: the command line, without the program's name.
            extra: click's own options.
        """
        extra |= {"prog_name": NAME, "standalone_mode": False}
        try:
            status = super().main(args, **extra)
        except click.ClickException as error:
            text = StringIO()
            error.show(text)
            say(conceal_tokens(text.getvalue()).rstrip("\n"))
            status = error.status if isinstance(error, Failure) else error.exit_code
        except click.Abort:
            status = Exit.INTERRUPTED
        sys.exit(status or Exit.DONE)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - a command's exit status
        """Run a command. Each way to fail has its exit status.

        Raises:
            Failure: the command did not succeed.
        """
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _forget_stdout()
            status = _stopped(ctx, Exit.PIPE_CLOSED)
        except KeyboardInterrupt:
            say("\nInterrupted." if sys.stderr.isatty() else "Interrupted.")  # behind the terminal's ^C
            status = _stopped(ctx, Exit.INTERRUPTED)
        except SessionStoreError as error:
            raise failure_of(error, *noted(ctx, WHERE), go_on=noted(ctx, GO_ON)) from error
        except Exception as error:
            if not is_of_the_sdk(error):
                raise
            raise failure_of_the_sdk(error, *noted(ctx, WHERE), go_on=noted(ctx, GO_ON)) from error
        return status


@click.group(NAME, cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@shared
@click.version_option(session_store.__version__, message="%(version)s")
@click.pass_context
def program(ctx: click.Context, /, **given: str | None) -> None:
    """Look into a session table, and end and erase what is in it.

    Results go to stdout, everything else to stderr. The options below may also stand behind the command's name. With
    `make run` up in this folder or above it, none of them is needed.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    ctx.default_map = dict.fromkeys(ROWS, chosen)


def _stopped(ctx: click.Context, status: Exit) -> Exit:
    for line in noted(ctx, GO_ON):
        say(line)
    return status


def _forget_stdout() -> None:
    """Throw away what was not written: the interpreter would try once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
