"""Answers with access tokens, and the back ends' route. The session is validated first in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.errors import SessionNotFoundError
from session_store.jwt.settings import check_scopes
from session_store.kernel.response import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.api.call import Call
    from session_store.jwt.issuer import Issuer
    from session_store.model import Session
    from session_store.store import SessionStore

_OK: Final = 200


def create_access_token(store: SessionStore, issuer: Issuer, call: Call) -> Answer:
    """POST /sessions/{session_id}/token. It is no activity: the back end speaks for a user who may be away."""
    session_id = call.path["session_id"]

    def read() -> Session:
        session = store.get_session(session_id, strict=True)
        if session is None:
            raise SessionNotFoundError(session_id)
        return session

    return answer_with_token(issuer, read, call)


def answer_with_token(issuer: Issuer, validate: Callable[[], Session], call: Call) -> Answer:
    """A token for the audience and the scopes that the request names, once its session is validated."""
    scope = call.text("scope")
    scopes = None if scope is None else check_scopes("scope", scope.split(" ") if scope else ())
    issued = issuer.issue(validate, audience=call.text("audience"), scopes=scopes)
    body: dict[str, Any] = {"access_token": issued.token, "token_type": "Bearer", "expires_in": issued.expires_in}
    return Answer(_OK, body | {"scope": " ".join(issued.scopes)} if issued.scopes else body)
