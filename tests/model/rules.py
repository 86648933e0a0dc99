"""The simple model: what each operation does to a state when nothing goes wrong. No requests, no races, no retries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from session_store import (
    InvalidTokenError,
    PreconditionFailedError,
    SessionNotFoundError,
    SessionStoreError,
    TokenReuseError,
)
from session_store.data.types import JSONObject
from session_store.tokens import made_at
from tests.model.views import NOT_A_HASH, Customer, Secrets, State, View, canonical

GRACE: Final = 30
FIVE_MINUTES: Final = 300
AN_HOUR: Final = 3600 * 1000  # of the generations' milliseconds
NEW_MARK: Final = b"not known before the answer"
Expected = type[SessionStoreError] | None


def admit(state: State, holder_id: str, presented: bytes | None, now: int) -> Expected:
    """Whether a token is let in; a replaced secret ends the session. `presented` None: of another family."""
    holder = state.views[holder_id]
    rows = [holder] if holder.root is None else [holder, state.views[holder.root]]
    if presented is None or any(not row.is_live(now) or row.mark != holder.mark for row in rows):
        return InvalidTokenError
    if presented in {holder.secrets.current, _accepted(holder.secrets, now)}:
        return None
    state.views[holder_id] = holder.ended()
    return TokenReuseError


def validate(state: State, holder_id: str, presented: bytes | None, now: int, *, strict: bool) -> Expected:
    """Admission, the customer's generation, the extension and the first use of a new secret."""
    refused = admit(state, holder_id, presented, now)
    if refused:
        return refused
    root_id = state.views[holder_id].root or holder_id
    root = state.views[root_id]
    expires_at = min(now + root.idle, root.absolute)
    due = now - root.last_seen >= min(root.idle / 10, FIVE_MINUTES) and expires_at >= root.expires_at
    if (strict or due) and is_revoked(state, root):
        state.views[root_id] = root.ended()
        return InvalidTokenError
    if due:
        state.views[root_id] = root._replace(last_seen=now, expires_at=expires_at)
    _confirm(state, holder_id, presented, now)
    return None


def rotate(state: State, holder_id: str, presented: bytes | None, now: int) -> tuple[Expected, bool]:
    """A new secret, unless within the grace time after the last one; whether there is one."""
    refused = admit(state, holder_id, presented, now)
    if refused:
        return refused, False
    holder = state.views[holder_id]
    secrets = holder.secrets
    settled = secrets.rotated_at is None or now - secrets.rotated_at >= GRACE
    if settled and (presented == secrets.current or secrets.confirmed_at is None):
        state.views[holder_id] = holder._replace(secrets=Secrets(NOT_A_HASH, presented, now))
        return None, True
    _confirm(state, holder_id, presented, now)
    return None, False


def save(
    state: State, session_id: str, data: JSONObject, now: int, *, closing: bool = False, version: int | None = None
) -> Expected:
    """New data, in place of those of a version or of any."""
    view = state.views[session_id]
    if not view.is_live(now):
        return SessionNotFoundError
    if version not in {None, view.version}:
        return PreconditionFailedError
    kept = view._replace(data=canonical(data), version=view.version + 1)
    state.views[session_id] = kept._replace(state="closing") if closing else kept
    return None


def end(state: State, holder_id: str) -> None:
    """End a session or a child."""
    state.views[holder_id] = state.views[holder_id].ended()


def sign_in(state: State, customer_id: str | None, view: View, now: int) -> None:
    """A new session under the customer's row, which the first one makes."""
    if customer_id is not None:
        customer = state.customers.setdefault(customer_id, Customer(NEW_MARK, now * 1000))
        view = view._replace(row_id=customer.row_id, generation=customer.generation)
    state.views["new"] = view


def end_all(state: State, customer_id: str, keep: str | None, hidden: Collection[str], now: int) -> Expected:
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
            end(state, session_id)
    if before is not None:
        after = before._replace(generation=generation)
        state.customers[customer_id] = after._replace(covered=generation, kept=keep) if found else after
    return None


def purge(state: State, customer_id: str, hidden: Collection[str]) -> None:
    """Delete the customer's row, and what the index shows, with children."""
    state.customers.pop(customer_id, None)
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


def _accepted(secrets: Secrets, now: int) -> bytes | None:
    """The replaced secret, for as long as it is accepted."""
    unused = secrets.confirmed_at is None
    return secrets.previous if unused or now < (secrets.confirmed_at or 0) + GRACE else None


def _confirm(state: State, holder_id: str, presented: bytes | None, now: int) -> None:
    holder = state.views[holder_id]
    secrets = holder.secrets
    if presented == secrets.current and secrets.rotated_at is not None and secrets.confirmed_at is None:
        state.views[holder_id] = holder._replace(secrets=secrets._replace(confirmed_at=now))
