"""The public keys of an issuer, fetched when they are needed, and kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from session_store.errors import Refusal
from session_store.jwt.errors import InvalidJwtError, KeysUnavailableError
from session_store.jwt.fetching import NoAnswerError, fetch_json
from session_store.jwt.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.clock import Clock

FRESH_SECONDS: Final = 600.0
"""Keys are fetched anew after this. So long may a key that the issuer has withdrawn be accepted."""
KEPT_SECONDS: Final = 3600.0
"""While the issuer does not answer, the keys of its last answer are good for so long."""
PAUSE_SECONDS: Final = 30.0
"""Between two answers, however many tokens with unknown keys arrive."""
_LEAST_RSA_BITS: Final = 2048
# Of a key of each type, what makes the public key. All else in it, a private part for instance, is left alone.
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {"RS256": ("kty", "n", "e"), "ES256": ("kty", "crv", "x", "y")}


class KeySet:
    """The keys under one address. Safe to share between threads.

    Args:
        url: the address of the document.
        fetch: gets it.
        pause: seconds between two answers.
        clock: says how old it is.
    """

    def __init__(
        self,
        url: str,
        *,
        fetch: Callable[[str], dict[str, Any]] = fetch_json,
        pause: float = PAUSE_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        self._keys = Kept(
            lambda: _by_id(fetch(url)),
            KeysUnavailableError,
            fresh=FRESH_SECONDS,
            kept=KEPT_SECONDS,
            pause=pause,
            clock=clock,
        )

    def key(self, kid: str, algorithm: str) -> PyJWK:
        """The key with this id, if it is one for the algorithm. An id that is not known makes it look again, at times.

        Raises:
            InvalidJwtError: there is no such key.
            KeysUnavailableError: the keys cannot be read, and the last ones are too old.
        """
        keys = self._keys.get(lambda known: kid in known)
        try:
            return _public_key(keys[kid], algorithm)
        except (LookupError, TypeError, ValueError, PyJWTError):
            pass
        raise InvalidJwtError(Refusal.UNKNOWN_KEY)


@lru_cache(maxsize=16)
def key_set(url: str) -> KeySet:
    """The keys under an address, one set for all verifications of the process."""
    return KeySet(url)


def _by_id(document: Mapping[str, Any]) -> dict[str, Any]:
    keys = document.get("keys")
    if not isinstance(keys, list):
        raise NoAnswerError("the answer has no keys")
    return {key["kid"]: key for key in keys if isinstance(key, dict) and isinstance(key.get("kid"), str)}


def _public_key(key: Mapping[str, Any], algorithm: str) -> PyJWK:
    verifies = key.get("use", "sig") == "sig" and "verify" in key.get("key_ops", ("verify",))
    if not verifies or key.get("alg", algorithm) != algorithm:
        raise ValueError("not a key for this")
    found = PyJWK({part: key[part] for part in _PARTS[algorithm]}, algorithm)
    if algorithm == "RS256" and found.key.key_size < _LEAST_RSA_BITS:
        raise ValueError("too short")
    return found
