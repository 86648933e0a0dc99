"""`verify`: an access token is accepted when everything about it is right."""

from __future__ import annotations

import hashlib
import hmac
import runpy
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.paths import ROOT
from session_store import InvalidInputError, InvalidTokenError, Refusal
from session_store.jwt import InsufficientScopeError, InvalidJwtError, verify
from session_store.kernel.problems import problem_answer
from tests.support.jwts import AUDIENCE, SESSION_ID, Issuer, ec_key, encoded, jwk, part, rsa_key


def refusal_of(token: Any, issuer: Issuer, **arguments: Any) -> Refusal:
    """Why a token is refused; the error shows no part of it."""
    with pytest.raises(InvalidJwtError) as caught:
        verify(token, **{"issuer": issuer.url, "audience": AUDIENCE} | arguments)
    shown = "".join(traceback.format_exception(caught.value))
    assert not isinstance(token, str) or not [piece for piece in token.split(".") if len(piece) > 8 and piece in shown]
    assert caught.value.__context__ is None
    return caught.value.refusal


def test_a_good_token_says_whose_session_it_came_from(issuer: Issuer) -> None:
    now = datetime.now(UTC)

    found = verify(issuer.token(tier="gold"), issuer=issuer.url, audience=AUDIENCE, scopes=["orders:read"])

    assert (found.session_id, found.customer_id, found.audience, found.token_id) == (SESSION_ID, "ana", AUDIENCE, "one")
    assert found.scopes == {"orders:read", "orders:write"}
    assert found.expires_at - found.issued_at == timedelta(minutes=5)
    assert found.auth_time is not None
    assert timedelta(seconds=59) <= now - found.auth_time <= timedelta(seconds=62)
    assert found.claims["tier"] == "gold"
    assert "gold" not in repr(found)


@pytest.mark.parametrize("scope", [None, ""])
def test_a_token_may_have_no_scope(issuer: Issuer, scope: str | None) -> None:
    token = issuer.token(scope=scope)

    assert verify(token, issuer=issuer.url, audience=AUDIENCE).scopes == frozenset()
    with pytest.raises(InsufficientScopeError) as caught:
        verify(token, issuer=issuer.url, audience=AUDIENCE, scopes=["orders:write", "orders:read"])
    assert caught.value.missing == ("orders:read", "orders:write")


def test_a_token_may_leave_open_when_its_user_authenticated(issuer: Issuer) -> None:
    assert verify(issuer.token(auth_time=None), issuer=issuer.url, audience=AUDIENCE).auth_time is None


def test_es256_is_accepted_where_it_is_asked_for(issuer: Issuer) -> None:
    issuer.keys = [jwk(ec_key(), "first")]
    token = issuer.token(key=ec_key(), algorithm="ES256")

    assert verify(token, issuer=issuer.url, audience=AUDIENCE, algorithm="ES256").customer_id == "ana"
    assert refusal_of(token, issuer) is Refusal.WRONG_ALGORITHM
    assert refusal_of(issuer.token(), issuer, algorithm="ES256") is Refusal.WRONG_ALGORITHM


# Signature and algorithm


@pytest.mark.shows("9.1.1")
@pytest.mark.parametrize("changed", [{"sub": "bob"}, {"scope": "admin"}, {"exp": 4_000_000_000}])
def test_a_token_with_other_claims_than_were_signed_is_refused(issuer: Issuer, changed: dict[str, Any]) -> None:
    head, _, signature = issuer.token().split(".")

    assert refusal_of(f"{head}.{part(issuer.claims(**changed))}.{signature}", issuer) is Refusal.WRONG_SIGNATURE


@pytest.mark.shows("9.1.1")
def test_a_signature_of_another_key_is_refused(issuer: Issuer) -> None:
    assert refusal_of(issuer.token(key=rsa_key("thief")), issuer) is Refusal.WRONG_SIGNATURE


@pytest.mark.shows("9.1.1")
def test_the_signature_is_looked_at_before_anything_else(issuer: Issuer) -> None:
    token = issuer.token(key=rsa_key("thief"), iss="https://evil.example", aud="other", exp=1, nbf=4_000_000_000)

    assert refusal_of(token, issuer) is Refusal.WRONG_SIGNATURE


@pytest.mark.shows("9.1.2")
@pytest.mark.parametrize("name", ["none", "None", "nOnE", "NONE", ""])
def test_an_unsigned_token_is_refused(issuer: Issuer, name: str) -> None:
    for signature in ("", issuer.token().rpartition(".")[2]):
        token = f"{part({'alg': name, 'typ': 'at+jwt', 'kid': 'first'})}.{part(issuer.claims())}.{signature}"
        assert refusal_of(token, issuer) in {Refusal.WRONG_ALGORITHM, Refusal.MALFORMED}


