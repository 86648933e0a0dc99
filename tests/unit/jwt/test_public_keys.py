"""Public keys: what an issuer publishes of a key is what every library makes of it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from session_store import InvalidInputError
from session_store.jwt.public_keys import from_der, from_pem
from tests.support.jwts import ec_key, jwk, rsa_key

KEYS: list[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = [rsa_key(), rsa_key("long", 4096), ec_key()]


def written(key: Any, encoding: Encoding = Encoding.DER) -> bytes:
    made: bytes = key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    return made


@pytest.mark.parametrize("key", KEYS, ids=["RSA", "RSA of 4,096 bits", "P-256"])
def test_it_is_published_as_pyjwt_publishes_it(key: Any) -> None:
    theirs = {name: value for name, value in jwk(key, "first").items() if name != "key_ops"}

    assert from_der(written(key)).jwk("first") == theirs
    assert from_pem("key", written(key, Encoding.PEM).decode()).jwk("first") == theirs


def test_its_id_depends_on_the_key_alone() -> None:
    parts = {name: jwk(rsa_key(), "")[name] for name in ("e", "kty", "n")}  # RFC 7638: sorted
    digest = hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).digest()

    assert from_der(written(rsa_key())).thumbprint == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "key",
    [
        rsa_key("short", 1024),
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["short RSA", "P-384", "secp256k1", "Ed25519"],
)
def test_a_key_of_another_kind_is_refused(key: Any) -> None:
    with pytest.raises(ValueError, match=r"kind|short"):
        from_der(written(key))


@pytest.mark.parametrize("key", KEYS[::2], ids=["RSA", "P-256"])
def test_no_cut_or_longer_key_is_taken_for_a_key(key: Any) -> None:
    whole = written(key)

    for broken in (*(whole[:length] for length in range(len(whole))), whole + b"\0", b"\x31" + whole[1:]):
        with pytest.raises(ValueError, match=r"whole|kind|short"):
            from_der(broken)


@pytest.mark.parametrize(
    "text", ["", "ssh-rsa AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", None]
)
def test_a_text_that_is_no_public_key_is_refused_by_its_name_and_not_shown(text: Any) -> None:
    with pytest.raises(InvalidInputError, match="public_key: must be a public key in PEM") as caught:
        from_pem("public_key", text)
    assert "AAAA" not in str(caught.value)
