"""The public operations as participants of a search, each with what it means for the properties."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

from session_store import ConflictError, Progress, Session, SessionStore
from session_store.data.types import JSONObject
from tests.interleavings.world import CUSTOMER, ROOT_FIRST, Beginning


class Subject(Enum):
    """Whose life an operation is about."""

    SESSION = auto()
    ELSEWHERE = auto()
    CHILD = auto()


SESSION, ELSEWHERE, CHILD = Subject
Save = Callable[["JSONObject"], "JSONObject | None"]


@dataclass(frozen=True)
class Operation:
    """One public operation."""

    name: str
    run: Callable[[SessionStore, Beginning], Any]
    ends: AbstractSet[Subject] = frozenset()  # over once it is acknowledged
    lags: bool = False  # it finds some of them by the index: one that it does not show is over at its next extension
    closes: bool = False
    erases: bool = False
    may_end: AbstractSet[Subject] = frozenset()  # by the way, promising nothing
    admits: Subject | None = None  # success means that this was live
    silent: bool = False  # it is no activity
    strict: bool = False  # it checks the customer's generation in any case
    serves: Subject | None = None  # success with a value means that this was shown
    save: Save | None = None  # on the data; None when it cannot go with what is there
    changes: AbstractSet[str] = frozenset()  # keys of the data
    meets: AbstractSet[str] = frozenset()  # changes of these by others may refuse it; of no others
    carries: bool = False
    creates: Subject | None = None  # success is a new session of the customer, or a new child
    settings: dict[str, Any] = field(default_factory=dict)  # of the store that runs it

    def __str__(self) -> str:
        return self.name


def _set(key: str, value: int) -> Save:
    return lambda data: {**data, key: value}


def _add(key: str, by: int) -> Save:
    return lambda data: {**data, key: data.get(key, 0) + by}


def _with_root_first(store: SessionStore, beginning: Beginning) -> Any:
    ROOT_FIRST.set(True)
    return store.validate(beginning.child_token, child=True)


def _is_listed(store: SessionStore, beginning: Beginning) -> bool:
    return beginning.id in {session.session_id for session in store.get_customer_sessions(CUSTOMER).sessions}


def _end_all_but(store: SessionStore, kept: Session) -> Progress:
    return store.end_customer_sessions(CUSTOMER, except_session_id=kept.session_id)


def _taken(value: int | None) -> int:
    if value is None:
        raise ConflictError("not taken")
    return value


def _without_left(data: JSONObject) -> JSONObject | None:
    return {key: value for key, value in data.items() if key != "left"} if "left" in data else None


_LEFT: Final = frozenset({"left"})
_RIGHT: Final = frozenset({"right"})
_VISITS: Final = frozenset({"visits"})
_ANY: Final = _LEFT | _RIGHT | _VISITS | {"state"}
_ALL: Final = {SESSION, ELSEWHERE}

READS: Final = (
    Operation("validate", lambda store, b: store.validate(b.token), admits=SESSION),
    Operation("validate strictly", lambda store, b: store.validate(b.token, strict=True), admits=SESSION, strict=True),
    Operation("poll", lambda store, b: store.validate(b.token, activity="none"), admits=SESSION, silent=True),
    Operation("validate child", lambda store, b: store.validate(b.child_token, child=True), admits=CHILD),
    Operation("validate child, root read first", _with_root_first, admits=CHILD),
    Operation("get_session", lambda store, b: store.get_session(b.id), serves=SESSION),
    Operation("get_child_sessions", lambda store, b: store.get_child_sessions(b.id), serves=SESSION),
    Operation("get_session_by_child", lambda store, b: store.get_session_by_child(b.child_id), serves=CHILD),
    Operation("get_customer_sessions", _is_listed, serves=SESSION),
)

ROTATIONS: Final = (
    Operation("rotate", lambda store, b: store.rotate(b.token), admits=SESSION),
    Operation("rotate child", lambda store, b: store.rotate(b.child_token, child=True), admits=CHILD),
)

EXTENSIONS: Final = (
    Operation("extend_session", lambda store, b: store.extend_session(b.id), admits=SESSION, strict=True),
)

SAVES: Final = (
    Operation(
        "save left",
        lambda store, b: store.update_data(b.id, {"left": 1}),
        save=_set("left", 1),
        changes=_LEFT,
        meets=_LEFT,
    ),
    Operation(
        "save left as read",
        lambda store, b: store.save_changes(b.session, {"left": 2}),
        save=_set("left", 2),
        changes=_LEFT,
        meets=_LEFT,
    ),
    Operation(
        "save right",
        lambda store, b: store.update_data(b.id, {"right": 1}),
        save=_set("right", 1),
        changes=_RIGHT,
        meets=_RIGHT,
    ),
    Operation(
        "take left", lambda store, b: _taken(store.take(b.id, "left")), save=_without_left, changes=_LEFT, meets=_LEFT
    ),
    Operation(
        "save left, last write wins",
        lambda store, b: store.update_data(b.session, {"left": 3}, last_write_wins=True),
        save=_set("left", 3),
        changes=_LEFT,
    ),
    Operation(
        "replace data",
        lambda store, b: store.replace_data(b.session, {"new": 1}, version=1),
        save=lambda _: {"new": 1},
        changes=_ANY,
        meets=_ANY,
    ),
    Operation("increment", lambda store, b: store.increment(b.id, "visits"), save=_add("visits", 1), changes=_VISITS),
    Operation(
        "increment as read",
        lambda store, b: store.increment(b.session, "visits", 2),
        save=_add("visits", 2),
        changes=_VISITS,
    ),
    Operation(
        "set to closing",
        lambda store, b: store.update_data(b.id, {}, closing=True),
        save=dict,
        changes={"state"},
        closes=True,
        may_end={SESSION},
    ),
)

ENDS: Final = (
    Operation("end_session", lambda store, b: store.end_session(b.id), ends={SESSION}),
    Operation("end_child_session", lambda store, b: store.end_child_session(b.id, b.child_id), ends={CHILD}),
    Operation("end all", lambda store, _: store.end_customer_sessions(CUSTOMER), ends=_ALL, lags=True),
    Operation("end all but this", lambda store, b: _end_all_but(store, b.session), ends={ELSEWHERE, CHILD}, lags=True),
    Operation("end all but the other", lambda store, b: _end_all_but(store, b.elsewhere), ends={SESSION}, lags=True),
    Operation("purge", lambda store, _: store.erase_customer(CUSTOMER), ends=_ALL, lags=True, erases=True),
)

STARTS: Final = (
    Operation("create", lambda store, _: store.create_session(CUSTOMER), creates=SESSION),
    Operation(
        "create in place of it",
        lambda store, b: store.create_session(CUSTOMER, replaces=b.token, carry_data=True),
        ends={SESSION},
        carries=True,
        creates=SESSION,
    ),
    Operation(
        "create, one too many",
        lambda store, _: store.create_session(CUSTOMER),
        creates=SESSION,
        may_end=_ALL,
        settings={"max_sessions_per_customer": 2},
    ),
    Operation("create child", lambda store, b: store.create_child_session(b.session), creates=CHILD),
)

OPERATIONS: Final = (*READS, *ROTATIONS, *EXTENSIONS, *SAVES, *ENDS, *STARTS)
BY_NAME: Final = {operation.name: operation for operation in OPERATIONS}
