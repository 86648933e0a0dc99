"""The record that an observer gets of each call of a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import FunctionType
from typing import Any

import pytest

from session_store import (
    ConflictError,
    EndReason,
    InvalidInputError,
    InvalidTokenError,
    Metric,
    Observation,
    Outcome,
    SessionNotFoundError,
    SessionStore,
    SessionStoreError,
    StoreConfigurationError,
    ThrottledError,
    TokenReuseError,
)
from session_store import errors as all_errors
from session_store.kernel.problems import PROBLEMS
from session_store.observing import outcome_of
from session_store.testing import MovableClock, create_table
from session_store.testing.memory_engine import MemoryClient
from tests.support.faults import FOREVER
from tests.support.methods import METHODS
from tests.support.scene import Scene, SignedIn

NAMES = [name for name, found in vars(SessionStore).items() if isinstance(found, FunctionType) and name[0] != "_"]
UNKNOWN = "018813f5-0000-7000-8000-000000000000"


class Watched:
    """A store with an observer, on the scene's table and clock."""

    def __init__(self, scene: Scene) -> None:
        self.seen: list[Observation] = []
        self.scene = scene
        self.store = scene.store_with(observer=self.seen.append)

    def last(self, call: Callable[[SessionStore], Any], error: type[BaseException] | None = None) -> Observation:
        """The one record of a call, which may have to raise an error."""
        self.seen.clear()
        if error is None:
            call(self.store)
        else:
            with pytest.raises(error):
                call(self.store)
        (observation,) = self.seen
        return observation


@pytest.fixture
def watched(scene: Scene) -> Watched:
    return Watched(scene)


@pytest.mark.parametrize("name", METHODS)
def test_each_call_of_a_method_is_one_record(watched: Watched, signed_in: SignedIn, name: str) -> None:
    seen = watched.last(lambda store: METHODS[name](store, signed_in))

    assert name.startswith(seen.method) or name.split(maxsplit=1)[0] in {"validate", "rotate"}
    assert (seen.outcome, seen.error, seen.table_name) == (Outcome.OK, "", watched.scene.table_name)
    ends_several = {"end_customer_sessions", "end_by_provider_logout", "erase_customer"}
    assert (seen.session_id is None) is (seen.method in {"get_customer_sessions", "get_last_login_time", *ends_several})
    assert seen.read_units + seen.write_units > 0
    with pytest.raises(AttributeError):
        seen.method = "another"  # type: ignore[misc]
    with pytest.raises(TypeError):
        seen.counts["Created"] = 5  # type: ignore[index]


def test_every_public_method_is_observed_and_only_with_an_observer(watched: Watched) -> None:
    assert [name for name in NAMES if name not in vars(watched.store)] == []
    assert [name for name in NAMES if name in vars(watched.scene.store)] == []


def test_reads_without_an_observer_do_not_ask_for_units(scene: Scene, watched: Watched) -> None:
    token = scene.store.create_session("ana").token
    scene.store.validate(token)
    watched.store.validate(token)
    first, second = [call.parameters for call in scene.faults.calls if call.operation == "Query"]

    assert ("ReturnConsumedCapacity" in first, "ReturnConsumedCapacity" in second) == (False, True)


def test_what_happens_is_counted_by_name(watched: Watched) -> None:
    store, clock = watched.store, watched.scene.clock

    def counts(call: Callable[[], object]) -> dict[str, int]:
        return dict(watched.last(lambda _: call()).counts)

    created = store.create_session("ana")
    assert counts(lambda: store.create_session("ana", replaces=created.token)) == {
        "Created": 1,
        "Ended": 1,
        "EndedReplaced": 1,
    }
    token = store.create_session("ana").token
    session = store.validate(token)
    assert counts(lambda: store.create_child_session(session)) == {"ChildCreated": 1}
    child_id = store.create_child_session(session).child.child_session_id
    assert counts(lambda: store.end_child_session(session.session_id, child_id)) == {"ChildEnded": 1}
    assert counts(lambda: store.validate(token)) == {"Validated": 1}
    new = store.rotate(token).token or ""
    assert counts(lambda: store.validate(new)) == {"Validated": 1, "Rotated": 1}
    clock.advance(timedelta(minutes=10))
    assert counts(lambda: store.validate(new)) == {"Validated": 1, "Refreshed": 1}
    clock.advance(timedelta(minutes=1))
    assert counts(lambda: store.extend_session(session)) == {"Refreshed": 1}
    another = store.rotate(new).token or ""
    clock.advance(timedelta(minutes=10))
    assert counts(lambda: store.validate(another)) == {"Validated": 1, "Refreshed": 1, "Rotated": 1}
    assert counts(lambda: store.end_session(session)) == {"Ended": 1, "EndedSignedOut": 1}
    assert counts(lambda: store.end_session(session)) == {}


