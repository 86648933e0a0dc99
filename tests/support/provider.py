"""An identity provider that does all that OpenID Connect asks for, and misbehaves as a test says."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt

from tests.support.answering import Answer, Asked, answering
from tests.support.jwts import encoded, jwk, rsa_key
from tests.support.lambda_events import Handler, Payload, event, read
from tests.support.reply import Reply
from tests.support.visitor import Send, Visitor

CLIENT_ID: Final = "shop"
CLIENT_SECRET: Final = "a secret/with+signs:of%its own"
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
REDIRECT_URI: Final = "https://shop.example.com/auth/callback"


@dataclass
class Provider:
    """A provider with one client and one user.

    Attributes:
        url: its address, and the issuer.
        metadata: changed members of its metadata. None leaves one out.
        claims: changed claims of its ID tokens. None leaves one out.
        header: of its ID tokens.
        key: signs them. Its public part is published under `kid` by `keys`.
        algorithm: of the signature.
        keys: the published keys.
        client_secret: None for a public client.
        refresh_token: that it gives with each ID token, None for none.
        revoked: the forms that its revocation endpoint got from the client.
        answers: in place of its own, by path.
        asked: the requests that it got.
    """

    url: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"kid": "first"})
    key: Any = field(default_factory=rsa_key)
    algorithm: str = "RS256"
    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk(rsa_key(), "first")])
    client_secret: str | None = CLIENT_SECRET
    refresh_token: str | None = None
    revoked: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, location: str, **changed: str | None) -> dict[str, str]:
        """The parameters that the browser brings back from the authorization endpoint, once its user has signed in.

        Args:
            location: the authorization request.
            changed: parameters of the answer. None leaves one out.
        """
        assert location.startswith(f"{self.url}/authorize?")
        asked = query_of(location)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.url, **changed}
        return {name: value for name, value in answer.items() if value is not None}

    def serve(self, asked: Asked) -> Answer:
        """Answer one request."""
        self.asked.append(asked)
        if asked.path in self.answers:
            return self.answers[asked.path]()
        if asked.path == "/.well-known/openid-configuration":
            return _json(self.document())
        if asked.path == "/keys":
            return _json({"keys": self.keys})
        own = {"/token": self._token, "/revoke": self._revoke}
        return own[asked.path](asked) if asked.path in own else Answer(404)

    def document(self) -> dict[str, Any]:
        """Its metadata."""
        full = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/end?tenant=1",
            "revocation_endpoint": f"{self.url}/revoke",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }
        return {name: value for name, value in full.items() if value is not None}

    def id_token(self, **of_request: Any) -> str:
        """An ID token, with claims that come of its request."""
        now = int(time.time())
        good = {"iss": self.url, "sub": "ana", "aud": CLIENT_ID, "exp": now + 300, "iat": now, **of_request}
        claims = {name: value for name, value in {**good, **self.claims}.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers=self.header)

    def logout_token(self, header: Mapping[str, Any] | None = None, **changed: Any) -> str:
        """A logout token of the user. A claim that is changed to None is left out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": "one", "sub": "ana"}
        all_claims = {**good, "events": {LOGOUT_EVENT: {}}, **changed}
        claims = {name: value for name, value in all_claims.items() if value is not None}
        fields = {"typ": "logout+jwt", **self.header, **(header or {})}
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers=fields)

    @property
    def paths(self) -> list[str]:
        """The paths that it was asked for."""
        return [each.path for each in self.asked]

    def _token(self, asked: Asked) -> Answer:
        form = _form_of(asked)
        if not self._is_client(asked.headers.get("Authorization"), form):
            return _json({"error": "invalid_client", "error_description": "wrong " + str(form)}, 401)
        request = self._codes.pop(form["code"], None)
        challenge = encoded(hashlib.sha256(form["code_verifier"].encode()).digest())
        if (
            request is None
            or (request["code_challenge"], request["code_challenge_method"]) != (challenge, "S256")
            or request["redirect_uri"] != form["redirect_uri"]
            or form["grant_type"] != "authorization_code"
        ):
            return _json({"error": "invalid_grant", "error_description": str(form)}, 400)
        access_token = secrets.token_urlsafe(16)
        half = encoded(hashlib.sha256(access_token.encode()).digest()[:16])
        moment = {"auth_time": int(time.time())} if "max_age" in request else {}
        id_token = self.id_token(nonce=request["nonce"], at_hash=half, **moment)
        fields = {"access_token": access_token, "token_type": "Bearer", "id_token": id_token}
        return _json(fields | ({"refresh_token": self.refresh_token} if self.refresh_token else {}))

    def _revoke(self, asked: Asked) -> Answer:
        form = _form_of(asked)
        if not self._is_client(asked.headers.get("Authorization"), form):
            return _json({"error": "invalid_client", "error_description": "wrong " + str(form)}, 401)
        self.revoked.append(form)
        return Answer(200)

    def _is_client(self, header: str | None, form: Mapping[str, str]) -> bool:
        if self.client_secret is None:
            return header is None and form.get("client_id") == CLIENT_ID and "client_secret" not in form
        if self.metadata.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return header is None and (form["client_id"], form["client_secret"]) == (CLIENT_ID, self.client_secret)
        user, _, secret = base64.b64decode((header or "").removeprefix("Basic ")).decode().partition(":")
        return (unquote_plus(user), unquote_plus(secret)) == (CLIENT_ID, self.client_secret)


