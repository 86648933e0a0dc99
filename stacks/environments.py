"""The environments that `cdk.json` lists, and the one that `-c env=NAME` chooses."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, cast, get_type_hints

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from jsii.errors import JavaScriptError

from session_store.cdk.api import DEFAULT_THROTTLING_BURST_LIMIT, DEFAULT_THROTTLING_RATE_LIMIT
from session_store.cdk.function import DEFAULT_MEMORY_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import Enum

    from constructs import Node

_TABLE_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{3,255}")


class EnvironmentSettingsError(Exception):
    """What `cdk.json` or `-c env=NAME` says cannot be used; the message is one line that says what can."""


def chosen_environment(node: Node) -> Environment:
    """The environment that the context chooses; there is no default, so that nothing is deployed by leaving it out.

    Args:
        node: the app's node; its context has `env`, a name, and `environments`, from name to settings.

    Raises:
        EnvironmentSettingsError: no name is given or an unknown one; or a setting is unknown, missing or of the wrong
            kind.
    """
    environments = node.try_get_context("environments") or {}
    name = node.try_get_context("env")
    if name not in environments:
        problem = "no environment is chosen" if name is None else f"unknown environment {name!r}"
        raise EnvironmentSettingsError(f"{problem}: choose one with -c env=NAME, {_one_of(environments)}")
    return _parse(name, environments[name])


def _parse(name: str, settings: dict[str, object]) -> Environment:
    parsers = _parsers()
    for key in settings:
        if key not in parsers:
            raise EnvironmentSettingsError(f"environment {name!r}: unknown setting {key!r}, use {_one_of(parsers)}")
    given = {key: value for key, value in settings.items() if value is not None}
    for key in _required():
        if key not in given:
            raise EnvironmentSettingsError(f"environment {name!r}: setting {key!r} is missing")
    return Environment(name=name, **{key: _parse_value(name, key, parsers[key], given[key]) for key in given})


def _parse_value(name: str, key: str, parse: Callable[[object], Any], value: object) -> Any:  # noqa: ANN401 - any setting's
    try:
        return parse(value)
    except _Expected as expected:
        raise EnvironmentSettingsError(f"environment {name!r}: {key} must be {expected}, got {value!r}") from None


def _parsers() -> dict[str, Callable[[object], Any]]:
    hints = get_type_hints(Environment, include_extras=True)
    return {key: hint.__metadata__[0] for key, hint in hints.items() if hasattr(hint, "__metadata__")}


def _required() -> list[str]:
    return [
        setting.name
        for setting in fields(Environment)
        if setting.default is MISSING and setting.default_factory is MISSING and setting.name != "name"
    ]


class _Expected(Exception):  # noqa: N818 - caught here, never seen
    """What a setting must be."""


def _one_of(names: Iterable[str]) -> str:
    return f"one of {', '.join(names)}"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _Expected("a text")
    return value


def _table_name(value: object) -> str:
    if not _TABLE_NAME.fullmatch(_text(value)):
        raise _Expected("a table's name, which is no ARN")
    return cast("str", value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Expected("true or false")
    return value


def _number(value: object) -> int:
    # JSON's numbers arrive through JavaScript, which knows only floats.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _Expected("a whole number")
    return int(value)


def _duration(value: object) -> Duration:
    try:
        return Duration.parse(_text(value))
    except (JavaScriptError, RuntimeError):
        raise _Expected("an ISO 8601 duration like PT30M or P30D") from None


def _moment(value: object) -> datetime:
    try:
        return datetime.fromisoformat(_text(value))
    except ValueError:
        raise _Expected("an ISO 8601 time with its zone like 2026-01-31T00:00:00Z") from None


def _tags(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise _Expected("an object of texts")
    return cast("dict[str, str]", value)


def _member_of(choices: type[Enum]) -> Callable[[object], Enum]:
    def parse(value: object) -> Enum:
        if value not in choices.__members__:
            raise _Expected(_one_of(choices.__members__))
        return choices[cast("str", value)]

    return parse


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where a stack goes and with which settings: each is annotated with its type and with what reads it from JSON.

    Attributes:
        name: as chosen with `-c env=NAME`.
        account: AWS account; None for the one that the CLI's credentials belong to.
        region: AWS region.
        cli_credentials: deploy with the CLI's own credentials in place of the bootstrapped roles.
        termination_protection: refuse to delete the stack until this is switched off.
        table_name: a table that is there already, in this account and region; None: the stack creates one. What
            protects an existing table is not the stack's: `deletion_protection` and `point_in_time_recovery` are those
            of a created one, and `removal_policy` is that of the logs alone.
        tags: for every resource of the stack.
        api_tags: for the HTTP API.
        demo: deploy the demo application, too; refused where it could meet real users (see `DemoStack`).
        demo_api_tags: for the demo's HTTP API.

    The others are props of `SessionService`.
    """

    name: str
    account: Annotated[str | None, _text] = None
    region: Annotated[str, _text]
    cli_credentials: Annotated[bool, _flag] = False
    termination_protection: Annotated[bool, _flag] = False
    table_name: Annotated[str | None, _table_name] = None
    tags: Annotated[dict[str, str], _tags] = field(default_factory=dict)
    api_tags: Annotated[dict[str, str], _tags] = field(default_factory=dict)
    demo: Annotated[bool, _flag] = False
    demo_api_tags: Annotated[dict[str, str], _tags] = field(default_factory=dict)

    removal_policy: Annotated[RemovalPolicy, _member_of(RemovalPolicy)]
    deletion_protection: Annotated[bool, _flag]
    point_in_time_recovery: Annotated[bool, _flag]
    idle_timeout: Annotated[Duration | None, _duration] = None
    absolute_timeout: Annotated[Duration | None, _duration] = None
    retention: Annotated[Duration | None, _duration] = None
    rotation_grace: Annotated[Duration | None, _duration] = None
    not_before: Annotated[datetime | None, _moment] = None
    rotation_interval: Annotated[Duration | None, _duration] = None
    max_sessions_per_customer: Annotated[int | None, _number] = None
    memory_size: Annotated[int, _number] = DEFAULT_MEMORY_SIZE
    timeout: Annotated[Duration | None, _duration] = None
    log_level: Annotated[lambda_.ApplicationLogLevel, _member_of(lambda_.ApplicationLogLevel)] = (
        lambda_.ApplicationLogLevel.INFO
    )
    log_retention: Annotated[logs.RetentionDays, _member_of(logs.RetentionDays)] = logs.RetentionDays.ONE_MONTH
    throttling_rate_limit: Annotated[int, _number] = DEFAULT_THROTTLING_RATE_LIMIT
    throttling_burst_limit: Annotated[int, _number] = DEFAULT_THROTTLING_BURST_LIMIT
