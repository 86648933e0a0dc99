"""A user's request as an exchange of the kernel: what the functions of all user routes do around their handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda.events import request_of
from session_store.errors import SessionNotFoundError, SessionRequiredError
from session_store.kernel.admission import check_binding
from session_store.kernel.plain_exchange import PlainExchange
from session_store.kernel.response_headers import TOKEN_HEADERS
from session_store.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.kernel.response import Answer
    from session_store.kernel.rules import Rules
    from session_store.model import Session

BINDING: Final = "Session-Binding"


def served(rules: Rules, event: Mapping[str, Any], answer_to: Callable[[PlainExchange], Answer]) -> Answer:
    """The answer to a request, with the cookie that the exchange asks for.

    Raises:
        SessionRequiredError: there is no live session, or none any more.
        CrossSiteRequestError: the request changes state and may come from another site.
    """
    exchange = PlainExchange(rules, request_of(event))
    exchange.admit()
    try:
        answer = answer_to(exchange)
    except SessionNotFoundError:  # it was live when this request began
        raise SessionRequiredError("the session has ended meanwhile") from None
    headers = exchange.finish(answer.status)
    return answer if headers is None else replace(answer, cookies=headers.cookies)


def varying(response: dict[str, Any]) -> dict[str, Any]:
    """A response of Lambda's that says which headers it depends on."""
    response["headers"]["Vary"] = ", ".join(TOKEN_HEADERS)
    return response


def bound(exchange: PlainExchange, session: Session) -> Session:
    """The session, unless the request says that it is for another one.

    Raises:
        AnotherSessionError: it does.
    """
    given = exchange.request.headers.get(BINDING.lower())
    if given is not None:
        check_binding(given, session)
    return session
