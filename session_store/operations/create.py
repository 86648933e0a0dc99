"""Starting sessions: plain, in place of an existing one, and child sessions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from session_store import tokens
from session_store.catalog.metrics import Metric
from session_store.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidTokenError,
    Refusal,
    StoreUnavailableError,
)
from session_store.model import CreatedChildSession, CreatedSession, EndReason, Session, SessionState
from session_store.operations import admission, customer_row, session_limit
from session_store.operations.context import find_session, require_live, seconds, shown_with_data
from session_store.operations.end import tombstone
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.document import NO_DATA
from session_store.storage.records import (
    ChildRecord,
    IdempotencyKey,
    IdempotencyRecord,
    SessionKey,
    SessionRecord,
    TokenRecord,
    new_write_id,
)
from session_store.tokens import Token

if TYPE_CHECKING:
    from session_store.checks import Reference
    from session_store.data.types import JSONObject
    from session_store.model import Timeouts
    from session_store.operations.context import Context
    from session_store.operations.provider_sessions import Entry, ProviderSession
    from session_store.storage.changes import Value
    from session_store.storage.port import Rows
    from session_store.storage.records import CustomerRecord, Record

_TRIES: Final = 4
_IDEMPOTENCY_SECONDS: Final = 24 * 60 * 60


class NewSession(NamedTuple):
    """A session to start, see `SessionStore.create_session`."""

    customer_id: str | None
    data: JSONObject
    client: str | None
    timeouts: Timeouts
    replaces: Session | str | None
    carry_data: bool
    idempotency_key: str | None
    ends_with_browser: bool
    provider_session: ProviderSession | None = None

    def __repr__(self) -> str:
        return "NewSession(...)"  # neither data nor a token shows in one


class _Beside(NamedTuple):
    """Further parts of a sign-in's transaction.

    Attributes:
        note: of the session under the call's idempotency key.
        entry: in the session of the identity provider.
        old: the session that ends.
    """

    note: Change | None
    entry: Entry | None
    old: SessionRecord | None

    def changes(self, context: Context) -> list[Change]:
        """The parts, in this order."""
        of_provider = self.entry.parts(context.now()) if self.entry else ()
        return [each for each in (self.note, *of_provider, self.old and _end_of(context, self.old)) if each]


def create_session(context: Context, new: NewSession) -> CreatedSession:
    """Start a session. The old one, if there is one to replace, ends in the same transaction."""
    rows = context.storage.rows()
    old = _replaceable(context, rows, new.replaces)
    record, token = _new_session(context, new)
    entry: Entry | None = None
    if new.customer_id is None:
        record, old = _filled(context, rows, new, record, old)
    else:
        end = record.absolute_expires_at
        customer = customer_row.fresh(context, new.customer_id, end)
        record, old = _filled(context, rows, new, _under(customer, record), old)
        context.storage.room(record)  # before anything is written
        customer = customer_row.for_sign_in(context, rows, customer, end)
        record = _under(customer, record)
        if new.provider_session is not None:
            entry = new.provider_session.enter(context, customer, record)
    note = None if new.idempotency_key is None else _note(context, new, new.idempotency_key, record.session_id)
    for _ in range(_TRIES):
        try:
            _store(context, rows, record, _Beside(note, entry, old))
        except ConditionFailedError as failure:
            if not (entry and entry.was_refused(failure.records[1 + bool(note) :])):
                note, old = _after(failure, context, rows, note)
            record, old = _filled(context, rows, new, record, old)
        else:
            rows.count(Metric.CREATED, *([Metric.ENDED, Metric.ENDED_REPLACED] if old else []))
            session_limit.enforce(context, rows, record)
            return CreatedSession(record.to_session(), token.encode(), old.session_id if old else None)
    raise ConflictError("the rows of this sign-in kept changing, nothing was written")


def create_child_session(
    context: Context, reference: Reference, *, audience: str | None, data: JSONObject
) -> CreatedChildSession:
    """Start a child session, on condition that its root is live, and keep the root's row as long as the child's."""
    rows = context.storage.rows()
    root = require_live(context, reference, reference.record or find_session(rows, reference))
    child, token = _new_child(context, root, audience)
    for _ in range(_TRIES):
        child = child._replace(child_mark=root.child_mark, data=rows.document(data, child))
        until = max(child.ttl, root.collection_until or 0)
        # With the mark of a root whose children were ended since it was read, the child would end before it began.
        condition = conditions.live(context.now()) & conditions.child_mark_is(root.child_mark)
        try:
            rows.transact(Change(root.key, {"ttl": until, "collection_until": until}, condition), child)
        except ConditionFailedError as failure:
            if not _is_ours(failure.records[1], child.token):
                root = require_live(context, reference, cast("SessionRecord | None", failure.records[0]))
                continue
        rows.count(Metric.CHILD_CREATED)
        return CreatedChildSession(child.to_child_session(root), token.encode())
    raise ConflictError("the session's children kept being ended by others")


def _under(customer: CustomerRecord, record: SessionRecord) -> SessionRecord:
    return record._replace(generation=customer.generation, customer_row=customer.row_id)


def _filled(
    context: Context, rows: Rows, new: NewSession, record: SessionRecord, old: SessionRecord | None
) -> tuple[SessionRecord, SessionRecord | None]:
    """The new session with its data: what is carried over from the old one, and its own merged over that.

    Besides the old one: as it is now, where its data had to be read.
    """
    carried: JSONObject = {}
    if old and _carries(context, new, old):
        old = shown_with_data(context, rows, old)
        carried = old.data.read() if old and _carries(context, new, old) else {}
    return record._replace(data=rows.document(carried | new.data, record)), old


def _note(context: Context, new: NewSession, key: str, session_id: str) -> Change:
    """A write that notes the session under the call's idempotency key, unless one is noted there already.

    The key itself is stored nowhere. It is hashed along with what the call asks for, so that data cannot be guessed.
    """
    replaced = new.replaces.session_id if isinstance(new.replaces, Session) else new.replaces
    timeouts = [seconds(new.timeouts.idle), seconds(new.timeouts.absolute)]
    choices = [new.carry_data, new.ends_with_browser]
    wanted = json.dumps([new.data, new.client, timeouts, replaced, *choices], sort_keys=True)
    now = context.now()
    values: dict[str, Value] = {
        "session_id": session_id,
        "fingerprint": tokens.digest(f"{key}\n{wanted}"),
        "ttl": now + _IDEMPOTENCY_SECONDS,
    }
    key_hash = tokens.digest(f"{new.customer_id}\n{key}").hex()
    return Change(IdempotencyKey(key_hash, new.customer_id), values, conditions.key_is_unused(now))


def _after(
    failure: ConditionFailedError, context: Context, rows: Rows, note: Change | None
) -> tuple[Change | None, SessionRecord | None]:
    """The note and the session to replace of the next try: when the call is repeated, what the one before has made.

    Raises:
        IdempotencyKeyReusedError: that one asked for something else.
        StoreUnavailableError: the new session's id was taken.
    """
    in_the_way, old = failure.records[0], cast("SessionRecord | None", failure.records[-1])
    if in_the_way is not None:
        raise StoreUnavailableError("PutItem", "the new session's id was taken") from None
    known = failure.records[1] if note else None
    if note and isinstance(known, IdempotencyRecord):
        if known.fingerprint != note.values["fingerprint"]:
            raise IdempotencyKeyReusedError from None
        note = note._replace(condition=conditions.made_session(known.session_id))
        old = rows.session(SessionKey(known.session_id, cast("IdempotencyKey", note.key).customer_id))
    elif note and old is None:  # erased meanwhile
        note = note._replace(condition=conditions.key_is_unused(context.now()))
    return note, _still_replaceable(context, old)


def _store(context: Context, rows: Rows, record: SessionRecord, beside: _Beside) -> None:
    """Put the new record, in one transaction with what goes beside it.

    Raises:
        ConditionFailedError: not stored. The first record is in the way of the new one, the others are those of
            `_Beside.changes`.
    """
    changes = beside.changes(context)
    try:
        if changes:
            rows.transact(record, *changes)
        else:
            rows.put(record)
    except ConditionFailedError as failure:
        if not _is_ours(failure.records[0], record.token):
            raise


def _end_of(context: Context, old: SessionRecord) -> Change:
    """The end of the replaced session, only in the state that was read. A save in between would be lost."""
    now = context.now()
    shown = conditions.not_ended() & conditions.not_expired(now)
    return Change(old.key, tombstone(context, now, EndReason.REPLACED), shown & conditions.version_is(old.version))


def _replaceable(context: Context, rows: Rows, replaces: Session | str | None) -> SessionRecord | None:
    """The session to replace: one that was validated, or the one that a token stands for, None when it is over."""
    if isinstance(replaces, Session):
        record = _still_replaceable(context, cast("SessionRecord | None", replaces.snapshot))
        # One that looks expired may have been extended since it was read.
        return record or _still_replaceable(context, rows.session_by_id(replaces.session_id))
    try:
        token = None if replaces is None else tokens.parse(replaces)
        if token is None or token.is_child:
            return None
        presented = admission.load(rows, token)
        admission.admit(context, rows, presented, context.now())
    except InvalidTokenError as error:
        return _still_replaceable(context, presented.root) if error.refusal is Refusal.CLOSING else None
    return presented.root


def _still_replaceable(context: Context, record: SessionRecord | None) -> SessionRecord | None:
    """The session, active or closing, for as long as there is something to end."""
    return record if record is not None and context.is_shown(record) else None


def _carries(context: Context, new: NewSession, old: SessionRecord) -> bool:
    """Whether the old session's data goes along: not another customer's, and not that of a session that is closing."""
    return new.carry_data and old.customer_id in {None, new.customer_id} and context.is_live(old)


def _is_ours(record: Record | None, token: TokenRecord) -> bool:
    """Whether a record that is in the way is our own, from an attempt whose reply was lost.

    The id is ours alone. A tombstone, which has no hashes left, is our own record that was ended since.
    """
    if not isinstance(record, SessionRecord | ChildRecord):
        return False
    stored = record.token.head
    return stored is None or tokens.same(stored, token.head or b"")


def _new_session(context: Context, new: NewSession) -> tuple[SessionRecord, Token]:
    session_id = context.ids.new_id()
    token = Token.new(session_id)
    now = context.now()
    idle, absolute = seconds(new.timeouts.idle), seconds(new.timeouts.absolute)
    record = SessionRecord(
        session_id=session_id,
        customer_id=new.customer_id,
        session_state=SessionState.ACTIVE,
        data=NO_DATA,
        version=1,
        generation=0,
        created_at=now,
        last_login_time=None if new.customer_id is None else now,
        last_seen_at=now,
        idle_timeout=idle,
        expires_at=now + idle,
        absolute_expires_at=now + absolute,
        ttl=context.kept_until(now + idle),
        client=new.client,
        write_id=new_write_id(),
        token=_first_record(token),
        ends_with_browser=new.ends_with_browser,
    )
    return record, token


def _new_child(context: Context, root: SessionRecord, audience: str | None) -> tuple[ChildRecord, Token]:
    child_session_id = context.ids.new_id(tokens.home_of(root.session_id))
    token = Token.new(root.session_id, child_session_id)
    record = ChildRecord(
        session_id=root.session_id,
        child_session_id=child_session_id,
        customer_id=root.customer_id,
        session_state=SessionState.ACTIVE,
        data=NO_DATA,
        version=1,
        created_at=context.now(),
        last_login_time=root.last_login_time,
        absolute_expires_at=root.absolute_expires_at,
        ttl=context.kept_until(root.absolute_expires_at),
        token=_first_record(token),
        audience=audience,
    )
    return record, token


def _first_record(token: Token) -> TokenRecord:
    return TokenRecord(token.family_hash, tokens.new_rotation_key(), token.token_hash)
