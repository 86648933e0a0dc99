"""Apple's client secret: a JWT that the application signs with its own key."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from session_store import checks
from session_store.clock import SystemClock
from session_store.errors import StoreConfigurationError
from session_store.oidc.arguments import check_apple_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock

_AUDIENCE: Final = "https://appleid.apple.com"
_LIFE_SECONDS: Final = 600
_LEAST_LEFT_SECONDS: Final = 300


class AppleClientSecret:
    """Makes the client secret from a key of Apple's developer account. Calling the object gives it.

    A secret is good for 10 minutes and used for 5. It is made in the process, without a call.

    Args:
        team_id: the account's, 10 letters and digits.
        key_id: the key's, likewise.
        client_id: the Services ID, as in `OidcSignIn`.
        private_key: gives the key in PEM as Apple hands it out (`.p8`), for instance a `SecretsManagerSecret`.
        clock: tells the time.

    Attributes:
        private_key: the same.

    Raises:
        InvalidInputError: an argument is malformed.
    """

    def __init__(
        self, *, team_id: str, key_id: str, client_id: str, private_key: Callable[[], str], clock: Clock | None = None
    ) -> None:
        self._team_id = check_apple_id("team_id", team_id)
        self._key_id = check_apple_id("key_id", key_id)
        self._client_id = checks.check_id("client_id", client_id)
        self.private_key = checks.check_function("private_key", private_key)
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._made: tuple[str, float, str] | None = None  # the key, the end of its use, the secret

    def __call__(self) -> str:
        """The secret.

        Raises:
            StoreUnavailableError: the key could not be read.
            StoreConfigurationError: it is no P-256 key in PEM.
        """
        pem, now = self.private_key(), self._clock.now()
        with self._lock:
            if self._made is None or self._made[0] != pem or self._made[1] <= now:
                self._made = (pem, now + _LIFE_SECONDS - _LEAST_LEFT_SECONDS, self._signed(pem, int(now)))
            return self._made[2]

    def _signed(self, pem: str, now: int) -> str:
        claims = {
            "iss": self._team_id,
            "iat": now,
            "exp": now + _LIFE_SECONDS,
            "aud": _AUDIENCE,
            "sub": self._client_id,
        }
        return jwt.encode(claims, _key_in(pem), algorithm="ES256", headers={"kid": self._key_id})


def _key_in(pem: str) -> Any:  # noqa: ANN401 - the library's own name for a key differs by version
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return key
    raise StoreConfigurationError("Apple's client secret needs the private key for ES256 in PEM, as in the .p8 file")
