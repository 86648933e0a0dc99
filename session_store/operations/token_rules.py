"""The rotation rules as plain decisions: the standing of a presented secret, and what may follow from it."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from session_store.tokens import same

if TYPE_CHECKING:
    from session_store.storage.records import TokenRecord
    from session_store.tokens import Token


class Standing(Enum):
    """How a presented secret stands to its session."""

    CURRENT = auto()
    PREVIOUS = auto()  # replaced, and still accepted
    REUSED = auto()  # the right family, any other secret: theft
    FOREIGN = auto()  # another family: its sender knows an id and no more


def standing_of(token: Token, record: TokenRecord, now: int, grace: int) -> Standing:
    """Judge a presented secret.

    A previous secret is accepted until `grace` seconds after the first use of its successor; before that first use
    without limit, because the reply that carried the successor may have been lost.
    """
    if not same(record.family_hash, token.family_hash):
        return Standing.FOREIGN
    token_hash = token.token_hash
    if same(record.token_hash, token_hash):
        return Standing.CURRENT
    accepted = record.confirmed_at is None or now < record.confirmed_at + grace
    if accepted and same(record.previous_token_hash, token_hash):
        return Standing.PREVIOUS
    return Standing.REUSED


def may_rotate(standing: Standing, record: TokenRecord, now: int, grace: int) -> bool:
    """Whether a rotation gives out a new secret: not within the grace window after the last one.

    The current secret may always rotate after it; a previous one only while its successor was never used.
    """
    settled = record.rotated_at is None or now - record.rotated_at >= grace
    never_used = record.confirmed_at is None
    return settled and (standing is Standing.CURRENT or (standing is Standing.PREVIOUS and never_used))


def confirms(standing: Standing, record: TokenRecord) -> bool:
    """Whether this is the first use of a rotated secret."""
    return standing is Standing.CURRENT and record.rotated_at is not None and record.confirmed_at is None
