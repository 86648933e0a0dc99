"""Makes access tokens from sessions. The session is validated for each one, the signature is used again for a while."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from session_store.clock import SystemClock
from session_store.errors import InvalidInputError, SessionNotFoundError
from session_store.jwt.claims import claims_of, encoded, signing_input
from session_store.jwt.settings import IssuerSettings, check_scopes
from session_store.kernel.problems import AnonymousSessionError
from session_store.model import SessionState
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Self

    from session_store.clock import Clock
    from session_store.model import Session

_KEPT: Final = 1000  # tokens, 2 KB each
_LEAST_SECONDS: Final = 60  # that a token which is handed out again is still good for


class Signer(Protocol):
    """A key that signs."""

    kid: str
    algorithm: str

    def sign(self, content: bytes) -> bytes:
        """The signature of these bytes."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new access token.

    Attributes:
        token: for the client.
        expires_at: when it runs out, an aware UTC datetime.
        expires_in: how many seconds it is good for from now.
        scopes: what it allows.
    """

    token: str = field(repr=False)
    expires_at: datetime
    expires_in: int
    scopes: tuple[str, ...]


class _Key(NamedTuple):
    """The content of a token, without its times. While it is the same, so is the token."""

    session_id: str
    version: int
    last_login_time: datetime | None
    audience: str
    scopes: tuple[str, ...]


class _Signed(NamedTuple):
    token: str
    expires_at: int


class Issuer:
    """Makes access tokens. One per process, safe to share between threads.

    Args:
        settings: the rules.
        signer: the key.
        scopes: gives the scopes of a session, in place of those of the settings. It is called for each token.
        clock: the source of time.
    """

    def __init__(
        self,
        settings: IssuerSettings,
        signer: Signer,
        *,
        scopes: Callable[[Session], Collection[str]] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self._signer = signer
        self._scopes = scopes
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._signed: OrderedDict[_Key, _Signed] = OrderedDict()

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str] = os.environ,
        *,
        scopes: Callable[[Session], Collection[str]] | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """The issuer that `SessionIssuer.connect` has described to this function.

        Raises:
            StoreConfigurationError: a variable is missing or malformed, or a client cannot be made.
        """
        settings = IssuerSettings.from_environment(environment)
        clock = clock or SystemClock()
        return cls(settings, _signer(settings, clock), scopes=scopes, clock=clock)

    def issue(
        self, validate: Callable[[], Session], *, audience: str | None = None, scopes: Collection[str] | None = None
    ) -> IssuedToken:
        """A token for a live session.

            issuer.issue(lambda: store.validate(token, strict=True), audience="orders")

        The first one of a session costs a signature. Until a minute before it runs out, the same one is handed out
        again, while data, sign-in, audience and scopes are the same.

        Args:
            validate: reads the session now, and raises if it is not live. The token's time counts from before that, so
                that it never outlasts the end of the session by more than the `ttl`.
            audience: the service that it is for. May be left out where the issuer has one.
            scopes: some of those that the session has, by default all.

        Raises:
            InvalidInputError: the audience or a scope is not configured.
            AnonymousSessionError: the session is a visitor's.
            SessionNotFoundError: it is closing, or as good as over.
            DataTooLargeError: the chosen data makes the token too large.
            StoreUnavailableError: the key cannot be used now. There is no token without a signature.
            StoreConfigurationError: the key or its permissions are not right.
        """
        audience = self._audience(audience)
        granted = () if self._scopes else _granted(self.settings.scopes, scopes)
        now = int(self._clock.now())
        session = validate()
        if session.customer_id is None:
            raise AnonymousSessionError
        if session.session_state is not SessionState.ACTIVE or session.expires_at.timestamp() <= now:
            raise SessionNotFoundError(session.session_id)
        if self._scopes is not None:
            granted = _granted(check_scopes("scopes", self._scopes(session)), scopes)
        key = _Key(session.session_id, session.version, session.last_login_time, audience, granted)
        signed = self._kept(key, now, session) or self._sign(key, now, session)
        expires_at = datetime.fromtimestamp(signed.expires_at, UTC)
        return IssuedToken(signed.token, expires_at, signed.expires_at - now, granted)

    def _audience(self, asked: str | None) -> str:
        known = self.settings.audiences
        if asked is None and len(known) == 1:
            return known[0]
        if asked not in known:
            raise InvalidInputError("audience", f"must be one of {', '.join(known)}", value=asked)
        return asked

    def _kept(self, key: _Key, now: int, session: Session) -> _Signed | None:
        with self._lock:
            signed = self._signed.get(key)
            if signed is None or signed.expires_at - now < _LEAST_SECONDS:
                return None
            self._signed.move_to_end(key)
        return signed if signed.expires_at <= session.expires_at.timestamp() else None

    def _sign(self, key: _Key, now: int, session: Session) -> _Signed:
        claims = claims_of(session, self.settings, audience=key.audience, scopes=key.scopes, now=now)
        text = signing_input(claims, kid=self._signer.kid, algorithm=self._signer.algorithm)
        signed = _Signed(f"{text}.{encoded(self._signer.sign(text.encode()))}", claims["exp"])
        with self._lock:
            self._signed[key] = signed
            self._signed.move_to_end(key)
            while len(self._signed) > _KEPT:
                self._signed.popitem(last=False)
        return signed


def _granted(allowed: Collection[str], asked: Collection[str] | None) -> tuple[str, ...]:
    """The scopes of a token, in an order that does not depend on the request."""
    for scope in asked or ():
        if scope not in allowed:
            raise InvalidInputError("scope", "must be some of the session's scopes", value=scope)
    return tuple(sorted(set(allowed if asked is None else asked)))


def _signer(settings: IssuerSettings, clock: Clock) -> Signer:
    arn = str(settings.key)
    if settings.key_id is None:
        from session_store.jwt.kms_key import KmsKey  # noqa: PLC0415 - only the kind that is used is loaded

        return KmsKey(arn, clock)
    from session_store.jwt.local_key import LocalKey  # noqa: PLC0415

    return LocalKey(arn, settings.key_id, settings.algorithm, clock)
