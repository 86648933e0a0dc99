"""Events as their consumers read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from local.paths import ROOT
from session_store import EndReason, InvalidInputError
from session_store.events import (
    ChildSessionCreated,
    ChildSessionEnded,
    ChildSessionErased,
    ChildSessionExpired,
    SessionCreated,
    SessionEnded,
    SessionErased,
    SessionEvent,
    SessionExpired,
    read_event,
)
from session_store.events.bus import entry

SCHEMA: Final = Draft202012Validator(json.loads((ROOT / "docs" / "session-events.schema.json").read_text()))
MOMENT: Final = datetime(2040, 1, 1, 12, 0, 1, 500_000, UTC)
NUMBER: Final = 4_900_000_000_000_000_000_000_001
OF_SESSIONS: Final[dict[str, Any]] = {"session_id": "s", "version": 2, "sequence_number": NUMBER, "time": MOMENT}
OF_CHILDREN: Final[dict[str, Any]] = OF_SESSIONS | {"child_session_id": "c"}
EVENTS: Final[list[SessionEvent]] = [
    SessionCreated(**OF_SESSIONS, customer_id="ana"),
    SessionCreated(**OF_SESSIONS),
    SessionEnded(**OF_SESSIONS, customer_id="Zoë ✓", reason=EndReason.THEFT),
    SessionExpired(**OF_SESSIONS, customer_id="ana", expired_at=MOMENT - timedelta(days=30)),
    SessionErased(**OF_SESSIONS),
    ChildSessionCreated(**OF_CHILDREN, customer_id="ana"),
    ChildSessionEnded(**OF_CHILDREN, customer_id="ana", reason=EndReason.OPERATOR),
    ChildSessionExpired(**OF_CHILDREN, expired_at=MOMENT),
    ChildSessionErased(**OF_CHILDREN),
]


def delivered(event: SessionEvent) -> dict[str, Any]:
    """The event as EventBridge hands it to a target."""
    given = entry(event, "bus")
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": given["DetailType"],
        "source": given["Source"],
        "account": "123456789012",
        "time": "2040-01-01T12:00:01Z",
        "region": "us-east-1",
        "resources": [],
        "detail": json.loads(given["Detail"]),
    }


def with_detail(**changes: Any) -> dict[str, Any]:
    """An end whose detail is changed; without what is None."""
    told = delivered(EVENTS[2])
    detail = told["detail"] | changes
    return told | {"detail": {name: value for name, value in detail.items() if value is not None}}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_arrives_as_it_was_sent(event: SessionEvent) -> None:
    assert read_event(delivered(event)) == event


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_detail_has_texts_and_numbers_that_every_json_reader_keeps(event: SessionEvent) -> None:
    detail = delivered(event)["detail"]

    assert all(isinstance(value, str) for name, value in detail.items() if name != "version")
    assert (detail["sequence_number"], detail["time"]) == (str(NUMBER), "2040-01-01T12:00:01.500000Z")
    assert ("child_session_id" in detail) is event.type.startswith("child_session.")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_only_the_event_of_an_erasure_says_not_whose_it_was(event: SessionEvent) -> None:
    assert ("customer_id" in vars(event)) is not event.type.endswith(".erased")


def test_sequence_numbers_compare_as_integers_and_their_order_as_texts() -> None:
    shorter, longer = (SessionErased(**OF_SESSIONS | {"sequence_number": each}) for each in (999, 1_000))

    assert shorter.sequence_number < longer.sequence_number
    assert str(shorter.sequence_number) > str(longer.sequence_number)
    assert shorter.order < longer.order
    assert len(shorter.order) == 40


def test_what_a_newer_version_adds_is_left_out() -> None:
    event = read_event(with_detail(region="eu-west-1", reason="policy"))

    assert isinstance(event, SessionEnded)
    assert event.reason == "policy"


def test_a_known_reason_is_a_member() -> None:
    event = read_event(with_detail(reason="operator"))

    assert isinstance(event, SessionEnded)
    assert event.reason is EndReason.OPERATOR


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    text = MOMENT.astimezone(timezone(timedelta(hours=2))).isoformat()

    assert (read_event(with_detail(time=text)).time, read_event(with_detail(time=text)).time.tzinfo) == (MOMENT, UTC)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_the_schema_has_every_event_and_each_of_its_fields(event: SessionEvent) -> None:
    told = delivered(event)

    SCHEMA.validate(told)
    described = SCHEMA.schema["$defs"][type(event).__name__]
    assert told["detail"].keys() <= described["properties"].keys()
    for name in told["detail"]:
        less = told | {"detail": {each: value for each, value in told["detail"].items() if each != name}}
        assert SCHEMA.is_valid(less) is (name == "customer_id")


@pytest.mark.parametrize(
    "changes", [{"sequence_number": NUMBER}, {"version": "2"}, {"time": 7}, {"reason": 7}, {"customer_id": None}]
)
def test_the_schema_refuses_what_readers_refuse(changes: dict[str, Any]) -> None:
    told = delivered(EVENTS[2])

    assert not SCHEMA.is_valid(told | {"detail": told["detail"] | changes})
    assert not SCHEMA.is_valid(told | {"source": "aws.ec2"})
    assert not SCHEMA.is_valid(told | {"detail-type": "session.moved"})


FOREIGN: Final[dict[str, Any]] = {
    "of another source": delivered(EVENTS[0]) | {"source": "aws.ec2"},
    "of an unknown type": delivered(EVENTS[0]) | {"detail-type": "session.moved"},
    "of a type that is no text": delivered(EVENTS[0]) | {"detail-type": ["session.created"]},
    "a request": {"version": "2.0", "routeKey": "GET /"},
    "nothing": {},
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_event_is_an_error_that_says_what_it_must_be(what: str) -> None:
    with pytest.raises(InvalidInputError, match="must be of the source session-store and one of the types session"):
        read_event(FOREIGN[what])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("session_id", None),
        ("session_id", 7),
        ("session_id", ""),
        ("customer_id", 7),
        ("version", None),
        ("version", "2"),
        ("version", True),
        ("sequence_number", 7),
        ("sequence_number", "-1"),
        ("sequence_number", "9" * 41),
        ("time", "yesterday"),
        ("time", "2040-01-01T12:00:01"),
        ("time", 7),
        ("reason", None),
        ("reason", 7),
    ],
)
def test_a_field_that_is_wrong_or_missing_is_named_and_not_quoted(field: str, value: object) -> None:
    with pytest.raises(InvalidInputError, match=f"event.detail.{field}: must be a") as refused:
        read_event(with_detail(**{field: value}))
    assert refused.value.shown_value == ""


@pytest.mark.parametrize("event", EVENTS[5:], ids=lambda event: event.type)
def test_a_child_has_an_id(event: SessionEvent) -> None:
    told = delivered(event)
    del told["detail"]["child_session_id"]

    with pytest.raises(InvalidInputError, match=r"event\.detail\.child_session_id"):
        read_event(told)


@pytest.mark.parametrize("detail", [None, "text", [], 7])
def test_an_event_without_a_detail_is_an_error(detail: object) -> None:
    with pytest.raises(InvalidInputError, match=r"event\.detail\.session_id"):
        read_event(delivered(EVENTS[0]) | {"detail": detail})
