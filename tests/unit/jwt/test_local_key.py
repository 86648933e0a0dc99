"""A local key: what it signs is accepted, and a secret with something else in it signs nothing."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from moto import mock_aws

from session_store import SessionStoreError, StoreConfigurationError
from session_store.jwt.agreed import Algorithm
from session_store.jwt.documents import KeyDocuments
from session_store.jwt.local_key import LocalKey
from session_store.jwt.public_keys import from_pem
from session_store.jwt.settings import KeyDocumentSettings
from session_store.testing import MovableClock
from tests.support.jwts import ec_key, rsa_key
from tests.unit.jwt.world import ISSUER, World

KEYS = {"RS256": rsa_key("local"), "ES256": ec_key("local")}
EVERY_ALGORITHM = pytest.mark.parametrize("algorithm", KEYS)


def private(key: Any) -> str:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


def public(key: Any) -> str:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


class Secrets:
    """Moto's Secrets Manager with one secret."""

    def __init__(self) -> None:
        self.client: Any = boto3.client("secretsmanager", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        self.numbers = itertools.count()
        self.read = 0

    def holding(self, text: str, algorithm: str, *, published: Any = None) -> LocalKey:
        self.read = 0
        arn = self.client.create_secret(Name=f"key-{next(self.numbers)}", SecretString=text)["ARN"]
        kid = from_pem("key", public(published or KEYS[algorithm])).thumbprint
        return LocalKey(arn, kid, algorithm, MovableClock(), client=self)

    def get_secret_value(self, **parameters: Any) -> Any:
        self.read += 1
        return self.client.get_secret_value(**parameters)


@pytest.fixture(scope="module")
def secrets() -> Iterator[Secrets]:
    with mock_aws():
        yield Secrets()


@EVERY_ALGORITHM
def test_a_token_of_a_local_key_is_good_by_what_is_published(
    world: World, secrets: Secrets, algorithm: Algorithm
) -> None:
    key = secrets.holding(private(KEYS[algorithm]), algorithm)
    world.signer = key
    session = world.store.create_session("ana").session
    settings = KeyDocumentSettings(issuer=ISSUER, keys=(public(KEYS[algorithm]),), algorithm=algorithm)
    documents = KeyDocuments(settings, MovableClock())

    issuer = world.new_issuer()
    tokens = [issuer.issue(lambda: session, audience=audience).token for audience in ("orders", "billing")]

    (published,) = documents.keys()["keys"]
    assert published["kid"] == key.kid
    for token, audience in zip(tokens, ("orders", "billing"), strict=True):
        assert jwt.get_unverified_header(token)["alg"] == algorithm
        claims = jwt.decode(token, jwt.PyJWK(published), algorithms=[algorithm], audience=audience, issuer=ISSUER)
        assert claims["sid"] == session.session_id
    assert secrets.read == 1
    assert documents.discovery()["id_token_signing_alg_values_supported"] == [algorithm]


@EVERY_ALGORITHM
def test_a_secret_with_another_key_than_is_published_signs_nothing(secrets: Secrets, algorithm: str) -> None:
    other = {"RS256": rsa_key("other"), "ES256": ec_key("other")}[algorithm]
    key = secrets.holding(private(other), algorithm)

    with pytest.raises(StoreConfigurationError, match="another key than the one that is published"):
        key.sign(b"content")


@pytest.mark.parametrize("text", ["", "garbage", "{}", private(KEYS["ES256"]), public(KEYS["RS256"])])
def test_a_secret_without_such_a_key_signs_nothing_and_is_not_shown(secrets: Secrets, text: str) -> None:
    key = secrets.holding(text or " ", "RS256")

    with pytest.raises(StoreConfigurationError, match="must be a private key for RS256") as caught:
        key.sign(b"content")
    assert "garbage" not in str(caught.value)
    assert caught.value.__context__ is None or "garbage" not in str(caught.value.__context__)


def test_a_secret_that_is_not_there_is_a_typed_error(secrets: Secrets) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:missing"

    with pytest.raises(SessionStoreError, match="GetSecretValue"):
        LocalKey(arn, "kid", "RS256", MovableClock(), client=secrets).sign(b"content")


def test_without_cryptography_it_says_what_is_missing(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)

    with pytest.raises(StoreConfigurationError, match="cryptography"):
        secrets.holding(private(KEYS["RS256"]), "RS256").sign(b"content")
