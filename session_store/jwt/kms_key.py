"""Signing with a key that never leaves KMS."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from session_store.aws.connection import connect
from session_store.errors import StoreUnavailableError
from session_store.storage.aws_calls import call

if TYPE_CHECKING:
    from session_store.clock import Clock

_ALGORITHM: Final = "RSASSA_PKCS1_V1_5_SHA_256"
_SIZES: Final = (256, 384, 512)  # bytes of the signature of an RSA key of 2,048, 3,072 and 4,096 bits


class KmsKey:
    """An RSA key in KMS, for RS256.

    Args:
        arn: of the key.
        clock: tells the time.
        client: of KMS, made here by default, not in the first request.

    Raises:
        StoreConfigurationError: a client cannot be made.

    Attributes:
        kid: the key's id, as tokens name it.
        algorithm: `RS256`.
    """

    def __init__(self, arn: str, clock: Clock, *, client: Any = None) -> None:  # noqa: ANN401 - botocore's have no type
        self._arn = arn
        self._clock = clock
        self._client: Any = client or connect("kms", region_name=arn.split(":")[3])
        self.kid = kid_of(arn)
        self.algorithm = "RS256"

    def sign(self, content: bytes) -> bytes:
        """The signature of these bytes: one call, which gets their digest alone.

        Raises:
            StoreUnavailableError: KMS failed, throttled or did not answer within 4 seconds.
            StoreConfigurationError: the key is disabled, or the role may not sign with it.
        """
        reply = call(
            "Sign",
            self._client.sign,
            self._clock,
            KeyId=self._arn,
            Message=hashlib.sha256(content).digest(),
            MessageType="DIGEST",
            SigningAlgorithm=_ALGORITHM,
        )
        signature = reply.get("Signature")
        if not isinstance(signature, bytes) or len(signature) not in _SIZES or reply.get("KeyId") != self._arn:
            raise StoreUnavailableError("Sign", "the reply was not whole")
        return signature


def kid_of(arn: str) -> str:
    """The id of a key, as tokens name it."""
    return arn.rpartition("/")[2]
