"""Rotation: a successor of the presented secret, made without a write. The rules are in `token_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.model import Rotation
from session_store.operations import token_rules
from session_store.operations.context import seconds
from session_store.operations.token_rules import Standing
from session_store.operations.validate import admitted, record_use

if TYPE_CHECKING:
    from session_store.operations.context import Context
    from session_store.operations.validate import Requirements


def rotate(context: Context, text: str, required: Requirements) -> Rotation:
    """A successor, unless one is in use already: then the presented secret stays good."""
    rows = context.storage.rows()
    presented, standing, now = admitted(context, rows, text, required)
    presented = record_use(context, rows, presented, standing, extend_to=None)
    grace = seconds(context.settings.rotation_grace)
    if token_rules.standing_of(presented.token, presented.record, now, grace) is not Standing.HEAD:
        return Rotation(None)
    return Rotation(presented.successor(now))
