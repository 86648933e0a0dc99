"""The environments that `cdk.json` lists, and the one that `-c env=NAME` chooses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from session_store import SessionSettings
from session_store.catalog import declared as kinds
from session_store.catalog.iso_durations import duration_of
from session_store.cdk.monitoring_props import MonitoringProps
from session_store.cdk.prop_kinds import Choice, Constant, Flag, Made, Names, Prop, Text, Time, WholeNumber
from session_store.cdk.props import EventsProps, LargeDataProps
from session_store.cdk.store_props import ServiceProps
from session_store.cdk.streams import STREAM_ARN
from session_store.cdk.takes import declared, filled
from session_store.large_data.settings import DEFAULT_THRESHOLD
from session_store.settings import CookieName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from constructs import Node

_TABLE_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_BUS_ARN: Final = re.compile(r"arn:[\w-]+:events:[\w-]+:\d{12}:event-bus/[\w./-]+")
_TOPIC_ARN: Final = re.compile(r"arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+(?:\.fifo)?")
# Settings without a default. Each environment says itself which data it loses with its stack.
_REQUIRED: Final = ("region", "removal_policy", "deletion_protection", "point_in_time_recovery")
_Parsers: TypeAlias = Mapping[str, Callable[[object], Any]]


class EnvironmentSettingsError(Exception):
    """`cdk.json` or `-c env=NAME` has an unusable value. The message is one line that names the allowed values."""


def chosen_environment(node: Node) -> Environment:
    """The environment that the context chooses. There is no default, so that nothing is deployed by leaving it out.

    Args:
        node: the app's node. Its context has `env`, a name, and `environments`, from name to settings.

    Raises:
        EnvironmentSettingsError: no name is given or an unknown one, or a setting is unknown, missing or of the wrong
            kind.
    """
    environments = node.try_get_context("environments") or {}
    name = node.try_get_context("env")
    if name not in environments:
        problem = "no environment is chosen" if name is None else f"unknown environment {name!r}"
        raise EnvironmentSettingsError(f"{problem}: choose one with -c env=NAME, {_one_of(environments)}")
    return _parse(name, environments[name])


def _parse(name: str, given: dict[str, object]) -> Environment:
    sections: _Parsers = {
        "settings": partial(_settings, name),
        "events": partial(_events, name),
        "large_data": partial(_large_data, name),
        "monitoring": partial(_monitoring, name),
    }
    found = _read_section(name, given, {**_OWN, **_props(ServiceProps), **sections})
    for key in _REQUIRED:
        if key not in found:
            raise EnvironmentSettingsError(f"environment {name!r}: setting {key!r} is missing")
    _check_stream(name, found)
    props = {key: found.pop(key) for key in _props(ServiceProps) if key in found}
    return Environment(name=name, props=filled(ServiceProps, props), **found)


def _check_stream(name: str, found: dict[str, Any]) -> None:
    """The stream of a table that is made elsewhere has to be named. That of a table that is made here is known.

    Raises:
        EnvironmentSettingsError: it is not so.
    """
    for section in ("events", "large_data"):
        of_section = found.get(section)
        if of_section is not None and (of_section.stream_arn is None) is ("table_name" in found):
            problem = (
                "is missing beside table_name" if of_section.stream_arn is None else "is only for use with table_name"
            )
            raise EnvironmentSettingsError(f"environment {name!r}: {section}.stream_arn {problem}")


def _read_section(name: str, given: dict[str, object], parsers: _Parsers, prefix: str = "") -> dict[str, Any]:
    """The values of an object's keys. Null counts as left out."""
    for key in given:
        if key not in parsers:
            problem = f"unknown setting {prefix + key!r}, use {_one_of(parsers)}"
            raise EnvironmentSettingsError(f"environment {name!r}: {problem}")
    present = {key: value for key, value in given.items() if value is not None}
    return {key: _parse_value(name, prefix + key, parsers[key], value) for key, value in present.items()}


def _parse_value(name: str, key: str, parse: Callable[[object], Any], value: object) -> Any:  # noqa: ANN401 - any setting's
    try:
        return parse(value)
    except _Expected as expected:
        raise EnvironmentSettingsError(f"environment {name!r}: {key} must be {expected}, got {value!r}") from None


def _settings(name: str, value: object) -> SessionSettings:
    if not isinstance(value, dict):
        raise _Expected("an object of settings")
    parsers = {key: _OF_KIND[type(kind)] for key, kind in SessionSettings.kinds().items()}
    return SessionSettings(**_read_section(name, value, parsers, "settings."))


def _events(name: str, value: object) -> Events:
    if not isinstance(value, dict):
        raise _Expected("an object of props, {} for the usual ones")
    arns: _Parsers = {"bus_arn": _bus, "stream_arn": _stream}
    found = _read_section(name, value, {**arns, **_props(EventsProps)}, "events.")
    named = {key: found.pop(key, None) for key in arns}
    return Events(**named, props=cast("EventsProps", found))


def _large_data(name: str, value: object) -> LargeData:
    if not isinstance(value, dict):
        raise _Expected("an object of props, {} for the usual ones")
    parsers = {"stream_arn": _stream, "threshold": _number, **_props(LargeDataProps)}
    found = _read_section(name, value, parsers, "large_data.")
    stream_arn, threshold = found.pop("stream_arn", None), found.pop("threshold", DEFAULT_THRESHOLD)
    return LargeData(stream_arn=stream_arn, threshold=threshold, props=cast("LargeDataProps", found))


