"""The logout that the provider sends from server to server, for any carrier of requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from session_store.errors import ConflictError, InvalidInputError, SessionStoreError, StoreUnavailableError
from session_store.kernel.response import Answer
from session_store.oidc.logouts import LogoutVerifier
from session_store.oidc.problems import failed, not_allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.kernel.response import Response
    from session_store.oidc.logout_token import ProviderLogout
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
        """End the sessions that a logout token names. A repeated one is answered alike.

        Args:
            method: of the request, a POST.
            parameters: of its form: `logout_token`. Others are left alone.
        """
        if method != "POST":
            return not_allowed("POST")
        try:
            logout = self.sign_in.verify_logout(parameters.get("logout_token", ""))
            _end(self.find_store(), logout)
        except SessionStoreError as error:
            return failed(error)
        return Answer(_OK).response()


def _end(store: SessionStore, logout: ProviderLogout) -> None:
    """End them.

    Raises:
        StoreUnavailableError: not all have ended. The provider may send its logout again.
    """
    try:
        store.end_by_provider_logout(
            logout.issuer,
            jti=logout.jti,
            issued_at=logout.issued_at,
            expires_at=logout.expires_at,
            sid=logout.sid,
            customer_id=logout.customer_id,
        )
    except ConflictError as error:
        raise StoreUnavailableError("ending all sessions of the customer", type(error).__name__) from error
