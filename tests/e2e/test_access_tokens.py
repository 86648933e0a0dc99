"""Access tokens of the deployed issuer: KMS signs them, and the gateway, our verifier and others accept them."""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from session_store.jwt import verify, verifying
from session_store.jwt.key_set import KeySet
from tests.support.jwts import AUDIENCE, encoded, part, rsa_key
from tests.support.protected_api import ProtectedApi
from tests.support.protected_app import TTL


@pytest.fixture(autouse=True)
def _process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys of an earlier deployment."""
    monkeypatch.setattr(verifying, "key_set", cache(KeySet))


@pytest.fixture(scope="module", autouse=True)
def _gateway_with_keys(protected_api: ProtectedApi) -> None:
    """The gateway has fetched the keys, and every function has started: these tokens are good for five seconds."""
    for _ in range(5):
        if protected_api.by_token(minted(protected_api, "first")).status == 200:
            return
    pytest.fail("the gateway accepts no token")


def minted(protected_api: ProtectedApi, customer: str, **fields: Any) -> str:
    """A token for a new session of a customer."""
    session = protected_api.create_session(customer, data={"tier": "gold"})["session"]
    token: str = protected_api.access_token(session["session_id"], **fields).json["access_token"]
    return token


def test_the_gateway_accepts_a_token_and_tells_the_application_whose_it_is(
    protected_api: ProtectedApi, customer: str
) -> None:
    visitor = protected_api.sign_in(customer, bearer=True)

    answer = visitor.call("POST", "/session/token", {"audience": AUDIENCE}).json

    assert {name: answer[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": TTL.total_seconds(),
        "scope": "orders:read",
    }
    assert protected_api.by_token(answer["access_token"]).json["sub"] == customer
    assert protected_api.by_token(answer["access_token"], "/by-token/read").status == 200


def test_our_verifier_accepts_it_by_the_keys_that_are_published(protected_api: ProtectedApi, customer: str) -> None:
    token = minted(protected_api, customer)

    found = verify(token, issuer=protected_api.issuer, audience=AUDIENCE, scopes=["orders:read"])

    assert (found.customer_id, found.claims["tier"]) == (customer, "gold")
    assert found.expires_at - found.issued_at == TTL


@pytest.mark.shows("T112")
def test_after_the_end_of_its_session_and_the_ttl_no_token_is_accepted(
    protected_api: ProtectedApi, customer: str
) -> None:
    created = protected_api.create_session(customer)
    session_id = created["session"]["session_id"]
    token = protected_api.access_token(session_id).json["access_token"]
    protected_api.deployed.api.request("DELETE", f"/sessions/{session_id}")
    ended = time.time()

    assert protected_api.access_token(session_id).status == 404
    ended_user = protected_api.visitor(created["token"], bearer=True)
    assert ended_user.call("POST", "/session/token", {"audience": AUDIENCE}).status == 401
    while protected_api.by_token(token).status == 200:
        assert time.time() - ended < TTL.total_seconds() + 1
        time.sleep(0.2)
    assert protected_api.by_token(token).status == 401


def bad_tokens(protected_api: ProtectedApi, customer: str) -> dict[str, str | None]:
    """One for each step of the gateway's evaluation."""
    good = minted(protected_api, customer)
    claims = jwt.decode(good, options={"verify_signature": False})
    kid = jwt.get_unverified_header(good)["kid"]
    head, payload, signature = good.split(".")
    keys = KeySet(f"{protected_api.issuer}/.well-known/jwks.json")
    public = keys.key(kid, "RS256").key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    by_hmac = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': kid})}.{payload}"
    digest = hmac.new(public, by_hmac.encode(), hashlib.sha256).digest()
    unsigned = part({"alg": "none", "typ": "at+jwt", "kid": kid})
    forged = {"algorithm": "RS256", "key": rsa_key("thief")}
    return {
        "no token": None,
        "garbage": "garbage",
        "of a session": protected_api.create_session(customer)["token"],
        "tampered": f"{head}.{part({**claims, 'sub': 'another'})}.{signature}",
        "another key under its id": jwt.encode(claims, headers={"kid": kid}, **forged),  # type: ignore[arg-type]
        "a retired key": jwt.encode(claims, headers={"kid": "retired"}, **forged),  # type: ignore[arg-type]
        "no key": jwt.encode(claims, **forged),  # type: ignore[arg-type]
        "alg none": f"{unsigned}.{payload}.",
        "alg none, signed": f"{unsigned}.{payload}.{signature}",
        "HS256 with the public key": f"{by_hmac}.{encoded(digest)}",
        "another audience": minted(protected_api, customer, audience="billing"),
    }


def test_the_gateway_refuses_every_other_token(protected_api: ProtectedApi, customer: str) -> None:
    tokens = bad_tokens(protected_api, customer)

    assert {name: protected_api.by_token(token).status for name, token in tokens.items()} == dict.fromkeys(tokens, 401)


def test_a_token_without_the_routes_scope_is_a_403(protected_api: ProtectedApi, customer: str) -> None:
    assert protected_api.by_token(minted(protected_api, customer), "/by-token/write").status == 403
    assert protected_api.by_token(minted(protected_api, customer, scope=""), "/by-token/read").status == 403
    assert protected_api.by_token(minted(protected_api, customer, scope="")).status == 200


def test_a_disabled_key_signs_nothing(protected_api: ProtectedApi, customer: str) -> None:
    aws = protected_api.deployed.aws
    kms: Any = aws.session().client("kms", endpoint_url=aws.endpoint_url)
    kid = jwt.get_unverified_header(minted(protected_api, customer))["kid"]
    session_id = protected_api.create_session(customer)["session"]["session_id"]
    kms.disable_key(KeyId=kid)
    try:
        refused = protected_api.access_token(session_id)
    finally:
        kms.enable_key(KeyId=kid)

    assert refused.outcome == (503, "misconfigured")
    assert "access_token" not in refused.text
    assert protected_api.access_token(session_id).status == 200
