"""Rotation: a successor of the presented secret, made without a write. The rules are in `token_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.errors import InvalidTokenError, Refusal
from session_store.model import Rotation
from session_store.operations import admission, token_rules
from session_store.operations.end import children_ended
from session_store.operations.token_rules import Standing
from session_store.operations.validate import validated
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError

if TYPE_CHECKING:
    from session_store.operations.admission import Presented
    from session_store.operations.context import Context
    from session_store.operations.validate import Requirements
    from session_store.storage.port import Rows


def rotate(context: Context, text: str, required: Requirements, *, end_children: bool) -> Rotation:
    """A successor, unless one is in use already: then the presented secret stays good. Activity, like every use."""
    rows = context.storage.rows()
    presented, _, now = validated(context, rows, text, required)
    if end_children:
        _end_children(context, rows, presented, now)
    if token_rules.standing_of(presented.token, presented.record, now, context.grace) is not Standing.HEAD:
        return Rotation(None)
    return Rotation(presented.successor(now))


def _end_children(context: Context, rows: Rows, presented: Presented, now: int) -> None:
    """Done again after a lost reply. It ends no more than what it was asked to end, and what started meanwhile."""
    try:
        rows.change(Change(presented.root.key, children_ended(), conditions.live(now)))
    except ConditionFailedError as failure:
        admission.admit(context, rows, presented.updated(failure.records[0]), context.now())
        raise InvalidTokenError(Refusal.EXPIRED, session_id=presented.token.session_id) from None  # by `now`
