"""A store, a key in KMS, and the three functions of an issuer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from session_store import Session, SessionStore
from session_store.adapters.aws_lambda.request_lines import RequestLines
from session_store.api.document_dispatcher import DocumentDispatcher
from session_store.api.token_dispatcher import TokenDispatcher
from session_store.api.user_token_dispatcher import UserTokenDispatcher
from session_store.catalog.access_tokens import BACKEND_TOKEN_ROUTE, ISSUER_ROUTES
from session_store.jwt import Issuer
from session_store.jwt.documents import KeyDocuments
from session_store.jwt.issuer import Signer
from session_store.jwt.kms_key import KmsKey
from session_store.jwt.settings import IssuerSettings, KeyDocumentSettings
from session_store.testing import MovableClock
from tests.support.answering import Answer, Asked
from tests.support.jwts import rsa_key
from tests.support.openapi import check_answer
from tests.support.reply import Reply

ISSUER: Final = "https://api.example.com"
AUDIENCES: Final = ("orders", "billing")
KEY: Final = "arn:aws:kms:us-east-1:123456789012:key/018f0000-0000-4000-8000-000000000000"


SETTINGS: Final = IssuerSettings(
    issuer=ISSUER,
    audiences=AUDIENCES,
    scopes=("orders:write", "orders:read"),
    data_keys=("tier", "cart"),
    key=KEY,
)


@dataclass
class Kms:
    """KMS as it answers, with one key. Moto signs no digests."""

    calls: list[str] = field(default_factory=list)
    fault: Callable[[], object] = lambda: None
    usage: str = "SIGN_VERIFY"

    def sign(self, **parameters: Any) -> Any:
        self.calls.append("Sign")
        assert (parameters["MessageType"], len(parameters["Message"])) == ("DIGEST", 32)
        assert parameters["SigningAlgorithm"] == "RSASSA_PKCS1_V1_5_SHA_256"
        signature = rsa_key("kms").sign(parameters["Message"], PKCS1v15(), Prehashed(SHA256()))
        return self.fault() or {"KeyId": parameters["KeyId"], "Signature": signature}

    def get_public_key(self, **parameters: Any) -> Any:
        self.calls.append("GetPublicKey")
        public = rsa_key("kms").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self.fault() or {"KeyId": parameters["KeyId"], "PublicKey": public, "KeyUsage": self.usage}

    def answer(self, asked: Asked) -> Answer:
        """The same over HTTP, as botocore speaks with KMS: bytes are base64."""
        sent = json.loads(asked.body)
        if "Message" in sent:
            sent["Message"] = base64.b64decode(sent["Message"])
        does = self.sign if asked.headers["X-Amz-Target"].endswith(".Sign") else self.get_public_key
        said = {name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in does(**sent).items()}
        return Answer(body=json.dumps(said))


@dataclass
class World:
    """Everything about one issuer."""

    store: SessionStore
    clock: MovableClock
    settings: IssuerSettings = SETTINGS
    kms: Kms = field(default_factory=Kms)
    lines: list[str] = field(default_factory=list)
    signer: Signer | None = None

    def __post_init__(self) -> None:
        self.issuer = self.new_issuer()

    def new_issuer(self, **given: Any) -> Issuer:
        """The issuer of another process."""
        return Issuer(self.settings, self.signer or KmsKey(KEY, self.clock, client=self.kms), clock=self.clock, **given)

    def changed(self, **settings: Any) -> World:
        """The same with other settings."""
        return replace(self, settings=replace(self.settings, **settings))

    def documents(self) -> KeyDocuments:
        """The documents that the issuer publishes."""
        settings = KeyDocumentSettings(issuer=ISSUER, keys=(KEY,))
        return KeyDocuments(settings, self.clock, client=self.kms)

    def issue(self, session: Session, **asked: Any) -> dict[str, Any]:
        """The claims of a new token; its signature is good."""
        return self.read(self.issuer.issue(lambda: session, **{"audience": "orders"} | asked).token)

    def read(self, token: str) -> dict[str, Any]:
        """A token's claims, verified by PyJWT alone; its time is the clock's."""
        key = jwt.PyJWK(self.documents().keys()["keys"][0])
        found = jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCES, issuer=ISSUER, options=_TIMELESS)
        assert found["nbf"] <= self.clock.now() < found["exp"]
        return found

    # Over HTTP

    def back_end(self, session_id: str, **fields: Any) -> Reply:
        """`POST /sessions/{session_id}/token`."""
        dispatcher = TokenDispatcher(BACKEND_TOKEN_ROUTE.function, self.store, self._lines())
        dispatcher.issuer = self.issuer
        path = {"pathParameters": {"session_id": session_id}}
        return _send(dispatcher, "createAccessToken", f"/sessions/{session_id}/token", fields, path)

    def user(self, token: str | None = None, *, origins: tuple[str, ...] = (), prefix: str = "", **event: Any) -> Reply:
        """`POST /session/token`, as Bearer unless the event has cookies."""
        route = next(route for route in ISSUER_ROUTES if route.operation_id == "createMyAccessToken")
        dispatcher = UserTokenDispatcher(route.function, self.store, self._lines())
        dispatcher.issuer, dispatcher.allowed_origins = self.issuer, origins
        dispatcher.put_under(prefix)
        headers = {**event.pop("headers", {}), **({"authorization": f"Bearer {token}"} if token else {})}
        fields = event.pop("fields", {})
        key = {"routeKey": f"POST {prefix}/session/token"}
        return _send(dispatcher, "createMyAccessToken", "/session/token", fields, {**key, "headers": headers, **event})

    def published(self, operation_id: str) -> Reply:
        """One of the documents."""
        route = next(route for route in ISSUER_ROUTES if route.operation_id == operation_id)
        dispatcher = DocumentDispatcher(route.function, self.store, self._lines())
        dispatcher.documents = self.documents()
        return _send(dispatcher, operation_id, route.path, {}, {})

    def _lines(self) -> RequestLines:
        return RequestLines("sessions", write=self.lines.append)


_TIMELESS: Final[Any] = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


def _send(dispatcher: Any, operation_id: str, url: str, fields: dict[str, Any], more: dict[str, Any]) -> Reply:
    """A request as API Gateway hands it on; the answer is held against the OpenAPI document."""
    route = next(route for route in ISSUER_ROUTES if route.operation_id == operation_id)
    context = {"requestId": "request-1", "http": {"method": route.method, "path": url}}
    event = {"version": "2.0", "routeKey": route.key, "requestContext": context}
    headers = {"content-type": "application/json", **more.pop("headers", {})}
    body = {"body": json.dumps(fields)} if fields else {}
    answer = dispatcher.handle({**event, **more, **body, "headers": headers})
    json.dumps(answer)
    named = {name.lower(): value for name, value in answer["headers"].items()}
    reply = Reply(answer["statusCode"], named, tuple(answer.get("cookies", ())), answer.get("body", ""))
    check_answer(route.method, url, reply.status, named.get("content-type"), reply.json)
    return reply
