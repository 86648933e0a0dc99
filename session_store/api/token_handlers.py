"""The handlers of the routes that make access tokens. Each validates the session first, even if a signature is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.errors import SessionNotFoundError, SessionRequiredError
from session_store.jwt.settings import check_scopes
from session_store.kernel.admission import check_binding
from session_store.kernel.credentials import Source
from session_store.kernel.response import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.api.call import Call
    from session_store.jwt.issuer import Issuer
    from session_store.kernel.plain_exchange import PlainExchange
    from session_store.model import Session
    from session_store.store import SessionStore

BINDING: Final = "Session-Binding"
_OK: Final = 200


def create_access_token(store: SessionStore, issuer: Issuer, call: Call) -> Answer:
    """POST /sessions/{session_id}/token. It is no activity: the back end speaks for a user who may be away."""
    session_id = call.path["session_id"]

    def read() -> Session:
        session = store.get_session(session_id, strict=True)
        if session is None:
            raise SessionNotFoundError(session_id)
        return session

    return _answer(issuer, read, call)


def create_my_access_token(exchange: PlainExchange, issuer: Issuer, call: Call) -> Answer:
    """POST /session/token. By the cookie it hands the token to the page's scripts, so that has to be allowed."""
    token, binding = exchange.token, exchange.request.headers.get(BINDING.lower())
    if token.source is Source.COOKIE and not issuer.settings.by_cookie:
        raise SessionRequiredError("the token has to come in the header Authorization")

    def validate() -> Session:
        session = token.validate(strict=True)
        if binding is not None:
            check_binding(binding, session)
        return session

    return _answer(issuer, validate, call)


def _answer(issuer: Issuer, validate: Callable[[], Session], call: Call) -> Answer:
    scope = call.text("scope")
    scopes = None if scope is None else check_scopes("scope", scope.split(" ") if scope else ())
    issued = issuer.issue(validate, audience=call.text("audience"), scopes=scopes)
    body: dict[str, Any] = {"access_token": issued.token, "token_type": "Bearer", "expires_in": issued.expires_in}
    return Answer(_OK, body | {"scope": " ".join(issued.scopes)} if issued.scopes else body)
