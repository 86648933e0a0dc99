"""The logout that the provider sends from server to server, for any carrier of requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from session_store.errors import ConflictError, InvalidInputError, SessionStoreError, StoreUnavailableError
from session_store.kernel.response import Answer
from session_store.oidc.errors import LogoutWithoutUserError
from session_store.oidc.logouts import LogoutVerifier
from session_store.oidc.problems import failed, not_allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.kernel.response import Response
    from session_store.store import SessionStore

_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BackchannelLogout:
    """What the route does with a request. It reads no cookie: no browser takes part.

    Attributes:
        sign_in: with the provider, or a verifier of its logouts.
        find_store: makes or finds the store.
    """

    sign_in: LogoutVerifier
    find_store: Callable[[], SessionStore]

    def __post_init__(self) -> None:
        if not isinstance(self.sign_in, LogoutVerifier):
            raise InvalidInputError("sign_in", "must be an OidcSignIn or a LogoutVerifier", value=self.sign_in)

    def answer(self, method: str, parameters: Mapping[str, str]) -> Response:
        """End all sessions of the user that a logout token names. A repeated one is answered alike.

        Args:
            method: of the request, a POST.
            parameters: of its form: `logout_token`. Others are left alone.
        """
        if method != "POST":
            return not_allowed("POST")
        try:
            logout = self.sign_in.verify_logout(parameters.get("logout_token", ""))
            if logout.customer_id is None:
                raise LogoutWithoutUserError
            _end_all(self.find_store(), logout.customer_id)
        except SessionStoreError as error:
            return failed(error)
        return Answer(_OK).response()


def _end_all(store: SessionStore, customer_id: str) -> None:
    """End them, page by page.

    Raises:
        StoreUnavailableError: not all have ended. The provider may send its logout again.
    """
    cursor = None
    try:
        while (cursor := store.end_customer_sessions(customer_id, cursor=cursor).cursor) is not None:
            pass
    except (ConflictError, InvalidInputError) as error:  # a cursor is refused once another call ends them all
        raise StoreUnavailableError("ending all sessions of the customer", type(error).__name__) from error
