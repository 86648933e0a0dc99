"""Starting sessions: plain, in place of an existing one, and child sessions."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from session_store import tokens
from session_store.errors import (
    ConflictError,
    InvalidTokenError,
    SessionNotFoundError,
    StoreUnavailableError,
)
from session_store.model import CreatedChildSession, CreatedSession, SessionState
from session_store.operations import admission, session_limit
from session_store.operations.context import find_session, seconds
from session_store.operations.end import tombstone
from session_store.storage import conditions, items, schema
from session_store.storage.attribute_values import number
from session_store.storage.dynamodb import ConditionFailedError, Update
from session_store.storage.items import ChildRecord, SessionRecord, TokenRecord
from session_store.tokens import Token

if TYPE_CHECKING:
    from session_store.checks import Reference
    from session_store.model import JSONObject, Timeouts
    from session_store.operations.context import Context
    from session_store.storage.attribute_values import Item
    from session_store.storage.dynamodb import Call

_TRIES: Final = 4


def create_session(
    context: Context,
    customer_id: str | None,
    *,
    data: JSONObject,
    client: str | None,
    timeouts: Timeouts,
    replaces: str | None,
    carry_data: bool,
) -> CreatedSession:
    """Start a session; the old one, if there is one to replace, ends in the same transaction."""
    call = context.table.call()
    old = _replaceable(context, call, replaces) if replaces is not None else None
    generation = items.read_generation(call.get(items.customer_key(customer_id))) if customer_id is not None else 0
    record, token = _new_session(context, customer_id, client, timeouts, generation)
    for _ in range(_TRIES):
        carried = old.data if old and carry_data and old.customer_id in {None, customer_id} else {}
        record = record._replace(data=carried | data)
        try:
            _store(context, call, record, old)
        except ConditionFailedError as failure:
            if failure.items[0] is not None:
                raise StoreUnavailableError("PutItem", "the new session's id was taken") from None
            old = _still_replaceable(context, failure.items[-1])
        else:
            session_limit.enforce(context, call, record)
            replaced = old.session_id if old else None
            return CreatedSession(record.to_session(), token.encode(), replaced)
    raise ConflictError("the session to replace kept changing, nothing was written")


def create_child_session(
    context: Context, reference: Reference, *, audience: str | None, data: JSONObject
) -> CreatedChildSession:
    """Start a child session, on condition that its root is live, and keep the root's row as long as the child's."""
    call = context.table.call()
    root = reference.record or find_session(call, reference)
    now = context.now()
    if root is None or not root.is_live(now):
        raise SessionNotFoundError(reference.session_id)
    record, token = _new_child(context, root, audience, data)
    item = items.child_item(record)
    items.check_size(item)
    live = conditions.live(now)
    until = number(max(record.ttl, root.collection_until or 0))
    kept = {schema.TTL_ATTRIBUTE: until, "collection_until": until}
    parts = [call.update_part(Update(root.key, kept, live.expression, live.values)), call.put_part(item)]
    try:
        call.transact(parts, secrets.token_hex(16))
    except ConditionFailedError as failure:
        if not _is_ours(failure.items[1], record.token):
            raise SessionNotFoundError(reference.session_id) from None
    return CreatedChildSession(record.to_child_session(root), token.encode())


def _store(context: Context, call: Call, record: SessionRecord, old: SessionRecord | None) -> None:
    """Put the new row, in one transaction with the end of the old one.

    Raises:
        ConditionFailedError: not stored. The first item is a row in the way of the new one, the last the old
            session's row as it is now.
    """
    item = items.session_item(record)
    items.check_size(item)
    try:
        if old is None:
            call.put_new(item)
        else:
            parts = [call.put_part(item), call.update_part(_end_of(context, old))]
            call.transact(parts, secrets.token_hex(16))
    except ConditionFailedError as failure:
        if not _is_ours(failure.items[0], record.token):
            raise


def _end_of(context: Context, old: SessionRecord) -> Update:
    """The end of the replaced session, only in the state that was read: a save in between would be lost."""
    now = context.now()
    condition = conditions.live(now) & conditions.version_is(old.version)
    return Update(old.key, tombstone(context, now), condition.expression, condition.values)


def _replaceable(context: Context, call: Call, text: str) -> SessionRecord | None:
    """The session that a token stands for; None when it does not stand for a live one."""
    try:
        holder = admission.load(call, admission.parse(text, child=False))
        admission.admit(context, call, holder)
    except InvalidTokenError:
        return None
    return holder.root


def _still_replaceable(context: Context, item: Item | None) -> SessionRecord | None:
    record = items.read_session(item) if item else None
    return record if record and record.is_live(context.now()) else None


def _is_ours(item: Item | None, token: TokenRecord) -> bool:
    """Whether a row that is in the way is our own, from an attempt whose reply was lost.

    The id is ours alone: a tombstone, which has no hashes left, is our own row that somebody has ended since.
    """
    if item is None:
        return False
    stored = item.get("token_hash")
    return stored is None or tokens.same(bytes(stored["B"]), token.token_hash or b"")


def _new_session(
    context: Context, customer_id: str | None, client: str | None, timeouts: Timeouts, generation: int
) -> tuple[SessionRecord, Token]:
    session_id = context.ids.new_id()
    token = Token.new(session_id)
    now = context.now()
    idle, absolute = seconds(timeouts.idle), seconds(timeouts.absolute)
    record = SessionRecord(
        session_id=session_id,
        customer_id=customer_id,
        session_state=SessionState.ACTIVE,
        data={},
        version=1,
        generation=generation,
        created_at=now,
        last_login_time=None if customer_id is None else now,
        last_seen_at=now,
        idle_timeout=idle,
        expires_at=now + idle,
        absolute_expires_at=now + absolute,
        ttl=context.kept_until(now + idle),
        client=client,
        write_id=items.new_write_id(),
        token=TokenRecord(family_hash=token.family_hash, token_hash=token.token_hash),
    )
    return record, token


def _new_child(
    context: Context, root: SessionRecord, audience: str | None, data: JSONObject
) -> tuple[ChildRecord, Token]:
    child_session_id = context.ids.new_id()
    token = Token.new(root.session_id, child_session_id)
    record = ChildRecord(
        session_id=root.session_id,
        child_session_id=child_session_id,
        customer_id=root.customer_id,
        session_state=SessionState.ACTIVE,
        data=data,
        version=1,
        created_at=context.now(),
        last_login_time=root.last_login_time,
        absolute_expires_at=root.absolute_expires_at,
        ttl=context.kept_until(root.absolute_expires_at),
        token=TokenRecord(family_hash=token.family_hash, token_hash=token.token_hash),
        audience=audience,
    )
    return record, token
