"""An issuer of access tokens on this machine: its key in place of KMS's, and its document of keys for verifiers."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.ports import HOST
from session_store.clock import SystemClock
from session_store.jwt import Issuer
from session_store.jwt.documents import KeyDocuments
from session_store.jwt.kms_key import KmsKey
from session_store.jwt.settings import IssuerSettings, KeyDocumentSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.clock import Clock

AUDIENCE: Final = "orders"
_KEY_ARN: Final = "arn:aws:kms:us-east-1:123456789012:key/018f0000-0000-4000-8000-000000000000"


@dataclass
class Kms:
    """Answers as KMS does, with one key.

    Attributes:
        signatures: how many it was asked for.
    """

    signatures: int = 0
    _key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def sign(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore's clients take them
        """One call of Sign."""
        self.signatures += 1
        return {"KeyId": _KEY_ARN, "Signature": self._key.sign(request["Message"], PKCS1v15(), Prehashed(SHA256()))}

    def get_public_key(self, **_: object) -> dict[str, Any]:
        """One call of GetPublicKey."""
        public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"PublicKey": public, "KeyUsage": "SIGN_VERIFY"}


def issuer_of(kms: Kms, clock: Clock, *, address: str = "https://localhost") -> Issuer:
    """An issuer with the defaults.

    Args:
        kms: signs.
        clock: tells the time.
        address: the issuer's name.
    """
    settings = IssuerSettings(issuer=address, audiences=(AUDIENCE,), key=_KEY_ARN)
    return Issuer(settings, KmsKey(_KEY_ARN, clock, client=kms), clock=clock)


@contextmanager
def published_issuer() -> Iterator[Issuer]:
    """An issuer whose address answers verifiers with its keys."""
    kms = Kms()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Any path is that of the keys."""
            settings = KeyDocumentSettings(issuer="https://localhost", keys=(_KEY_ARN,))
            body = json.dumps(KeyDocuments(settings, SystemClock(), client=kms).keys()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with HTTPServer((HOST, 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield issuer_of(kms, SystemClock(), address=f"http://{HOST}:{server.server_port}")
        finally:
            server.shutdown()
