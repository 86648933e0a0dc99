"""What changed in a session's data, as a merge patch (RFC 7396), and its saving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.data import merge_patch
from session_store.data.difference import difference, same
from session_store.data.json_data import plain
from session_store.errors import ConflictError, PreconditionFailedError

if TYPE_CHECKING:
    from session_store.data.types import JSONObject
    from session_store.model import Session
    from session_store.store import SessionStore


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