def _monitoring(name: str, value: object) -> Monitoring:
    if not isinstance(value, dict):
        raise _Expected("an object of limits, {} for the usual ones")
    found = _read_section(name, value, {"topic_arn": _topic, **_props(MonitoringProps)}, "monitoring.")
    return Monitoring(topic_arn=found.pop("topic_arn", None), props=cast("MonitoringProps", found))


def _props(family: type) -> _Parsers:
    """The props of a family that JSON can say: not keys and other constructs."""
    return {key: _parser_of(prop) for key, prop in declared(family).items() if not isinstance(prop, Made)}


def _parser_of(prop: Prop) -> Callable[[object], Any]:
    match prop:
        case Choice():
            return _one_by_name(prop.members.__members__)
        case Constant():
            return _one_by_name(prop.constants)
    return _OF_KIND[type(prop)]


class _Expected(Exception):  # noqa: N818 - caught here, never seen
    """A value does not fit its setting. The message describes the values that do."""


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


def _topic(value: object) -> str:
    if not _TOPIC_ARN.fullmatch(_text(value)):
        raise _Expected("the ARN of an SNS topic like arn:aws:sns:eu-central-1:123456789012:alarms")
    return cast("str", value)


def _bus(value: object) -> str:
    if not _BUS_ARN.fullmatch(_text(value)):
        raise _Expected("the ARN of an event bus like arn:aws:events:eu-central-1:123456789012:event-bus/default")
    return cast("str", value)


def _stream(value: object) -> str:
    if not STREAM_ARN.fullmatch(_text(value)):
        raise _Expected("the ARN of a table's stream, its LatestStreamArn")
    return cast("str", value)


def _names(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _Expected("a list of names")
    return cast("list[str]", value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Expected("true or false")
    return value


def _number(value: object) -> int:
    # JSON's numbers arrive through JavaScript, which knows only floats.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _Expected("a whole number")
    return int(value)


def _duration(value: object) -> timedelta:
    try:
        return duration_of(_text(value))
    except ValueError:
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


def _one_by_name(choices: Mapping[str, object]) -> Callable[[object], object]:
    def parse(value: object) -> object:
        if value not in choices:
            raise _Expected(_one_of(choices))
        return choices[cast("str", value)]

    return parse


@dataclass(frozen=True, kw_only=True)
class Events:
    """The lifecycle events of an environment.

    Attributes:
        bus_arn: the event bus that they are put on, None for one of their own.
        stream_arn: the stream of an existing table, with new and old images. None for the stream of a created one,
            which is then switched on.
        props: those of `SessionEvents` that are given. The others of its function are the service's.
    """

    bus_arn: str | None
    stream_arn: str | None
    props: EventsProps


@dataclass(frozen=True, kw_only=True)
class LargeData:
    """The bucket of large data of an environment.

    Attributes:
        stream_arn: as of the events.
        threshold: of `LargeDataBucket`.
        props: those of `LargeDataBucket` that are given. The others of its function are the service's.
    """

    stream_arn: str | None
    threshold: int
    props: LargeDataProps


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """The alarms and the dashboard of an environment.

    Attributes:
        topic_arn: the SNS topic that alarms notify. It belongs to the people on call, not to the stack.
        props: those of `SessionMonitoring` that are given.
    """

    topic_arn: str | None
    props: MonitoringProps


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A stack's account, region and settings.

    Attributes:
        name: as chosen with `-c env=NAME`.
        account: AWS account, None for the one that the CLI's credentials belong to.
        region: AWS region.
        cli_credentials: deploy with the CLI's own credentials in place of the bootstrapped roles.
        termination_protection: refuse to delete the stack until this is switched off.
        table_name: an existing table in this account and region. With None the stack creates one. The stack does not
            protect an existing table. `deletion_protection` and `point_in_time_recovery` count for a created one, and
            `removal_policy` for the logs alone.
        tags: for every resource of the stack.
        api_tags: for the HTTP API.
        demo: deploy the demo application, too. Refused where it could meet real users (see `DemoStack`).
        demo_api_tags: for the demo's HTTP API.
        settings: the rules of the sessions.
        events: lifecycle events, None for none.
        large_data: a bucket of large data, None for none.
        monitoring: alarms and dashboard, None for neither.
        props: those of `SessionService`, the defaults included.
    """

    name: str
    account: str | None = None
    region: str
    cli_credentials: bool = False
    termination_protection: bool = False
    table_name: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    api_tags: dict[str, str] = field(default_factory=dict)
    demo: bool = False
    demo_api_tags: dict[str, str] = field(default_factory=dict)
    settings: SessionSettings = field(default_factory=SessionSettings)
    events: Events | None = None
    large_data: LargeData | None = None
    monitoring: Monitoring | None = None
    props: ServiceProps


_OF_KIND: Final[dict[type, Callable[[object], Any]]] = {
    kinds.Duration: _duration,
    kinds.Number: _number,
    kinds.Moment: _moment,
    kinds.Flag: _flag,
    CookieName: _text,
    Time: _duration,
    WholeNumber: _number,
    Flag: _flag,
    Text: _text,
    Names: _names,
}
_OWN: Final[_Parsers] = {
    "account": _text,
    "region": _text,
    "cli_credentials": _flag,
    "termination_protection": _flag,
    "table_name": _table_name,
    "tags": _tags,
    "api_tags": _tags,
    "demo": _flag,
    "demo_api_tags": _tags,
}
