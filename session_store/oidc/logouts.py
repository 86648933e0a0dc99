"""`LogoutVerifier`: what is needed to verify the logouts that a provider sends, and no secret."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import cryptography  # noqa: F401 - without it PyJWT knows HMAC alone

from session_store import checks
from session_store.clock import SystemClock
from session_store.errors import InvalidInputError
from session_store.jwt.agreed import MAX_LEEWAY, check_algorithm
from session_store.jwt.key_set import PAUSE_SECONDS, KeySet
from session_store.model import check_whole_seconds
from session_store.oidc.addresses import check_discovery_url, check_issuer
from session_store.oidc.arguments import (
    DEFAULT_LEEWAY,
    DEFAULT_LOGOUT_TOKEN_LIFE,
    MAX_LOGOUT_TOKEN_LIFE,
    check_prefix,
)
from session_store.oidc.errors import ProviderAnswerError
from session_store.oidc.id_token import IdTokenRules
from session_store.oidc.logout_token import LogoutTokenRules, ProviderLogout
from session_store.oidc.metadata import kept_metadata
from session_store.oidc.provider_settings import ProviderSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from session_store.clock import Clock


class LogoutVerifier:
    """Verifies logout tokens of one provider. Make one in a process: it keeps the provider's metadata and its keys.

    An `OidcSignIn` does the same, and needs the client's secret for the sign-in.

    Args:
        issuer: the provider, as it names itself.
        client_id: the application, as the provider knows it.
        customer_prefix: what customer ids begin with, as for the sign-in.
        algorithm: of the tokens, the only one that is accepted: `RS256` or `ES256`.
        logout_token_life: the longest life of a logout token. Whole seconds, 1 second to 1 hour.
        leeway: how far the clocks may be apart. Whole seconds, at most 5 minutes.
        discovery_url: where the metadata is, if not below the issuer. On this machine (localhost) only.
        clock: tells the time.

    Raises:
        InvalidInputError: an argument is not acceptable.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        customer_prefix: str,
        algorithm: Literal["RS256", "ES256"] = "RS256",
        logout_token_life: timedelta = DEFAULT_LOGOUT_TOKEN_LIFE,
        leeway: timedelta = DEFAULT_LEEWAY,
        discovery_url: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._issuer = check_issuer(issuer)
        self._prefix = check_prefix(customer_prefix)
        check_whole_seconds("leeway", leeway, minimum=timedelta(0), maximum=MAX_LEEWAY)
        check_algorithm("algorithm", algorithm)
        self._rules = IdTokenRules(
            issuer=issuer,
            client_id=checks.check_id("client_id", client_id),
            algorithm=algorithm,
            leeway=leeway,
            clock=self._clock,
        )
        check_whole_seconds(
            "logout_token_life", logout_token_life, minimum=timedelta(seconds=1), maximum=MAX_LOGOUT_TOKEN_LIFE
        )
        self._logout_rules = LogoutTokenRules(
            id_tokens=self._rules, max_life=logout_token_life, customer_id_of=self._customer_id
        )
        self._metadata = kept_metadata(issuer, check_discovery_url(discovery_url, issuer), algorithm, self._clock)
        self._keys: dict[tuple[str, float], KeySet] = {}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, *, clock: Clock | None = None) -> Self:
        """The verifier that the environment describes, as `OidcRoutes` writes it.

        Raises:
            StoreConfigurationError: a variable is missing or malformed (see `session_store.oidc.settings`).
        """
        return cls(**ProviderSettings.from_environment(environment).of_provider(), clock=clock)

    def verify_logout(self, token: str) -> ProviderLogout:
        """Verify a logout token that the provider has sent (back-channel). Ends no session.

        Args:
            token: `logout_token` of the form.

        Raises:
            LogoutTokenError: it is not good.
            ProviderUnavailableError: the provider's metadata cannot be read. `KeysUnavailableError` for its keys.
        """
        # Anyone may send one and name any key. Keys of their own, so that no stranger makes sign-ins wait for theirs.
        return self._logout_rules.verify(token, self._key_set(PAUSE_SECONDS))

    def _key_set(self, pause: float) -> KeySet:
        url = self._metadata.get().keys
        return self._keys.setdefault((url, pause), KeySet(url, pause=pause, clock=self._clock))

    def _customer_id(self, subject: str) -> str:
        try:
            return checks.check_customer_id(self._prefix + subject)
        except InvalidInputError:
            pass
        raise ProviderAnswerError("its sub does not fit into a customer id")
