"""Conditions of writes: each clause has a name, and the values it needs come with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from session_store.model import SessionState
from session_store.storage.attribute_values import binary, number, string

if TYPE_CHECKING:
    from session_store.storage.attribute_values import AttributeValue


class Condition(NamedTuple):
    """A condition expression with its values; `&` joins two."""

    expression: str
    values: dict[str, AttributeValue]

    def __and__(self, other: Condition) -> Condition:
        return Condition(f"{self.expression} AND {other.expression}", self.values | other.values)


def active() -> Condition:
    """The session's state is `active`. Implies that the row exists."""
    return Condition("#session_state = :active", {"active": string(SessionState.ACTIVE)})


def not_expired(now: int) -> Condition:
    """The session has not run out."""
    return Condition("#expires_at > :now", {"now": number(now)})


def live(now: int) -> Condition:
    """Active and not expired: what every write to a session's life depends on."""
    return active() & not_expired(now)


def not_ended() -> Condition:
    """The row exists and is not a tombstone. The comparison alone would hold for a row that is not there."""
    return Condition(
        "attribute_exists(#session_state) AND #session_state <> :ended", {"ended": string(SessionState.ENDED)}
    )


def version_is(version: int) -> Condition:
    """Nobody has saved since."""
    return Condition("#version = :version", {"version": number(version)})


def not_refreshed_since(now: int, expires_at: int) -> Condition:
    """A refresh would move the last activity forward, and would not move the expiry back."""
    return Condition(
        "#last_seen_at < :now AND #expires_at <= :expires", {"now": number(now), "expires": number(expires_at)}
    )


def token_hash_is(token_hash: bytes) -> Condition:
    """Nobody has rotated since."""
    return Condition("#token_hash = :token_hash", {"token_hash": binary(token_hash)})


def not_confirmed() -> Condition:
    """The current secret has not been seen in use."""
    return Condition("attribute_not_exists(#confirmed_at)", {})


def generation_below(generation: int) -> Condition:
    """The session is from before the customer's sessions were ended."""
    return Condition("#generation < :generation", {"generation": number(generation)})


def generation_at_least(generation: int) -> Condition:
    """The session is not from before the customer's sessions were ended: it may be kept by the next end-all."""
    return Condition("#generation >= :generation", {"generation": number(generation)})


def no_generation() -> Condition:
    """The customer's sessions were never ended."""
    return Condition("attribute_not_exists(#generation)", {})


def generation_is(generation: int) -> Condition:
    """Nobody has ended the customer's sessions since."""
    return Condition("#generation = :known_generation", {"known_generation": number(generation)})
