"""The routes of a sign-in, and that of the provider's logout, as Lambda handlers behind an API or a function URL."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.events import payload_of, request_of
from session_store.adapters.aws_lambda.handlers import decorated
from session_store.adapters.aws_lambda.results import render
from session_store.errors import InvalidInputError
from session_store.kernel.problems import RouteNotFoundError, problem_answer
from session_store.kernel.web_settings import UserRouteSettings
from session_store.oidc.backchannel import BackchannelLogout
from session_store.oidc.parameters import once, parameters_in
from session_store.oidc.problems import failed
from session_store.oidc.routes import SignInRoutes
from session_store.time_left import LambdaCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.kernel.request import Request
    from session_store.kernel.response import Response
    from session_store.model import Session, Timeouts
    from session_store.oidc.sign_in import OidcSignIn, ProviderSignIn
    from session_store.oidc.signing_out import KeptTokens
    from session_store.store import SessionStore

DEFAULT_PREFIX: Final = "/auth"
_FORM: Final = "application/x-www-form-urlencoded"


def sign_in_handler(
    sign_in: OidcSignIn,
    *,
    store: SessionStore | None = None,
    prefix: str = DEFAULT_PREFIX,
    carry_data: bool = False,
    on_sign_in: Callable[[ProviderSignIn], Mapping[str, object] | None] | None = None,
    on_sign_out: Callable[[Session], KeptTokens | None] | None = None,
    after_logout: str = "/",
    timeouts: Timeouts | None = None,
    ends_with_browser: bool = False,
) -> Callable[[Any, Any], dict[str, Any]]:
    """A handler of `GET /auth/login`, `GET /auth/callback` (`POST` with `form_post`) and `POST /auth/logout`.

    The login takes `return_to`, a path of this site, and `step_up`, one of the sign-in's names. The callback makes a
    new session, as `create_session(replaces=...)` does, and sets its cookie. The logout ends it, and sends the browser
    on to the provider's logout. Errors are answered as problem details (RFC 9457), and the log has their reason.

    Args:
        sign_in: with the provider.
        store: the store. By default the one that the environment describes.
        prefix: what the paths begin with.
        carry_data: whether the new session starts from the data of the one before, if that was a visitor's or the same
            customer's.
        on_sign_in: is called with each `ProviderSignIn` before its session is made. It may return first data for the
            session, keep the provider's tokens elsewhere, or raise `SignInRefusedError`.
        on_sign_out: is called at each logout with the session that has just ended. It may return `KeptTokens`: the
            refresh token is revoked with the provider, and the ID token becomes `id_token_hint`.
        after_logout: the path for a browser that the provider does not sign out.
        timeouts: of the new session, in place of the store's.
        ends_with_browser: whether browsers forget the session's cookie when they are closed.

    Raises:
        InvalidInputError: an argument is not acceptable.
    """
    routes = SignInRoutes(
        sign_in=sign_in,
        find_store=environment.store if store is None else lambda: store,
        carry_data=carry_data,
        on_sign_in=on_sign_in,
        on_sign_out=on_sign_out,
        after_logout=after_logout,
        timeouts=timeouts,
        ends_with_browser=ends_with_browser,
    )
    UserRouteSettings.kinds()["prefix"].check("prefix", prefix)

    return _handler(lambda request, event: _serve(routes, prefix, request, event))


def backchannel_logout_handler(
    sign_in: OidcSignIn, *, store: SessionStore | None = None
) -> Callable[[Any, Any], dict[str, Any]]:
    """A handler of `POST /auth/backchannel-logout`: the provider says that a user has signed out elsewhere.

    All sessions of the user end. The answer is 200, also to a repeated logout, 400 to a logout token that is not
    acceptable or has no `sub`, 503 if not all sessions could be ended.

    Args:
        sign_in: with the provider.
        store: the store. By default the one that the environment describes.

    Raises:
        InvalidInputError: an argument is not acceptable.
    """
    route = BackchannelLogout(sign_in=sign_in, find_store=environment.store if store is None else lambda: store)

    def answer(request: Request, event: Mapping[str, Any]) -> Response:
        return route.answer(request.method, _form(request, event) if request.method == "POST" else {})

    return _handler(answer)


def _handler(answer: Callable[[Request, Mapping[str, Any]], Response]) -> Callable[[Any, Any], dict[str, Any]]:
    """The handler that answers so. It writes a line for each request where the environment asks for one."""

    def handler(event: Any, context: Any) -> dict[str, Any]:  # noqa: ANN401 - as Lambda calls it
        request = request_of(event)
        with LambdaCall(context):
            try:
                response = answer(request, event)
            except InvalidInputError as error:
                response = failed(error)
            return render(response, payload_of(event))

    served: Callable[[Any, Any], dict[str, Any]] = decorated(handler, lambda each: each)
    return served


def _serve(routes: SignInRoutes, prefix: str, request: Request, event: Mapping[str, Any]) -> Response:
    path = str(event.get("rawPath") or event.get("path") or "")
    if path.endswith(f"{prefix}/login"):
        return routes.login(request, _query(event))
    if path.endswith(f"{prefix}/callback"):
        return routes.callback(request, _form(request, event) if request.method == "POST" else _query(event))
    if path.endswith(f"{prefix}/logout"):
        return routes.logout(request)
    return problem_answer(RouteNotFoundError()).response()


def _query(event: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of the query. Payload format 1.0 has them decoded."""
    if "httpMethod" not in event:
        return parameters_in(str(event.get("rawQueryString") or ""))
    many = event.get("multiValueQueryStringParameters")
    pairs = (event.get("queryStringParameters") or {}).items()
    return once((name, value) for name, values in many.items() for value in values) if many else once(pairs)


def _form(request: Request, event: Mapping[str, Any]) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidInputError("parameters", f"must come as {_FORM}")
    body = str(event.get("body") or "")
    if not event.get("isBase64Encoded"):
        return parameters_in(body)
    try:
        text = base64.b64decode(body).decode("ascii")
    except (binascii.Error, ValueError):
        text = None
    if text is None:  # out here: as its context it would carry an error that quotes the body
        raise InvalidInputError("parameters", f"must come as {_FORM}")
    return parameters_in(text)
