"""The place of the table. An environment says all of it. Else the first of `--table`, `TABLE_NAME`, `make run` does."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.cli import cdk_json, make_run
from session_store.cli.exits import Exit, Failure, say
from session_store.settings import DEFAULT_SETTINGS, TABLE_NAME, SessionSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.cli.chosen import Chosen

_ARN_PARTS: Final = 6
_NO_TABLE: Final = (
    f"No table is named: use --table NAME or --env NAME, or set {TABLE_NAME}. "
    "With `make run` up, no option is needed in its folder."
)


class Place(NamedTuple):
    """A table, and the account and region that it is in.

    Attributes:
        origin: what named it, in words.
        settings: the rules of its sessions.
        table: its name or ARN, None when an output of the stack names it.
        stack: the stack with that output.
        region: None when the profile or the environment decides.
        account: None for any.
        endpoint_url: of an embedded AWS, None for AWS itself.
        key: id and secret to sign with, None when the SDK finds the credentials.
        variables: that name what belongs to the table, where no output of a stack does.
    """

    origin: str
    settings: SessionSettings
    table: str | None = None
    stack: str | None = None
    region: str | None = None
    account: str | None = None
    endpoint_url: str | None = None
    key: tuple[str, str] | None = None
    variables: Mapping[str, str] = MappingProxyType({})


def find(chosen: Chosen, *, needed: bool = True) -> Place:
    """The place that the options choose.

    Args:
        chosen: the options.
        needed: whether there has to be a table. Without one the place is only an account and a region.

    Raises:
        Failure: they choose no table and one is needed, or an environment that there is not.
        StoreConfigurationError: a variable with a rule of the sessions cannot be read.
    """
    if chosen.env is not None:
        return _of_environment(chosen.env, chosen)
    if chosen.table is not None:
        return _named("--table", chosen.table, chosen)
    if name := os.environ.get(TABLE_NAME):
        return _named(TABLE_NAME, name, chosen)
    place = None if any(chosen) else _of_make_run()
    if place is None and needed:
        raise Failure(_NO_TABLE, Exit.USAGE)
    return place or Place("", DEFAULT_SETTINGS, region=chosen.region, account=chosen.account)


def _named(origin: str, table: str, chosen: Chosen) -> Place:
    parts = table.split(":", _ARN_PARTS - 1)
    of_arn = parts[3] if len(parts) == _ARN_PARTS else None
    settings = SessionSettings.from_environment()
    region = chosen.region or of_arn
    return Place(origin, settings, table, region=region, account=chosen.account, variables=os.environ)


def _of_environment(name: str, chosen: Chosen) -> Place:
    found = cdk_json.environment(name)
    return Place(
        "--env",
        found.settings,
        chosen.table,  # for instance one that was restored
        stack=found.stack,
        region=chosen.region or found.region,
        account=chosen.account or found.account,
    )


def _of_make_run() -> Place | None:
    running = make_run.find()
    if running is None:
        return None
    say(f"Using the table of `make run`, which {running.file} names.")
    return Place(
        "`make run`",
        DEFAULT_SETTINGS,
        running.table_name,
        region=running.region,
        endpoint_url=running.endpoint_url,
        key=running.key,
        variables=running.variables,
    )
