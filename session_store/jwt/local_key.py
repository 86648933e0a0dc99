"""Signing with a key from Secrets Manager, for more tokens than KMS signs. Needs `cryptography`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from session_store.aws.connection import connect
from session_store.errors import StoreConfigurationError
from session_store.jwt.public_keys import from_der
from session_store.storage.aws_calls import call

if TYPE_CHECKING:
    from session_store.clock import Clock

_HALF: Final = 32  # bytes of each number of an ES256 signature


class LocalKey:
    """An RSA or P-256 key, read from its secret at the first signature and kept in the process.

    Args:
        arn: of the secret. Its text is the private key in PEM, without a pass phrase.
        kid: the id of its public key, as that is published.
        algorithm: `RS256` or `ES256`.
        clock: tells the time.
        client: of Secrets Manager, made here by default, not in the first request.

    Raises:
        StoreConfigurationError: a client cannot be made.

    Attributes:
        kid: the same.
        algorithm: the same.
    """

    def __init__(self, arn: str, kid: str, algorithm: str, clock: Clock, *, client: Any = None) -> None:  # noqa: ANN401
        self._arn = arn
        self._clock = clock
        self._client: Any = client or connect("secretsmanager", region_name=arn.split(":")[3])
        self._lock = threading.Lock()
        self._key: Any = None
        self.kid = kid
        self.algorithm = algorithm

    def sign(self, content: bytes) -> bytes:
        """The signature of these bytes.

        Raises:
            StoreUnavailableError: the secret could not be read.
            StoreConfigurationError: it holds no key, or another one than is published, or `cryptography` is missing.
        """
        try:
            from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - only issuers with a local key have it
            from cryptography.hazmat.primitives.asymmetric import ec, padding, utils  # noqa: PLC0415
        except ModuleNotFoundError:
            raise StoreConfigurationError("a local key needs cryptography: bundle it, or give a layer") from None
        with self._lock:
            key = self._key = self._key or self._loaded()
        if self.algorithm == "RS256":
            signature: bytes = key.sign(content, padding.PKCS1v15(), hashes.SHA256())
            return signature
        first, second = utils.decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
        return first.to_bytes(_HALF, "big") + second.to_bytes(_HALF, "big")

    def _loaded(self) -> Any:  # noqa: ANN401 - of either kind
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            Encoding,
            PublicFormat,
            load_pem_private_key,
        )

        reply = call("GetSecretValue", self._client.get_secret_value, self._clock, SecretId=self._arn)
        try:
            # Without the check of the key's numbers, which takes 45 ms of CPU time in place of 15 µs. Only the
            # application's operators write the secret, and the comparison below finds a key that was mixed up.
            key = load_pem_private_key(
                reply["SecretString"].encode(), password=None, unsafe_skip_rsa_key_validation=True
            )
            public = from_der(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
        except (AttributeError, LookupError, TypeError, ValueError, UnsupportedAlgorithm):
            public = None
        if public is None or public.algorithm != self.algorithm:
            raise StoreConfigurationError(f"the secret must be a private key for {self.algorithm} in PEM")
        if public.thumbprint != self.kid:
            raise StoreConfigurationError("the secret holds another key than the one that is published")
        return key
