"""The route of the logouts that a provider sends, as a Lambda handler behind an API or a function URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from session_store.adapters.aws_lambda import environment
from session_store.oidc.backchannel import BackchannelLogout
from session_store.oidc.serving import form_of, handler_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.kernel.request import Request
    from session_store.kernel.response import Response
    from session_store.oidc.logouts import LogoutVerifier
    from session_store.store import SessionStore


def backchannel_logout_handler(
    sign_in: LogoutVerifier, *, store: SessionStore | None = None
) -> Callable[[Any, Any], dict[str, Any]]:
    """A handler of `POST /auth/backchannel-logout`: the provider says that a user has signed out elsewhere.

    The sessions end that were made in the provider's session (`sid`), or without one all of the user. A sign-in that is
    under way is refused. The answer is 200, also to a repeated logout, which ends nothing, 400 to a logout token that
    is not acceptable, 503 if not all sessions could be ended.

    Args:
        sign_in: with the provider, or a `LogoutVerifier`, which needs no secret.
        store: the store. By default the one that the environment describes.

    Raises:
        InvalidInputError: an argument is not acceptable.
    """
    route = BackchannelLogout(sign_in=sign_in, find_store=environment.store if store is None else lambda: store)

    def answer(request: Request, event: Mapping[str, Any]) -> Response:
        return route.answer(request.method, form_of(request, event) if request.method == "POST" else {})

    return handler_of(answer)
