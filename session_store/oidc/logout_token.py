"""Logout tokens (OpenID Connect Back-Channel Logout 1.0): the signature first, then all that makes one of a JWT."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from session_store.jwt.decoding import verified_claims
from session_store.jwt.errors import InvalidJwtError
from session_store.oidc.errors import LogoutTokenError, ProviderAnswerError
from session_store.oidc.id_token import check_party, moment_of, text_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    from session_store.jwt.key_set import KeySet
    from session_store.oidc.id_token import IdTokenRules

_TYPES: Final = ("logout+jwt",)
_REQUIRED: Final = ("iss", "aud", "iat", "exp", "jti", "events")
_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLogout:
    """A logout that the provider has sent, verified.

    Attributes:
        issuer: the provider.
        jti: the token's id. A provider may send a token again.
        issued_at: when it was sent, by the provider's clock.
        expires_at: when it is accepted no more, the leeway included.
        customer_id: `sub` behind the issuer's prefix. None if the token names a session alone.
        sid: the provider's own session, as in `Authentication`. None if the token names the user alone.
        claims: all claims. Never in `repr`.
    """

    issuer: str
    jti: str
    issued_at: datetime
    expires_at: datetime
    customer_id: str | None
    sid: str | None
    claims: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutTokenRules:
    """What is accepted.

    Attributes:
        id_tokens: issuer, audience, algorithm and leeway are those of ID tokens.
        max_life: from `iat` to `exp`.
        customer_id_of: makes a customer's id of `sub`.
    """

    id_tokens: IdTokenRules
    max_life: timedelta
    customer_id_of: Callable[[str], str]

    def verify(self, token: str, keys: KeySet) -> ProviderLogout:
        """Verify a logout token.

        Raises:
            LogoutTokenError: it is not good.
            KeysUnavailableError: the provider's keys cannot be read.
        """
        try:
            claims = verified_claims(token, keys, self.id_tokens.expected(_TYPES, _REQUIRED))
            self._check(claims)
            subject, sid = text_in(claims, "sub"), text_in(claims, "sid")
            customer_id = None if subject is None else self.customer_id_of(subject)
        except InvalidJwtError as error:
            problem = str(error.refusal)
        except ProviderAnswerError as error:
            problem = error.problem
        else:
            if subject is not None or sid is not None:
                return ProviderLogout(
                    issuer=claims["iss"],
                    jti=claims["jti"],
                    issued_at=moment_of(claims, "iat"),
                    expires_at=moment_of(claims, "exp") + self.id_tokens.leeway,
                    customer_id=customer_id,
                    sid=sid,
                    claims=claims,
                )
            problem = "it has neither sub nor sid"
        raise LogoutTokenError(problem)

    def _check(self, claims: Mapping[str, Any]) -> None:
        check_party(claims, self.id_tokens.client_id)
        events = claims["events"]
        if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
            raise ProviderAnswerError("its events are not those of a logout")
        text_in(claims, "jti")
        if "nonce" in claims:  # so that no ID token passes for a logout token
            raise ProviderAnswerError("it has a nonce")
        if not 0 <= claims["exp"] - claims["iat"] <= self.max_life.total_seconds():
            raise ProviderAnswerError("it lives longer than the setting allows, or ends before it begins")