@pytest.mark.shows("9.1.2")
@pytest.mark.parametrize("form", ["pem", "der", "modulus"])
def test_hmac_with_the_public_key_is_refused(issuer: Issuer, form: str) -> None:
    public = rsa_key().public_key()
    secret = {
        "pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "modulus": jwk(rsa_key(), "first")["n"].encode(),
    }[form]
    signed = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': 'first'})}.{part(issuer.claims())}"
    token = f"{signed}.{encoded(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"

    assert refusal_of(token, issuer) is Refusal.WRONG_ALGORITHM


@pytest.mark.shows("9.1.2")
@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_another_algorithm_is_refused_even_with_the_right_key(issuer: Issuer, algorithm: str) -> None:
    assert refusal_of(issuer.token(algorithm=algorithm), issuer) is Refusal.WRONG_ALGORITHM


def test_a_key_that_is_too_short_is_not_used(issuer: Issuer) -> None:
    issuer.keys = [jwk(rsa_key("short", 1024), "first")]

    assert refusal_of(issuer.token(), issuer) is Refusal.UNKNOWN_KEY


# Where the key comes from


@pytest.mark.shows("9.1.3")
def test_a_key_that_the_token_brings_or_names_is_never_used(issuer: Issuer) -> None:
    thief = jwk(rsa_key("thief"), "first")
    hints = {"jwk": thief, "jku": f"{issuer.url}/evil.json", "x5u": f"{issuer.url}/evil.pem", "x5c": ["MIIB"]}

    for name, value in hints.items():
        token = issuer.token(key=rsa_key("thief"), header={name: value})
        assert refusal_of(token, issuer) is Refusal.WRONG_SIGNATURE
    assert set(issuer.asked) == {"/.well-known/jwks.json"}


@pytest.mark.shows("9.1.3")
@pytest.mark.parametrize("kid", ["second", "", "../first", "first\n", "x" * 8000])
def test_a_token_of_an_unknown_key_is_refused(issuer: Issuer, kid: str) -> None:
    assert refusal_of(issuer.token(header={"kid": kid}), issuer) is Refusal.UNKNOWN_KEY


@pytest.mark.parametrize(
    "use", [{"use": "enc"}, {"key_ops": ["encrypt"]}, {"alg": "RS512"}, {"kty": "oct"}, {"n": None}, {"e": "!"}]
)
def test_a_published_key_for_something_else_is_not_used(issuer: Issuer, use: dict[str, Any]) -> None:
    issuer.keys = [{**jwk(rsa_key(), "first"), **use}]

    assert refusal_of(issuer.token(), issuer) is Refusal.UNKNOWN_KEY


# Claims


@pytest.mark.shows("9.2.1")
@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"exp": -31}, Refusal.EXPIRED),
        ({"nbf": 40}, Refusal.NOT_YET_VALID),
        ({"iat": 40}, Refusal.NOT_YET_VALID),
    ],
)
def test_a_token_is_refused_outside_of_its_time(issuer: Issuer, changed: dict[str, int], refusal: Refusal) -> None:
    now = int(datetime.now(UTC).timestamp())
    times: dict[str, Any] = {name: now + value for name, value in changed.items()}

    assert refusal_of(issuer.token(**times), issuer) is refusal


@pytest.mark.shows("9.2.1")
@pytest.mark.parametrize("apart", [-290, 290], ids=["the issuer is behind", "the issuer is ahead"])
def test_clocks_that_are_five_minutes_apart_need_the_leeway_for_it(issuer: Issuer, apart: int) -> None:
    now = int(datetime.now(UTC).timestamp()) + apart
    token = issuer.token(iat=now, nbf=now, exp=now + 60)

    refusal = Refusal.EXPIRED if apart < 0 else Refusal.NOT_YET_VALID
    assert refusal_of(token, issuer) is refusal
    assert verify(token, issuer=issuer.url, audience=AUDIENCE, leeway=timedelta(minutes=5)).customer_id == "ana"


@pytest.mark.shows("9.2.2", "T113")
@pytest.mark.parametrize("typ", ["JWT", "", "logout+jwt", "dpop+jwt", "at+jwt ", 7, ["at+jwt"]])
def test_a_token_of_another_type_is_refused(issuer: Issuer, typ: Any) -> None:
    """An ID token, for instance, of the same issuer and for the same audience."""
    token = f"{part({'alg': 'RS256', 'typ': typ, 'kid': 'first'})}.{issuer.token().partition('.')[2]}"

    assert refusal_of(token, issuer) in {Refusal.WRONG_KIND, Refusal.MALFORMED}


