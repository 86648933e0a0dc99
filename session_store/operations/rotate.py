"""Rotation: a new secret by one conditional change. The rules are in `token_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from session_store import tokens
from session_store.errors import ConflictError
from session_store.model import Rotation
from session_store.operations import admission, token_rules
from session_store.operations.context import seconds
from session_store.operations.token_rules import Standing
from session_store.operations.validate import record_use
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError

if TYPE_CHECKING:
    from session_store.model import Session
    from session_store.operations.admission import Presented
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.records import SessionRecord
    from session_store.tokens import Token

_TRIES: Final = 4


def rotate(context: Context, text: str) -> Rotation:
    """Replace the secret, unless it was replaced within the grace window: then the presented one stays good."""
    token = tokens.parse(text)
    rows = context.storage.rows()
    presented = admission.load(rows, token)
    successor = token.rotated()
    for _ in range(_TRIES):
        now = context.now()
        standing = admission.admit(context, rows, presented, now)
        if not token_rules.may_rotate(standing, presented.record, now, seconds(context.settings.rotation_grace)):
            record_use(context, rows, presented, standing, extend_to=None)
            return Rotation(None)
        try:
            rows.change(_replacement(presented, standing, successor, now))
        except ConditionFailedError as failure:
            presented = presented.updated(failure.records[0])
            if not tokens.same(presented.record.token_hash, successor.token_hash):
                continue  # another request was first: judge the current state
        return Rotation(successor.encode())
    raise ConflictError("the token kept being rotated by others")


def is_due(context: Context, session: Session) -> bool:
    """Whether the last rotation, or else the creation, is longer ago than the interval. Never for a visitor's session.

    The sign-in ends that one, and an answer to a request from before it would overwrite the sign-in's cookie.
    """
    record = cast("SessionRecord | None", session.snapshot)
    interval = context.settings.rotation_interval
    if record is None or interval is None or session.customer_id is None:
        return False
    return context.now() - (record.token.rotated_at or record.created_at) >= seconds(interval)


def _replacement(presented: Presented, standing: Standing, successor: Token, now: int) -> Change:
    """The one change. The presented secret stays accepted until the new one has been used.

    A previous secret may rotate only while its successor was never used: that use may come in between.
    """
    values: dict[str, Value] = {
        "previous_token_hash": presented.token.token_hash,
        "token_hash": successor.token_hash,
        "rotated_at": now,
        "confirmed_at": None,
    }
    state = conditions.active() if presented.child else conditions.live(now)
    condition = state & conditions.token_hash_is(presented.record.token_hash or b"")
    if standing is Standing.PREVIOUS:
        condition &= conditions.not_confirmed()
    return Change(presented.key, values, condition)
