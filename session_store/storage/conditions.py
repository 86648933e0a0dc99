"""Conditions of writes by name. Each is plain data. The storage behind the port turns it into its own language."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, Union

from session_store.model import SessionState

if TYPE_CHECKING:
    from session_store.storage.attribute_values import AttributeValue

# A field of the record, or a place in its data: the names on the way, from `data` on.
Field: TypeAlias = Union[str, "tuple[str, ...]"]


class Test(Enum):
    """How a field of the stored record is tested."""

    EXISTS = auto()
    ABSENT = auto()
    EQUAL = auto()
    NOT_EQUAL = auto()
    LESS = auto()
    AT_MOST = auto()
    GREATER = auto()
    AT_LEAST = auto()
    ABSENT_OR_LESS = auto()
    ABSENT_OR_GREATER = auto()
    ABSENT_OR_OF_TYPE = auto()
    OF_TYPE = auto()
    ABSENT_OR_FEWER = auto()


class Clause(NamedTuple):
    """One test of one field. A missing field passes no comparison but `NOT_EQUAL`."""

    field: Field
    test: Test
    value: str | int | bytes | AttributeValue | None = None


class Condition(NamedTuple):
    """Clauses that must all hold. `&` joins two conditions."""

    clauses: tuple[Clause, ...]

    def __and__(self, other: Condition) -> Condition:
        return Condition(self.clauses + other.clauses)


def holds(field: Field, test: Test, value: str | int | bytes | None = None) -> Condition:
    """A condition of one clause."""
    return Condition((Clause(field, test, value),))


def active() -> Condition:
    """The session's state is `active`. Implies that the row exists."""
    return _ACTIVE


def not_expired(now: int) -> Condition:
    """The session has not run out."""
    return holds("expires_at", Test.GREATER, now)


def live(now: int) -> Condition:
    """Active and not expired. Every write to a session's life depends on it."""
    return active() & not_expired(now)


def not_ended() -> Condition:
    """The row exists and is not a tombstone. The comparison alone would hold for a row that is not there."""
    return _NOT_ENDED


def version_is(version: int) -> Condition:
    """No save has come in between."""
    return holds("version", Test.EQUAL, version)


def version_at_most(version: int) -> Condition:
    """No more saves have come in between than these."""
    return holds("version", Test.AT_MOST, version)


def not_extended_since(now: int, expires_at: int) -> Condition:
    """An extension would move the last activity forward, and would not move the expiry back."""
    return holds("last_seen_at", Test.LESS, now) & holds("expires_at", Test.AT_MOST, expires_at)


def epoch_is(epoch: int) -> Condition:
    """No rotation has come in between."""
    return holds("epoch", Test.EQUAL, epoch)


def no_successor_used() -> Condition:
    """No successor of the secret that the session goes by has been used."""
    return holds("first_used_at", Test.ABSENT)


def generation_below(generation: int) -> Condition:
    """The session is from before the customer's sessions were ended."""
    return holds("generation", Test.LESS, generation)


def generation_at_least(generation: int) -> Condition:
    """The session is not from before the customer's sessions were ended. The next end-all may keep it."""
    return holds("generation", Test.AT_LEAST, generation)


def under_customer_row(row_id: bytes) -> Condition:
    """The session was created under this row of the customer."""
    return holds("customer_row", Test.EQUAL, row_id)


def created_since(moment: int) -> Condition:
    """The session was not created before a moment."""
    return holds("created_at", Test.AT_LEAST, moment)


def child_mark_is(mark: bytes | None) -> Condition:
    """The session's children were not ended since."""
    return holds("child_mark", Test.ABSENT if mark is None else Test.EQUAL, mark)


def no_customer_row() -> Condition:
    """The customer has no row, so that a write makes it and replaces none."""
    return holds("row_id", Test.ABSENT)


def customer_row_is(row_id: bytes) -> Condition:
    """The customer's row was not erased since."""
    return holds("row_id", Test.EQUAL, row_id)


def generation_is(generation: int) -> Condition:
    """The customer's sessions were not ended since."""
    return holds("generation", Test.EQUAL, generation)


def runs_out_before(ttl: int) -> Condition:
    """The row's TTL is before a moment."""
    return holds("ttl", Test.LESS, ttl)


def key_is_unused(now: int) -> Condition:
    """No call with this idempotency key is known, or the last one is too long ago."""
    return holds("ttl", Test.ABSENT_OR_LESS, now)


def made_session(session_id: str) -> Condition:
    """The last call with this idempotency key made that session."""
    return holds("session_id", Test.EQUAL, session_id)


def covered_below(generation: int) -> Condition:
    """No later end-all has got to the end of the index."""
    return holds("covered", Test.ABSENT_OR_LESS, generation)


_ACTIVE: Final = holds("session_state", Test.EQUAL, SessionState.ACTIVE)
_NOT_ENDED: Final = holds("session_state", Test.EXISTS) & holds("session_state", Test.NOT_EQUAL, SessionState.ENDED)
