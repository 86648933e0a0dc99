"""The parsers of a sign-in with a provider, which the fuzzer feeds, too. Its key has signed what is in the tokens."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from socket import inet_aton
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from session_store import InvalidInputError
from session_store.clock import SystemClock
from session_store.jwt.key_set import KeySet
from session_store.oidc import LogoutTokenError, ProviderAnswerError, SignInNotBegunError
from session_store.oidc.addresses import check_return_address, is_endpoint
from session_store.oidc.attempts import Attempt, AttemptCookies
from session_store.oidc.id_token import IdTokenRules
from session_store.oidc.logout_token import LogoutTokenRules
from session_store.oidc.parameters import parameters_in
from session_store.oidc.token_endpoint import Tokens
from tests.support.jwts import encoded, jwk, rsa_key

_HERE: Final = "https://shop.example.com/auth/callback"
_KEYS: Final = KeySet("", fetch=lambda _: {"keys": [jwk(rsa_key(), "first")]})
_ID_TOKENS: Final = IdTokenRules(
    issuer="https://idp.example", client_id="shop", algorithm="RS256", leeway=timedelta(0), clock=SystemClock()
)
_LOGOUT_TOKENS: Final = LogoutTokenRules(id_tokens=_ID_TOKENS, max_life=timedelta.max, customer_id_of="idp:".__add__)
_ATTEMPT: Final = Attempt(state="", nonce="n", verifier="", begun_at=0, return_to="/")
_COOKIES: Final = AttemptCookies(lambda: "s" * 16, "", cross_site=False, clock=SystemClock())


def return_address(data: bytes) -> None:
    """An address is refused, or it stays on its site, also once its path is decoded, as browsers read it."""
    with suppress(InvalidInputError):
        path, decoded = "", check_return_address(data.decode("utf-8", "surrogateescape"))
        decoded = decoded.partition("?")[0].partition("#")[0]
        while decoded != path:
            path, decoded = decoded, unquote(decoded)
            assert urlsplit(urljoin(_HERE, path.replace("\\", "/")))[:2] == ("https", "shop.example.com")


def endpoint(data: bytes) -> None:
    """An address in metadata is refused, or it is of another machine, without a user or a fragment."""
    text = data.decode("utf-8", "surrogateescape")
    if is_endpoint(text, local=False):
        parts = urlsplit(text)
        assert (parts.scheme, parts.username, parts.fragment) == ("https", None, "")
        assert parts.port is None or parts.port >= 0
        host = parts.hostname or "localhost"
        assert host.rpartition(".")[2] != "localhost"
        with suppress(OSError):  # no spelling of an IPv4 address
            number = inet_aton(host)
            assert number[0] != 127
            assert any(number)


def provider_answer(data: bytes) -> None:
    """A query and cookies are refused. None of them is guessed."""
    query, _, cookies = data.decode("utf-8", "surrogateescape").partition("\n")
    with suppress(InvalidInputError, SignInNotBegunError):
        _COOKIES.read(parameters_in(query).get("state"), cookies.split(";"))
        raise AssertionError(query)


def signed_token(data: bytes) -> None:
    """Two lines, a header and claims: the token is refused, or it is an ID token, or a logout token, and never both."""
    header, _, claims = data.partition(b"\n")
    signed = f"{encoded(header)}.{encoded(claims)}"
    token = f"{signed}.{encoded(rsa_key().sign(signed.encode(), PKCS1v15(), SHA256()))}"
    accepted: list[object] = []
    with suppress(ProviderAnswerError):
        found = _ID_TOKENS.verify(Tokens(id_token=token), _KEYS, _ATTEMPT)
        assert (found.claims["nonce"], found.claims["iss"]) == ("n", "https://idp.example")
        assert found.subject.encode()
        accepted.append(found)
    with suppress(LogoutTokenError):
        logout = _LOGOUT_TOKENS.verify(token, _KEYS)
        assert "nonce" not in logout.claims
        assert (logout.sid or logout.customer_id or "").encode()
        accepted.append(logout)
    assert len(accepted) < 2
