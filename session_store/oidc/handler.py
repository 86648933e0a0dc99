"""The routes of a sign-in as a Lambda handler behind an API or a function URL."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from session_store.adapters.aws_lambda import environment as process
from session_store.kernel.problems import RouteNotFoundError, problem_answer
from session_store.kernel.web_settings import UserRouteSettings
from session_store.oidc.arguments import DEFAULT_PREFIX
from session_store.oidc.from_settings import handler_arguments
from session_store.oidc.routes import SignInRoutes
from session_store.oidc.serving import form_of, handler_of, query_of
from session_store.oidc.settings import SignInSettings
from session_store.oidc.sign_in import OidcSignIn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from session_store.kernel.request import Request
    from session_store.kernel.response import Response
    from session_store.model import Session, Timeouts
    from session_store.oidc.sign_in import ProviderSignIn
    from session_store.oidc.signing_out import KeptTokens
    from session_store.store import SessionStore


def sign_in_handler(
    sign_in: OidcSignIn,
    *,
    store: SessionStore | None = None,
    prefix: str = DEFAULT_PREFIX,
    carry_data: bool = False,
    on_sign_in: Callable[[ProviderSignIn], Mapping[str, object] | None] | None = None,
    kept_claims: Collection[str] = (),
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
        kept_claims: names of claims of the ID token that become keys of the session's data. A missing one is None.
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
        find_store=process.store if store is None else lambda: store,
        carry_data=carry_data,
        on_sign_in=on_sign_in,
        kept_claims=kept_claims,
        on_sign_out=on_sign_out,
        after_logout=after_logout,
        timeouts=timeouts,
        ends_with_browser=ends_with_browser,
    )
    UserRouteSettings.kinds()["prefix"].check("prefix", prefix)
    return handler_of(lambda request, event: _serve(routes, prefix, request, event))


def sign_in_handler_from_environment(
    *,
    store: SessionStore | None = None,
    on_sign_in: Callable[[ProviderSignIn], Mapping[str, object] | None] | None = None,
    on_sign_out: Callable[[Session], KeptTokens | None] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Callable[[Any, Any], dict[str, Any]]:
    """The handler that the environment describes, as `OidcRoutes` writes it. For functions with such code of your own.

    Args:
        store: as for `sign_in_handler`.
        on_sign_in: likewise.
        on_sign_out: likewise.
        environment: the variables.

    Raises:
        StoreConfigurationError: a variable is missing or malformed (see `session_store.oidc.settings`).
    """
    arguments = handler_arguments(SignInSettings.from_environment(environment))
    own: dict[str, Any] = {"store": store, "on_sign_in": on_sign_in, "on_sign_out": on_sign_out}
    return sign_in_handler(OidcSignIn.from_environment(environment), **own, **arguments)


def _serve(routes: SignInRoutes, prefix: str, request: Request, event: Mapping[str, Any]) -> Response:
    path = str(event.get("rawPath") or event.get("path") or "")
    if path.endswith(f"{prefix}/login"):
        return routes.login(request, query_of(event))
    if path.endswith(f"{prefix}/callback"):
        return routes.callback(request, form_of(request, event) if request.method == "POST" else query_of(event))
    if path.endswith(f"{prefix}/logout"):
        return routes.logout(request)
    return problem_answer(RouteNotFoundError()).response()
