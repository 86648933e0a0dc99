"""The documents that verifiers read: discovery, and the public keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.aws.connection import connect
from session_store.errors import StoreConfigurationError, StoreUnavailableError
from session_store.jwt.agreed import KEYS_PATH
from session_store.jwt.kms_key import kid_of
from session_store.jwt.public_keys import from_der, from_pem
from session_store.storage.aws_calls import call

if TYPE_CHECKING:
    from session_store.clock import Clock
    from session_store.jwt.settings import KeyDocumentSettings

_ARN: Final = "arn:"
_USE: Final = "SIGN_VERIFY"


class KeyDocuments:
    """The documents of an issuer. A public key never changes, so each is read once per process.

    Args:
        settings: the issuer and its keys.
        clock: tells the time.
        client: of KMS, made at the first use by default.
    """

    def __init__(self, settings: KeyDocumentSettings, clock: Clock, *, client: Any = None) -> None:  # noqa: ANN401
        self._settings = settings
        self._clock = clock
        self._client = client
        self._keys: list[dict[str, str]] = []

    def discovery(self) -> dict[str, Any]:
        """The minimum that a verifier asks for (OpenID Connect Discovery 1.0)."""
        return {
            "issuer": self._settings.issuer,
            "jwks_uri": f"{self._settings.issuer}{KEYS_PATH}",
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self._settings.algorithm],
        }

    def keys(self) -> dict[str, Any]:
        """The public keys: all of them or none, because verifiers keep what they get for up to 2 hours.

        Raises:
            StoreUnavailableError: one of them cannot be read now.
            StoreConfigurationError: one of them is not right.
        """
        if not self._keys:
            self._keys = [self._published(key) for key in self._settings.keys]
        return {"keys": self._keys}

    def _published(self, key: str) -> dict[str, str]:
        public = None if key.startswith(_ARN) else from_pem("keys", key)
        if public is not None:
            return public.jwk(public.thumbprint)
        client = self._client or connect("kms", region_name=key.split(":")[3])
        reply = call("GetPublicKey", client.get_public_key, self._clock, KeyId=key)
        try:
            public = from_der(reply["PublicKey"])
        except (LookupError, TypeError, ValueError):
            raise StoreUnavailableError("GetPublicKey", "the reply was not whole") from None
        if public.algorithm != self._settings.algorithm or reply.get("KeyUsage") != _USE:
            raise StoreConfigurationError(
                f"the key {kid_of(key)} must be one for signatures by {self._settings.algorithm}"
            )
        return public.jwk(kid_of(key))
