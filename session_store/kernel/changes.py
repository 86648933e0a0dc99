"""What changed in a session's data, as a merge patch (RFC 7396), and its saving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.data import merge_patch
from session_store.data.json_data import plain
from session_store.errors import ConflictError, PreconditionFailedError

if TYPE_CHECKING:
    from session_store.model import JSONObject, Session
    from session_store.store import SessionStore

_ABSENT: Final = object()


def difference(before: JSONObject, after: JSONObject) -> JSONObject:
    """The smallest merge patch that turns one object into the other; empty when they are the same."""
    patch: JSONObject = {key: None for key in before if key not in after}
    for key, now in after.items():
        earlier = before.get(key, _ABSENT)
        if isinstance(earlier, dict) and isinstance(now, dict):
            if inner := difference(earlier, now):
                patch[key] = inner
        elif not same(earlier, now):
            patch[key] = now
    return patch


def same(one: object, other: object) -> bool:
    """Equality of JSON values: unlike in Python, true is not 1, however deep."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def save(store: SessionStore, session: Session, before: JSONObject, after: JSONObject) -> Session:
    """Store what changed, and nothing when nothing did.

    A null that is new cannot be said in a merge patch, where it deletes; then the data is replaced as a whole.

    Raises:
        ConflictError: somebody else changed the same keys meanwhile.
        SessionNotFoundError: the session has ended.
    """
    patch = plain(difference(before, after))
    if not patch:
        return session
    after = plain(after)
    if same(merge_patch.merge(before, patch), after):
        return store.update_data(session, patch)
    try:
        return store.replace_data(session, after, version=session.version)
    except PreconditionFailedError:
        raise ConflictError("somebody else changed the session's data meanwhile") from None
