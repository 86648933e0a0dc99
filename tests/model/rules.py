"""The simple model: what each operation does to a state when nothing goes wrong. No requests, no races, no retries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from session_store import (
    EndReason,
    InvalidTokenError,
    PreconditionFailedError,
    SessionNotFoundError,
    SessionSettings,
    SessionStoreError,
    TokenReuseError,
)
from session_store.data.types import JSONObject
from session_store.tokens import made_at
from tests.model.views import Customer, Held, Noted, Secrets, State, View, canonical

GRACE: Final = int(SessionSettings().rotation_grace.total_seconds())
FIVE_MINUTES: Final = 300
A_DAY: Final = 24 * 3600
AN_HOUR: Final = 3600 * 1000  # of the generations' milliseconds
NEW_MARK: Final = b"not known before the answer"
Expected = type[SessionStoreError] | None


def admit(state: State, holder_id: str, held: Held, now: int) -> Expected:
    """Whether a token is let in; a replaced secret ends the session."""
    holder = state.views[holder_id]
    rows = [holder] if holder.root is None else [holder, state.views[holder.root]]
    if any(not row.is_live(now) or row.mark != holder.mark for row in rows):
        return InvalidTokenError
    if _is_head(holder.secrets, held, now) or _is_successor(holder.secrets, held):
        return None
    state.views[holder_id] = holder.ended(EndReason.THEFT)
    return TokenReuseError


def use(state: State, holder_id: str, held: Held, now: int, *, strict: bool = False, extends: bool = True) -> Expected:
    """A validation or a rotation: admission, the customer's generation, the extension and the use of a new secret.

    The token that a rotation gives out is not stored.
    """
    refused = admit(state, holder_id, held, now)
    if refused:
        return refused
    root_id = state.views[holder_id].root or holder_id
    root = state.views[root_id]
    expires_at = min(now + root.idle, root.absolute)
    due = now - root.last_seen >= min(root.idle / 10, FIVE_MINUTES) and expires_at >= root.expires_at
    if (strict or due) and is_revoked(state, root):
        state.views[root_id] = root.ended(EndReason.ALL_ENDED)
        return InvalidTokenError
    if due and extends:
        state.views[root_id] = root._replace(last_seen=now, expires_at=expires_at)
    _record_use(state, holder_id, held, now)
    return None


def extend(state: State, session_id: str, now: int) -> Expected:
    """Activity that a back end knows of. One by a clock that was ahead may have gone further."""
    view = state.views[session_id]
    if not view.is_live(now) or is_revoked(state, view):
        return SessionNotFoundError
    expires_at = min(now + view.idle, view.absolute)
    if now > view.last_seen and expires_at >= view.expires_at:
        state.views[session_id] = view._replace(last_seen=now, expires_at=expires_at)
    return None


def save(
    state: State,
    session_id: str,
    data: JSONObject,
    now: int,
    *,
    closing: bool = False,
    version: int | None = None,
    changes: bool = True,
) -> Expected:
    """New data, in place of those of a version or of any; the same where it `changes` nothing."""
    view = state.views[session_id]
    if not view.is_live(now):
        return SessionNotFoundError
    if version not in {None, view.version}:
        return PreconditionFailedError
    if not changes:
        return None
    kept = view._replace(data=canonical(data), version=view.version + 1)
    state.views[session_id] = kept._replace(state="closing") if closing else kept
    return None


def end(state: State, holder_id: str, reason: EndReason) -> None:
    """End a session or a child."""
    state.views[holder_id] = state.views[holder_id].ended(reason)


def sign_in(state: State, customer_id: str | None, view: View, now: int) -> None:
    """A new session under the customer's row, which the first one makes."""
    if customer_id is not None:
        customer = state.customers.setdefault(customer_id, Customer(NEW_MARK, now * 1000))
        view = view._replace(row_id=customer.row_id, generation=customer.generation)
    state.views["new"] = view


def sign_in_with_key(state: State, customer_id: str | None, view: View, now: int) -> None:
    """The session that the key has made within a day ends."""
    noted = state.noted.get(customer_id)
    if noted and noted.until >= now and noted.session_id in state.views and state.views[noted.session_id].is_shown(now):
        end(state, noted.session_id, EndReason.REPLACED)
    sign_in(state, customer_id, view, now)
    state.noted[customer_id] = Noted("new", now + A_DAY)


def end_all(
    state: State,
    customer_id: str,
    keep: str | None,
    hidden: Collection[str],
    now: int,
    *,
    reason: EndReason,
) -> Expected:
    """End what the index shows, and what was kept before; what it does not show is from before the new generation."""
    before = state.customers.get(customer_id)
    kept = None if keep is None else state.views[keep]
    if kept and (kept.customer_id != customer_id or not kept.is_live(now) or is_revoked(state, kept)):
        return SessionNotFoundError
    generation = max(now * 1000, before.generation + 1 if before else 0)
    if keep is not None and kept is not None:
        state.views[keep] = kept._replace(generation=generation, mark=NEW_MARK)
    covered = before.covered if before else 0
    found = [each for each in shown_in_index(state, customer_id, hidden) if made_at(each) >= covered - AN_HOUR]
    alive = {each for each in found if now < state.views[each].absolute}
    known_by_id = {before.kept} if before and before.kept else set()
    for session_id in (alive | known_by_id) & state.views.keys() - {keep}:
        if state.views[session_id].generation < generation:
            end(state, session_id, reason)
    if before is not None:
        after = before._replace(generation=generation)
        state.customers[customer_id] = after._replace(covered=generation, kept=keep) if found else after
    return None


def purge(state: State, customer_id: str, hidden: Collection[str]) -> None:
    """Delete the customer's row and that of the key, and what the index shows, with children."""
    state.customers.pop(customer_id, None)
    state.noted.pop(customer_id, None)
    for session_id in shown_in_index(state, customer_id, hidden):
        for row in (*state.collection(session_id), session_id):
            del state.views[row]


def shown_in_index(state: State, customer_id: str | None, hidden: Collection[str]) -> list[str]:
    """A customer's sessions in the index, newest first; ids sort by time."""
    shown = {key for key, view in state.views.items() if view.root is None and view.customer_id == customer_id}
    return sorted(shown - set(hidden), reverse=True)


def is_revoked(state: State, view: View) -> bool:
    """Whether it is from before the last end-all or erasure."""
    if view.customer_id is None:
        return False
    customer = state.customers.get(view.customer_id)
    return customer is None or customer.row_id != view.row_id or view.generation < customer.generation


def _is_head(secrets: Secrets, held: Held, now: int) -> bool:
    """Whether the session goes by it, or did until a moment ago."""
    used_at = secrets.first_used_at
    return held.secret == secrets.head and (used_at is None or now < used_at + GRACE)


def _is_successor(secrets: Secrets, held: Held) -> bool:
    """Whether it may follow the head."""
    if held.epoch != secrets.epoch + 1:
        return False
    used_at = secrets.first_used_at
    return used_at is None or held.secret == secrets.first_used or held.issued_at >= used_at - 2 * GRACE


def _record_use(state: State, holder_id: str, held: Held, now: int) -> None:
    holder = state.views[holder_id]
    secrets = holder.secrets
    if held.secret == secrets.head:
        return
    if secrets.first_used_at is None:
        secrets = secrets._replace(first_used=held.secret, first_used_at=now)
    elif now > secrets.first_used_at + 2 * GRACE:
        secrets = Secrets(held.secret, held.epoch)
    state.views[holder_id] = holder._replace(secrets=secrets)