@pytest.mark.parametrize("typ", ["AT+JWT", "application/at+jwt"])
def test_the_type_may_be_written_in_full(issuer: Issuer, typ: str) -> None:
    assert verify(issuer.token(header={"typ": typ}), issuer=issuer.url, audience=AUDIENCE).customer_id == "ana"


@pytest.mark.shows("9.2.3", "T113")
@pytest.mark.parametrize("audience", ["billing", "ORDERS", ["orders", "billing"], ["orders"], 7, {"orders": 1}])
def test_a_token_for_another_service_is_refused(issuer: Issuer, audience: Any) -> None:
    assert refusal_of(issuer.token(aud=audience), issuer) is Refusal.WRONG_AUDIENCE


@pytest.mark.parametrize("other", ["https://evil.example", "{url}/", "{url}x"])
def test_a_token_of_another_issuer_is_refused(issuer: Issuer, other: str) -> None:
    assert refusal_of(issuer.token(iss=other.format(url=issuer.url)), issuer) is Refusal.WRONG_ISSUER


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"])
def test_a_token_that_lacks_a_claim_is_refused(issuer: Issuer, claim: str) -> None:
    left_out: dict[str, Any] = {claim: None}

    assert refusal_of(issuer.token(**left_out), issuer) is Refusal.MALFORMED


@pytest.mark.parametrize(
    "changed",
    [{"sid": 7}, {"jti": ["a"]}, {"scope": ["admin"]}, {"auth_time": "now"}, {"auth_time": 10**30}, {"exp": "1e9"}],
)
def test_a_claim_of_another_form_is_refused(issuer: Issuer, changed: dict[str, Any]) -> None:
    assert refusal_of(issuer.token(**changed), issuer) is Refusal.MALFORMED


# Anything else


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b", "a.b.c", "a.b.c.d", ".", "..", "\x00.\x00.\x00", "é.é.é", "x" * 100_000, None, b"a.b.c", 7],
)
def test_garbage_is_refused_without_asking_for_keys(issuer: Issuer, token: Any) -> None:
    assert refusal_of(token, issuer) is Refusal.MALFORMED
    assert issuer.asked == []


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"kid": None},
        {"kid": 7},
        {"kid": ["first"]},
    ],
)
def test_a_header_that_insists_on_more_or_names_no_key_is_refused(issuer: Issuer, header: dict[str, Any]) -> None:
    fields = {"alg": "RS256", "typ": "at+jwt", "kid": "first", **header}

    assert refusal_of(f"{part(fields)}.{issuer.token().partition('.')[2]}", issuer) is Refusal.MALFORMED
    assert issuer.asked == []


def test_deep_json_is_refused(issuer: Issuer) -> None:
    deep = encoded(b'{"a":' * 2000 + b"1" + b"}" * 2000)

    assert refusal_of(f"{deep}.{deep}.x", issuer) is Refusal.MALFORMED


def test_a_refused_token_is_answered_as_one_of_the_store(issuer: Issuer) -> None:
    with pytest.raises(InvalidTokenError) as caught:
        verify("garbage", issuer=issuer.url, audience=AUDIENCE)

    assert problem_answer(caught.value).status == 401


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("issuer", "http://api.example.com"),
        ("issuer", "https://api.example.com/"),
        ("issuer", "https://user:secret@api.example.com"),
        ("issuer", "api.example.com"),
        ("issuer", None),
        ("keys_url", "http://169.254.169.254/latest"),
        ("keys_url", "file:///etc/passwd"),
        ("audience", ""),
        ("audience", None),
        ("scopes", "orders:read"),
        ("algorithm", "HS256"),
        ("algorithm", "none"),
        ("leeway", timedelta(minutes=6)),
        ("leeway", 30),
    ],
)
def test_an_argument_that_would_make_it_unsafe_is_refused_by_its_name(
    issuer: Issuer, argument: str, value: Any
) -> None:
    arguments: dict[str, Any] = {"issuer": issuer.url, "audience": AUDIENCE, argument: value}

    with pytest.raises(InvalidInputError) as caught:
        verify(issuer.token(), **arguments)

    assert caught.value.field == argument
    assert "secret" not in str(caught.value)


def test_the_example_answers_each_kind_of_token_with_its_status(issuer: Issuer) -> None:
    status_of = runpy.run_path(str(ROOT / "examples" / "access_tokens" / "verifying.py"))["status_of"]
    status_of.__globals__["ISSUER"] = issuer.url
    good, narrow = issuer.token(), issuer.token(scope="orders:write")

    assert [status_of(f"Bearer {token}") for token in (good, narrow, "v1.garbage")] == [200, 403, 401]
    status_of.__globals__["ISSUER"] = "http://127.0.0.1:9"
    assert status_of(f"Bearer {good}") == 503