@contextmanager
def providing() -> Iterator[Provider]:
    """Run a provider on this machine."""
    provider = Provider()
    with answering(provider.serve) as url:
        provider.url = url
        yield provider


@dataclass
class Browser:
    """A browser that signs in: it keeps the cookies, and leaves Lax ones out of another site's POST."""

    handler: Handler
    provider: Provider
    payload: Payload = Payload.HTTP_API
    cookies: dict[str, str] = field(default_factory=dict)

    def login(self, **query: str) -> Reply:
        return self.get("/auth/login", query)

    def callback(self, answer: Mapping[str, str]) -> Reply:
        return self.get("/auth/callback", answer)

    def sign_in(self, **query: str) -> Reply:
        """The whole way."""
        return self.callback(self.provider.authorize(self.login(**query).headers["location"]))

    def get(self, path: str, query: Mapping[str, str] | str = "") -> Reply:
        return self._visitor(query).get(path)

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Reply:
        sent = {"content-type": "application/x-www-form-urlencoded", **headers}
        return self._visitor("").call("POST", path, text=urlencode(form or {}), headers=sent)

    def _visitor(self, query: Mapping[str, str] | str) -> Visitor:
        text = query if isinstance(query, str) else urlencode(query)

        def send(method: str, path: str, headers: Mapping[str, str], body: str) -> Reply:
            sent = dict(headers)
            pairs = sent.pop("cookie").split("; ") if "cookie" in sent else []
            request = event(method, sent, pairs, self.payload, path=path, body=body or None)
            if self.payload is Payload.REST_API:
                request["multiValueQueryStringParameters"] = parse_qs(text) or None
            else:
                request["rawQueryString"] = text
            return read(self.handler(request, None), self.payload)

        return Visitor(send, self.cookies)


def handler_over(send: Send) -> Handler:
    """The address that a browser calls where the routes are behind HTTP."""

    def handler(event: dict[str, Any], _context: object) -> Any:
        query = f"?{event['rawQueryString']}" if event["rawQueryString"] else ""
        headers = {**event["headers"], **({"cookie": "; ".join(event["cookies"])} if event["cookies"] else {})}
        method, body = event["requestContext"]["http"]["method"], event["body"] or ""
        reply = send(method, f"{event['rawPath']}{query}", headers, body)
        return {
            "statusCode": reply.status,
            "headers": {name: value for name, value in reply.headers.items() if name != "set-cookie"},
            "cookies": list(reply.set_cookies),
            "body": reply.text,
        }

    return handler


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address, none of them twice."""
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def _form_of(asked: Asked) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(asked.body, strict_parsing=True).items()}


def _json(fields: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, json.dumps(fields), {"Content-Type": "application/json"})
