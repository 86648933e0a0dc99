"""Rotation: a new secret by one conditional update. The rules are in `token_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store import tokens
from session_store.errors import ConflictError
from session_store.model import Rotation
from session_store.operations import admission, token_rules
from session_store.operations.context import seconds
from session_store.operations.token_rules import Secret
from session_store.operations.validate import touch
from session_store.storage import conditions
from session_store.storage.attribute_values import binary, number
from session_store.storage.dynamodb import ConditionFailedError, Update

if TYPE_CHECKING:
    from session_store.model import Session
    from session_store.operations.admission import Holder
    from session_store.operations.context import Context
    from session_store.storage.attribute_values import AttributeValue
    from session_store.tokens import Token

_TRIES: Final = 4


def rotate(context: Context, text: str) -> Rotation:
    """Replace the secret, unless it was replaced within the grace window: then the presented one stays good."""
    token = tokens.parse(text)
    call = context.table.call()
    holder = admission.load(call, token)
    successor = token.rotated()
    for _ in range(_TRIES):
        secret = admission.admit(context, call, holder)
        now = context.now()
        if not token_rules.may_rotate(secret, holder.record, now, seconds(context.settings.rotation_grace)):
            touch(context, call, holder, secret, refresh_to=None)
            return Rotation(None)
        try:
            call.update(_replacement(holder, secret, successor, now))
        except ConditionFailedError as failure:
            holder = holder.with_row(failure.item)
            if not tokens.same(holder.record.token_hash, successor.token_hash):
                continue  # somebody else was first: judge what is there now
        return Rotation(successor.encode())
    raise ConflictError("the token kept being rotated by others")


def is_due(context: Context, session: Session) -> bool:
    """Whether the last rotation, or else the creation, is longer ago than the interval. Never for a visitor's session.

    The sign-in ends that one, and an answer to a request from before it would overwrite the sign-in's cookie.
    """
    record, interval = session.remembered, context.settings.rotation_interval
    if record is None or interval is None or session.customer_id is None:
        return False
    return context.now() - (record.token.rotated_at or record.created_at) >= seconds(interval)


def _replacement(holder: Holder, secret: Secret, successor: Token, now: int) -> Update:
    """The one update. The presented secret stays accepted until the new one has been used.

    A previous secret may rotate only while its successor was never used: that use may come in between.
    """
    assignments: dict[str, AttributeValue | None] = {
        "previous_token_hash": binary(holder.token.token_hash),
        "token_hash": binary(successor.token_hash),
        "rotated_at": number(now),
        "confirmed_at": None,
    }
    state = conditions.active() if holder.child else conditions.live(now)
    condition = state & conditions.token_hash_is(holder.record.token_hash or b"")
    if secret is Secret.PREVIOUS:
        condition &= conditions.not_confirmed()
    return Update(holder.key, assignments, condition.expression, condition.values)