def test_every_reason_of_an_end_has_a_metric(watched: Watched) -> None:
    names = [Metric.of_end(reason) for reason in EndReason]
    assert {*names} == {name for name in Metric if name.startswith("Ended") and name != Metric.ENDED}

    for reason in EndReason:
        watched.store.end_session(watched.store.create_session().session, reason=reason)
        assert watched.seen[-1].counts == {"Ended": 1, Metric.of_end(reason): 1}


def test_a_theft_is_counted_as_an_incident_and_an_end(watched: Watched, signed_in: SignedIn) -> None:
    watched.store.validate(signed_in.new_token)
    watched.scene.clock.advance(timedelta(minutes=10))
    seen = watched.last(lambda store: store.validate(signed_in.token), TokenReuseError)

    assert seen.counts == {"TokenReused": 1, "Ended": 1, "EndedTheft": 1, "ValidationRefused": 1}
    assert (seen.session_id, seen.refusal) == (signed_in.id, "reused")
    assert [incident.session_id for incident in seen.incidents] == [signed_in.id]


def replace_at_another_version(store: SessionStore) -> None:
    store.replace_data(store.create_session().session, {}, version=9)


@pytest.mark.parametrize(
    ("call", "error", "outcome"),
    [
        (lambda store: store.validate("no token"), InvalidTokenError, Outcome.REFUSED),
        (lambda store: store.get_session(""), InvalidInputError, Outcome.BAD_REQUEST),
        (lambda store: store.update_data(UNKNOWN, {}), SessionNotFoundError, Outcome.NOT_FOUND),
        (replace_at_another_version, ConflictError, Outcome.CONFLICT),
    ],
)
def test_an_error_gives_the_outcome(watched: Watched, call: Any, error: type[Exception], outcome: Outcome) -> None:
    with pytest.raises(error):
        call(watched.store)
    seen = watched.seen[-1]

    of_outcome = {Outcome.REFUSED: {"ValidationRefused": 1}, Outcome.CONFLICT: {"Conflicts": 1}}
    assert (seen.outcome, dict(seen.counts)) == (outcome, of_outcome.get(outcome, {}))
    assert issubclass(getattr(all_errors, seen.error), error)


@pytest.mark.parametrize(
    ("code", "error", "outcome"),
    [
        ("ThrottlingException", ThrottledError, Outcome.THROTTLED),
        ("InternalServerError", SessionStoreError, Outcome.UNAVAILABLE),
        ("AccessDeniedException", StoreConfigurationError, Outcome.FAILED),
    ],
)
def test_a_fault_gives_the_outcome(watched: Watched, code: str, error: type[Exception], outcome: Outcome) -> None:
    watched.scene.faults.refuse(None, code, times=FOREVER)
    seen = watched.last(lambda store: store.create_session(), error)

    assert (seen.outcome, seen.counts, seen.write_units) == (outcome, {}, 0)
    assert (seen.retries > 0) is (outcome is not Outcome.FAILED)


def test_every_error_has_the_outcome_that_its_status_has_in_the_lines() -> None:
    of_status = {400: "bad_request", 401: "refused", 403: "refused", 404: "not_found", 409: "conflict"}
    of_status |= {412: "conflict", 413: "bad_request", 422: "bad_request"}
    ours = [kind for kind in PROBLEMS if kind.__module__ == all_errors.__name__]

    assert len(ours) > 10
    for kind in ours:
        if (status := PROBLEMS[kind].status) < 500:
            assert outcome_of(kind.__new__(kind)) == of_status[status], kind


def test_retries_are_counted_and_their_time_too(watched: Watched) -> None:
    watched.scene.faults.throttle("PutItem", times=2)
    seen = watched.last(lambda store: store.create_session())

    assert (seen.retries, seen.outcome, seen.seconds > 0) == (2, Outcome.OK, True)


