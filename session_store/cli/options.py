"""The options that commands share, each declared once. They may stand before the command's name or after it."""

from __future__ import annotations

import re
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from session_store.cli import cdk_json
from session_store.cli.chosen import Chosen
from session_store.cli.notes import WHERE, note
from session_store.cli.output import Format, Printer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Function: TypeAlias = "Callable[..., Any]"
_ACCOUNT: Final = re.compile(r"\d{12}(,\d{12})*")


class _Accounts(click.ParamType[str, str]):
    name = "accounts"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _ACCOUNT.fullmatch(value):
            self.fail(f"{value!r} is no account id: it has 12 digits.", param, ctx)
        return value


def _profiles(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The profiles that begin so, for completion."""
    from session_store.aws import AwsSessions  # noqa: PLC0415 - only a shell asks for it

    return [name for name in AwsSessions().session.available_profiles if name.startswith(incomplete)]


def _environments(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The environments of `cdk.json` that begin so, for completion."""
    return [name for name in cdk_json.names() if name.startswith(incomplete)]


class WhereOption(click.Option):
    """One of the options that say where the table is. Help lists them behind the others."""


_where: Final = partial(click.option, cls=WhereOption)
_WHERE: Final = (
    _where("--profile", metavar="NAME", help="AWS profile.", shell_complete=_profiles),
    _where(
        "--region", metavar="REGION", help="AWS region. Default: that of --env, of the table's ARN, of the profile."
    ),
    _where("--role", metavar="ARN", help="Role to assume first. A name does where --account is given."),
    _where("--account", metavar="ID", type=_Accounts(), help="Stop unless the credentials are of this account."),
    _where("--table", metavar="NAME", help="Name or ARN of the table. Default: TABLE_NAME, then `make run`."),
    _where(
        "--env",
        metavar="NAME",
        help="Environment of cdk.json, in this folder or above. Its stack names the table, unless --table does.",
        shell_complete=_environments,
    ),
)
_OUTPUT: Final = click.option(
    "--output",
    type=click.Choice([each.value for each in Format]),
    help="Default: table on a terminal, else jsonl, one JSON object per line.",
)
lines: Final = click.option(
    "--output", type=click.Choice([each.value for each in Format]), help="Default: table, a line for each."
)
_SHOW_DATA: Final = click.option("--show-data", is_flag=True, help="Show the sessions' data. It may be confidential.")
yes: Final = click.option("--yes", "-y", is_flag=True, help="Do not ask. Needed where stdin is no terminal.")
dry_run: Final = click.option("--dry-run", is_flag=True, help="Change nothing. Say how many, and the request units.")
queue_url: Final = click.option(
    "--queue-url", metavar="URL", help="Parking queue. Default: as the stack, a variable or `make run` says."
)
event_bus: Final = click.option("--event-bus", metavar="NAME", help="Name or ARN of the event bus. Default: likewise.")
cursor: Final = click.option("--cursor", metavar="CURSOR", help="Go on where an interrupted command stopped.")


def format_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the options of a command into its help: its own, then those that say where the table is."""
    options = [param for param in command.get_params(ctx) if isinstance(param, click.Option)]
    where = [option for option in options if isinstance(option, WhereOption)]
    own = [option for option in options if option not in where]
    for title, listed in (("Options", own), ("Where the table is", where)):
        if listed:
            with formatter.section(title):
                formatter.write_dl([record for option in listed if (record := option.get_help_record(ctx))])


def shared(function: _Function) -> _Function:
    """Adds the options that may stand before the command's name."""
    return _with_options(function, (*_WHERE, _OUTPUT))


def connected(function: _Function, *, diagnosing: bool = False) -> _Function:
    """Adds the options that say where the table is. The function gets a `connection`.

    Args:
        function: the command's.
        diagnosing: as of `Connection`.
    """

    @wraps(function)
    def with_connection(**given: Any) -> Any:  # noqa: ANN401 - a command's own arguments
        from session_store.cli.connect import Connection  # noqa: PLC0415 - the help needs no store

        chosen = Chosen(**{name: given.pop(name) for name in Chosen._fields})
        connection = Connection(chosen, diagnosing=diagnosing)
        note(WHERE, connection.described())
        return function(connection=connection, **given)

    return _with_options(with_connection, _WHERE)


def printing(function: _Function) -> _Function:
    """Adds `--output`. The function gets a `printer`."""
    return _with_options(_with_printer(function), [_OUTPUT])


def printing_sessions(function: _Function) -> _Function:
    """Adds `--output` and `--show-data`. The function gets a `printer`."""
    return _with_options(_with_printer(function), [_OUTPUT, _SHOW_DATA])


def _with_printer(function: _Function) -> _Function:
    @wraps(function)
    def with_printer(output: str | None, show_data: bool = False, **given: Any) -> Any:  # noqa: ANN401, FBT001
        return function(printer=Printer.for_stdout(output, show_data=show_data), **given)

    return with_printer


def _with_options(function: _Function, options: Iterable[_Function]) -> _Function:
    for option in reversed(tuple(options)):
        function = option(function)
    return function
