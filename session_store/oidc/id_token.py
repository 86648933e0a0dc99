"""ID tokens: the signature first, then issuer, audience, times, nonce, and what was asked of the provider."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import Refusal
from session_store.jwt.claims import encoded
from session_store.jwt.decoding import Expected, is_time, verified_claims
from session_store.jwt.errors import InvalidJwtError
from session_store.oidc.authentication import Authentication
from session_store.oidc.errors import ProviderAnswerError, StepUpNotMetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from session_store.clock import Clock
    from session_store.jwt.key_set import KeySet
    from session_store.oidc.attempts import Attempt
    from session_store.oidc.token_endpoint import Tokens

_TYPES: Final = ("", "jwt")  # an access token or a logout token says that it is one
_REQUIRED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")
_MAX_TEXT: Final = 255  # characters of `sub` by the standard, and of what is kept
_MAX_METHODS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    """The content of a verified ID token.

    Attributes:
        subject: the user, unique with this issuer alone.
        authentication: how they authenticated.
        issued_at: when the token was made, by the provider's clock.
        claims: all claims. Never in `repr`.
    """

    subject: str
    authentication: Authentication
    issued_at: datetime
    claims: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenRules:
    """The rules for an ID token.

    Attributes:
        issuer: as the token names it.
        client_id: the audience.
        algorithm: the only one.
        leeway: how far the clocks may be apart.
        clock: tells the time.
    """

    issuer: str
    client_id: str
    algorithm: str
    leeway: timedelta
    clock: Clock

    def verify(self, tokens: Tokens, keys: KeySet, attempt: Attempt) -> IdToken:
        """Verify an ID token for the attempt that it answers.

        Raises:
            ProviderAnswerError: it is not good.
            StepUpNotMetError: it is, and shows less than was asked for.
            KeysUnavailableError: the provider's keys cannot be read.
        """
        try:
            claims = verified_claims(tokens.id_token, keys, self.expected(_TYPES, _REQUIRED))
        except InvalidJwtError as error:
            refusal = error.refusal
        else:
            check_party(claims, self.client_id)
            _check_equal(claims["nonce"], attempt.nonce, "its nonce is another one's")
            _check_access_token(claims, tokens.access_token)
            authentication = _authentication(claims)
            self._check_past(authentication)
            self._check_step_up(authentication, attempt)
            subject = text_in(claims, "sub")
            return IdToken(
                subject=subject or "",
                authentication=authentication,
                issued_at=moment_of(claims, "iat"),
                claims=claims,
            )
        raise ProviderAnswerError(f"its ID token is refused: {refusal}")

    def expected(self, types: tuple[str, ...], required: tuple[str, ...]) -> Expected:
        """A token of this issuer for this client.

        Args:
            types: as in `Expected`.
            required: the claims that it must have.
        """
        return Expected(
            types=types,
            algorithm=self.algorithm,
            issuer=self.issuer,
            audience=self.client_id,
            required=required,
            leeway=self.leeway,
            alone=False,
        )

    def _check_past(self, authentication: Authentication) -> None:
        moment = authentication.auth_time
        if moment is not None and moment.timestamp() > self.clock.now() + self.leeway.total_seconds():
            raise ProviderAnswerError("its auth_time is yet to come")

    def _check_step_up(self, authentication: Authentication, attempt: Attempt) -> None:
        if attempt.acr_values and authentication.acr not in attempt.acr_values:
            raise StepUpNotMetError("acr is none of those that were asked for")
        if attempt.max_age is None:
            return
        if authentication.auth_time is None:
            raise ProviderAnswerError("its ID token has no auth_time, although max_age was asked for")
        # As the provider saw it at the login: the user may take minutes for what comes after the password.
        age = attempt.begun_at - authentication.auth_time.timestamp()
        if age > attempt.max_age + self.leeway.total_seconds():
            raise StepUpNotMetError("the user authenticated too long ago")


def _check_access_token(claims: Mapping[str, Any], token: str | None) -> None:
    if "at_hash" not in claims or token is None:
        return
    half = hashlib.sha256(token.encode()).digest()[:16]
    _check_equal(claims["at_hash"], encoded(half), "its access token belongs to another ID token")


def _check_equal(given: object, expected: str, problem: str) -> None:
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(errors="replace"), expected.encode()):
        raise ProviderAnswerError(problem)


def _authentication(claims: Mapping[str, Any]) -> Authentication:
    methods = claims.get("amr", [])
    fits = isinstance(methods, list) and len(methods) <= _MAX_METHODS
    if not fits or not all(map(_is_text, methods)):
        raise ProviderAnswerError("its amr is no list of short texts")
    return Authentication(
        issuer=claims["iss"],
        acr=text_in(claims, "acr"),
        amr=tuple(methods),
        auth_time=None if claims.get("auth_time") is None else moment_of(claims, "auth_time"),
        sid=text_in(claims, "sid"),
    )


def check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several audiences has to name the one that it was made for.

    Raises:
        ProviderAnswerError: it names none, or another one.
    """
    audience, party = claims["aud"], claims.get("azp")
    several = isinstance(audience, list) and audience != [client_id]
    if (several and party is None) or (party is not None and party != client_id):
        raise ProviderAnswerError(f"{Refusal.WRONG_AUDIENCE} (azp)")


def text_in(claims: Mapping[str, Any], name: str) -> str | None:
    """A claim that is a short text, None if it is missing.

    Raises:
        ProviderAnswerError: it is something else.
    """
    value = claims.get(name)
    if value is None:
        return None
    if not _is_text(value):
        raise ProviderAnswerError(f"its {name} is no text of 1 to {_MAX_TEXT} printable characters")
    return str(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _MAX_TEXT and value.isprintable()


def moment_of(claims: Mapping[str, Any], name: str) -> datetime:
    """A claim that is a time.

    Raises:
        ProviderAnswerError: it is something else.
    """
    seconds: Any = claims.get(name)
    if is_time(seconds):
        try:
            return datetime.fromtimestamp(int(seconds), UTC)
        except (ValueError, OverflowError, OSError):
            pass
    raise ProviderAnswerError(f"its {name} is no time")
