"""The options that commands share, each declared once. They may stand before the command's name or after it."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import click

from session_store.cli import cdk_json
from session_store.cli.output import Format, Printer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Function: TypeAlias = "Callable[..., Any]"
CONNECTION: Final = "session_store.cli.connection"
"""Where the context of a command has its connection, for what is said of a failure."""
_ACCOUNT: Final = re.compile(r"\d{12}(,\d{12})*")


class Chosen(NamedTuple):
    """The values of the options that say where the table is. None: not given."""

    profile: str | None = None
    region: str | None = None
    role: str | None = None
    account: str | None = None
    table: str | None = None
    env: str | None = None


class _Accounts(click.ParamType[str, str]):
    name = "accounts"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _ACCOUNT.fullmatch(value):
            self.fail(f"{value!r} is no account id: it has 12 digits.", param, ctx)
        return value


def _profiles(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The profiles that begin so, for completion."""
    import botocore.session  # noqa: PLC0415 - only a shell asks for it

    return [name for name in botocore.session.Session().available_profiles if name.startswith(incomplete)]


def _environments(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The environments of `cdk.json` that begin so, for completion."""
    return [name for name in cdk_json.names() if name.startswith(incomplete)]


_WHERE: Final = (
    click.option("--profile", metavar="NAME", help="AWS profile.", shell_complete=_profiles),
    click.option(
        "--region", metavar="REGION", help="AWS region. Default: that of --env, the table's ARN or the profile."
    ),
    click.option("--role", metavar="ARN", help="Role to assume first. A name does where --account is given."),
    click.option("--account", metavar="ID", type=_Accounts(), help="Stop unless the credentials are of this account."),
    click.option("--table", metavar="NAME", help="Name or ARN of the table. Default: TABLE_NAME, then `make run`."),
    click.option(
        "--env",
        metavar="NAME",
        help="Environment of cdk.json, in this folder or above. Its stack's output names the table.",
        shell_complete=_environments,
    ),
)
_OUTPUT: Final = click.option(
    "--output",
    type=click.Choice([each.value for each in Format]),
    help="Default: table on a terminal, else jsonl, one JSON object per line.",
)
_SHOW_DATA: Final = click.option(
    "--show-data", is_flag=True, help="Show the sessions' data, which may be confidential."
)
yes: Final = click.option("--yes", "-y", is_flag=True, help="Do not ask. Needed where stdin is no terminal.")
dry_run: Final = click.option("--dry-run", is_flag=True, help="Change nothing. Say how many, and the request units.")
cursor: Final = click.option("--cursor", metavar="CURSOR", help="Go on where an interrupted command stopped.")


def shared(function: _Function) -> _Function:
    """Adds the options that may stand before the command's name."""
    return _with_options(function, (*_WHERE, _OUTPUT))


def connected(function: _Function) -> _Function:
    """Adds the options that say where the table is. The function gets a `connection`."""

    @wraps(function)
    def with_connection(**given: Any) -> Any:  # noqa: ANN401 - a command's own arguments
        from session_store.cli.connect import Connection  # noqa: PLC0415 - the help needs no store

        connection = Connection(Chosen(**{name: given.pop(name) for name in Chosen._fields}))
        click.get_current_context().meta[CONNECTION] = connection
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
    def with_printer(output: str | None, show_data: bool = False, **given: Any) -> Any:  # noqa: ANN401, FBT001, FBT002
        return function(printer=Printer.for_stdout(output, show_data=show_data), **given)

    return with_printer


def _with_options(function: _Function, options: Iterable[_Function]) -> _Function:
    for option in reversed(tuple(options)):
        function = option(function)
    return function