@pytest.mark.parametrize(
    ("operation", "call", "name"),
    [
        ("PutItem", lambda store, _: store.create_session(), "Created"),
        ("TransactWriteItems", lambda store, s: store.create_session("ana", replaces=s.token), "EndedReplaced"),
        ("TransactWriteItems", lambda store, s: store.create_child_session(s.id), "ChildCreated"),
        ("UpdateItem", lambda store, s: store.end_session(s.id), "Ended"),
    ],
)
def test_what_a_lost_reply_has_done_counts_once(
    watched: Watched, signed_in: SignedIn, operation: str, call: Any, name: str
) -> None:
    watched.scene.faults.lose_reply(operation, times=1)
    seen = watched.last(lambda store: call(store, signed_in))

    assert (seen.counts[name], seen.retries) == (1, 1)


class SaysUnits(MemoryClient):
    """Says something of its own about the units of a read, and of a transaction."""

    def __init__(self, said: object) -> None:
        super().__init__()
        self.said = said

    def query(self, **parameters: Any) -> dict[str, Any]:
        return super().query(**parameters) | {"ConsumedCapacity": self.said}

    def transact_write_items(self, **parameters: Any) -> dict[str, Any]:
        return super().transact_write_items(**parameters) | {"ConsumedCapacity": self.said}


def observed_by(client: MemoryClient, seen: list[Observation]) -> SessionStore:
    create_table(client, "sessions")
    return SessionStore("sessions", dynamodb_client=client, clock=MovableClock(), observer=seen.append)


@pytest.mark.parametrize("said", [None, {}, [], "many", [5], {"CapacityUnits": "x"}, [{"CapacityUnits": None}]])
def test_units_that_are_none_do_not_spoil_a_reply(said: object) -> None:
    seen: list[Observation] = []
    store = observed_by(SaysUnits(said), seen)
    store.validate(store.create_session().token)

    assert (seen[-1].outcome, seen[-1].read_units) == (Outcome.OK, 0)


def test_a_repeated_transaction_is_answered_with_units_of_reading() -> None:
    """So DynamoDB does when it had taken effect."""
    seen: list[Observation] = []
    store = observed_by(SaysUnits([{"CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}]), seen)
    store.create_child_session(store.create_session().session)

    assert (seen[-1].read_units, seen[-1].write_units) == (4, 0)


def test_the_units_and_ends_of_threads_belong_to_the_call(watched: Watched) -> None:
    for _ in range(25):
        watched.store.create_session("ana")
    seen = watched.last(lambda store: store.end_customer_sessions("ana"))

    assert seen.counts == {"Ended": 25, "EndedAllEnded": 25}
    assert seen.write_units == 25 + 2


def test_a_call_within_a_call_has_a_record_and_units_of_its_own(watched: Watched, signed_in: SignedIn) -> None:
    def check(_: object) -> None:
        watched.store.get_session(signed_in.id)

    watched.store.update_data(signed_in.id, {"a": 1}, check=check)

    assert [(each.method, each.read_units, each.write_units) for each in watched.seen] == [
        ("get_session", 1, 0),
        ("update_data", 1, 1),
    ]


def test_a_store_without_an_observer_counts_in_no_other_stores_record(watched: Watched, signed_in: SignedIn) -> None:
    def check(_: object) -> None:
        watched.scene.other.create_session("ben")

    seen = watched.last(lambda store: store.update_data(signed_in.id, {"a": 1}, check=check))

    assert (seen.read_units, seen.write_units, seen.counts) == (1, 1, {})


def test_a_customers_id_is_not_told_even_if_it_looks_like_a_sessions(watched: Watched) -> None:
    for call in (
        lambda store: store.get_customer_sessions(UNKNOWN),
        lambda store: store.end_customer_sessions(customer_id=UNKNOWN),
        lambda store: store.create_session(UNKNOWN),
    ):
        assert UNKNOWN not in repr(watched.last(call))


def test_an_observer_that_raises_changes_no_outcome_and_is_logged(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    def careless(_: Observation) -> None:
        raise ZeroDivisionError

    store = scene.store_with(observer=careless)
    token = store.create_session("ana").token

    assert store.validate(token).customer_id == "ana"
    with pytest.raises(InvalidTokenError):
        store.validate("no token")
    assert caplog.text.count("the observer raised, method=validate") == 2


def test_a_slow_observer_takes_no_time_of_the_store(scene: Scene) -> None:
    seen: list[Observation] = []

    def slow(observation: Observation) -> None:
        scene.clock.advance(timedelta(seconds=30))
        seen.append(observation)

    store = scene.store_with(observer=slow)
    store.validate(store.create_session("ana").token)

    assert [each.seconds for each in seen] == [0, 0]
