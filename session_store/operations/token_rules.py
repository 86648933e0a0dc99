"""The rotation rules as plain decisions: the standing of a presented secret, and what follows from it.

The session goes by one secret, the head of its epoch. Each presenter of it who is due gets a successor of its own, made
without a write. The first use of a successor is recorded, and decides which one counts:

- The head is accepted until the grace is over after that first use. Before that use it is accepted without limit,
  because the replies that carried successors may all have been lost.
- Another successor is accepted when it was issued at the earliest twice the grace before the first use. Pages that load
  side by side get one each.
- The first successor that is used later than twice the grace after the first use becomes the head of the next epoch.
- Any other secret of the family is theft.

So a thief gains nothing by throwing successors away, and nothing by collecting them. As soon as the owner has used one,
and made one more request after twice the grace, the next use by the thief is theft, or else the owner's next is. An
honest browser whose round trips stay below the grace is never taken for one (`tests/rotation` simulates both).
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from session_store.tokens import same

if TYPE_CHECKING:
    from session_store.storage.records import TokenRecord
    from session_store.tokens import Token

_GRACES: Final = 2  # how many of them successors have, before the first use and after it


class Standing(Enum):
    """How a presented secret stands to its session."""

    HEAD = auto()  # the session goes by it, and no successor has been used
    PREVIOUS = auto()  # a successor has been used a moment ago
    FIRST = auto()  # a successor, the first to be used
    SUCCESSOR = auto()  # a successor beside the one that was used first, or that one itself
    DECIDES = auto()  # a successor that the session goes by from now on
    REUSED = auto()  # the right family, any other secret: theft
    FOREIGN = auto()  # another family: its sender knows an id and no more


ROTATING: Final = (Standing.FIRST, Standing.DECIDES)
"""The use of such a secret is written down."""


def standing_of(token: Token, record: TokenRecord, now: int, grace: int) -> Standing:
    """Judge a presented secret.

    Args:
        token: the token that was presented.
        record: of the session, or child session, that it names.
        now: epoch seconds.
        grace: seconds.
    """
    if record.head is None or not same(record.family_hash, token.family_hash):
        return Standing.FOREIGN
    if not same(record.head, token.token_hash):
        return _standing_of_successor(token, record, now, grace)
    if record.first_used_at is None:
        return Standing.HEAD
    return Standing.PREVIOUS if now < record.first_used_at + grace else Standing.REUSED


def _standing_of_successor(token: Token, record: TokenRecord, now: int, grace: int) -> Standing:
    issued_at = token.issued_at(record.rotation_key or b"", record.epoch + 1)
    if issued_at is None:
        return Standing.REUSED
    used_at = record.first_used_at
    if used_at is None:
        return Standing.FIRST
    if issued_at < used_at - _GRACES * grace and not same(record.first_used, token.token_hash):
        return Standing.REUSED
    return Standing.SUCCESSOR if now <= used_at + _GRACES * grace else Standing.DECIDES


def is_due(token: Token, record: TokenRecord, created_at: int, now: int, interval: int) -> bool:
    """Whether the head has been in use for the interval.

    Args:
        token: with the head's secret.
        record: of its session.
        created_at: of its session, epoch seconds.
        now: epoch seconds.
        interval: seconds. 0 for never.
    """
    since = created_at if record.epoch == 0 else token.time
    return interval > 0 and now - since >= interval
