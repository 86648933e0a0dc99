"""An issuer of JWTs that makes good ones, and any kind of bad one."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from session_store.jwt.agreed import KEYS_PATH
from tests.support.answering import Answer, Asked, answering

AUDIENCE: Final = "orders"
SESSION_ID: Final = "018813f5-0000-7000-8000-000000000000"


@cache
def rsa_key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key, the same for a name: making one takes a while."""
    assert name
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str = "first") -> ec.EllipticCurvePrivateKey:
    """The same for ES256."""
    assert name
    return ec.generate_private_key(ec.SECP256R1())


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str) -> dict[str, Any]:
    """The public key as an issuer publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "ES256"}


@dataclass
class Issuer:
    """An issuer with one signing key.

    Attributes:
        url: its address.
        keys: what it publishes. Tests change it.
        answer: what it answers in place of that.
        asked: the paths that it was asked for.
    """

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk(rsa_key(), "first")])
    answer: Callable[[], Answer] | None = None
    asked: list[str] = field(default_factory=list)

    def serve(self, asked: Asked) -> Answer:
        """Answer one request."""
        self.asked.append(asked.path)
        if self.answer is not None:
            return self.answer()
        return Answer(body=json.dumps({"keys": self.keys})) if asked.path == KEYS_PATH else Answer(404)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Those of a good token. A claim that is changed to None is left out."""
        now = int(time.time())
        good = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ana",
            "sid": SESSION_ID,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": "one",
            "auth_time": now - 60,
            "scope": "orders:read orders:write",
        }
        return {name: value for name, value in {**good, **changed}.items() if value is not None}

    def token(
        self,
        *,
        key: Any = None,
        algorithm: str = "RS256",
        header: Mapping[str, Any] | None = None,
        **changed: Any,
    ) -> str:
        """A token, good unless told otherwise."""
        fields = {"typ": "at+jwt", "kid": "first", **(header or {})}
        return jwt.encode(self.claims(**changed), key or rsa_key(), algorithm=algorithm, headers=fields)


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Run an issuer on this machine."""
    issuer = Issuer()
    with answering(issuer.serve) as url:
        issuer.url = url
        yield issuer


def part(value: Mapping[str, Any]) -> str:
    """A part of a token."""
    return encoded(json.dumps(value).encode())


def encoded(content: bytes) -> str:
    """Bytes as tokens have them."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
