"""The handler of the route by which users make access tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.api.token_handlers import answer_with_token
from session_store.api.user_exchange import bound
from session_store.errors import SessionRequiredError
from session_store.kernel.credentials import Source

if TYPE_CHECKING:
    from session_store.api.call import Call
    from session_store.jwt.issuer import Issuer
    from session_store.kernel.plain_exchange import PlainExchange
    from session_store.kernel.response import Answer


def create_my_access_token(exchange: PlainExchange, issuer: Issuer, call: Call) -> Answer:
    """POST /session/token. By the cookie it hands the token to the page's scripts, so that has to be allowed."""
    token = exchange.token
    if token.source is Source.COOKIE and not issuer.settings.by_cookie:
        raise SessionRequiredError("the token has to come in the header Authorization")
    return answer_with_token(issuer, lambda: bound(exchange, token.validate(strict=True)), call)
