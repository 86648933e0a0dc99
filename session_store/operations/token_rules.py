"""The rotation rules as plain decisions: what a presented secret is, and what may follow from it."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from session_store.tokens import same

if TYPE_CHECKING:
    from session_store.storage.items import TokenRecord
    from session_store.tokens import Token


class Secret(Enum):
    """What a presented secret is to the session."""

    CURRENT = auto()
    PREVIOUS = auto()  # replaced, and still accepted
    REUSED = auto()  # the right family, any other secret: theft
    FOREIGN = auto()  # another family: whoever sent it knows an id and no more


def recognise(token: Token, record: TokenRecord, now: int, grace: int) -> Secret:
    """Tell what a presented secret is.

    A previous secret is accepted until `grace` seconds after the first use of its successor; before that first use
    without limit, because the reply that carried the successor may have been lost.
    """
    if not same(record.family_hash, token.family_hash):
        return Secret.FOREIGN
    if same(record.token_hash, token.token_hash):
        return Secret.CURRENT
    accepted = record.confirmed_at is None or now < record.confirmed_at + grace
    if accepted and same(record.previous_token_hash, token.token_hash):
        return Secret.PREVIOUS
    return Secret.REUSED


def may_rotate(secret: Secret, record: TokenRecord, now: int, grace: int) -> bool:
    """Whether a rotation gives out a new secret: not within the grace window after the last one.

    The current secret may always rotate after it; a previous one only while its successor was never used.
    """
    settled = record.rotated_at is None or now - record.rotated_at >= grace
    never_used = record.confirmed_at is None
    return settled and (secret is Secret.CURRENT or (secret is Secret.PREVIOUS and never_used))


def confirms(secret: Secret, record: TokenRecord) -> bool:
    """Whether this is the first use of a rotated secret."""
    return secret is Secret.CURRENT and record.rotated_at is not None and record.confirmed_at is None
