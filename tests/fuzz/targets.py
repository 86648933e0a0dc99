"""The parsers of untrusted input, which the fuzzer feeds. Each takes bytes and raises only its documented errors."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from unittest.mock import Mock

from demo.requests import FORM_TYPE, BadRequestError, form
from session_store import InvalidInputError, InvalidTokenError, checks, tokens
from session_store.adapters.aws_lambda.events import request_of
from session_store.api.json_body import read_object
from session_store.api.paths import decode_customer_id, encode_customer_id
from session_store.data import merge_patch
from session_store.data.difference import difference, same
from session_store.data.types import JSONObject
from session_store.kernel.cookies import host_cookies
from session_store.kernel.credentials import Source, find_credentials
from session_store.kernel.problems import UnsupportedMediaTypeError
from session_store.kernel.rules import Rules
from session_store.settings import DEFAULT_COOKIE_NAME, DEFAULT_SETTINGS
from session_store.storage import attribute_values
from session_store.transport.client import Client
from session_store.transport.faults import NoReplyError, ReplyError
from session_store.transport.plain import Target
from session_store.transport.replies import read_reply
from session_store.transport.signing import Credentials
from tests.fuzz.sign_in_targets import endpoint, provider_answer, return_address, signed_token

_TARGET: Final = Target(secure=False, host="h", port=80, region="r", credentials=Credentials("a", "b"))
_JSON: Final = {"content-type": "application/json"}
_RULES: Final = Rules(find_store=lambda: Mock(settings=DEFAULT_SETTINGS))


def token(data: bytes) -> None:
    """A token is refused, or it is spelt as this library spells it."""
    text = _text(data)
    with suppress(InvalidTokenError):
        parsed = tokens.parse(text)
        assert parsed.encode() == text
        assert len(parsed.family_hash) == len(parsed.token_hash) == 32
        assert tokens.is_session_id(parsed.session_id)
        assert parsed.secret not in repr(parsed)


def cookie(data: bytes) -> None:
    """A cookie header gives the session cookie's value only under its exact name, however it is delivered."""
    text = _text(data)
    assert all(name in text and value in text for name, value in host_cookies(text.split(";")))
    for delivered in ({"cookies": text.split("; ")}, {"headers": {"cookie": text}}):
        credentials = find_credentials(request_of({"httpMethod": "GET", **delivered}), _RULES)
        if credentials is not None:
            assert DEFAULT_COOKIE_NAME in text
            assert credentials.token in text
            token(credentials.token.encode("utf-8", "surrogatepass"))


def authorization(data: bytes) -> None:
    """An Authorization header gives a token only under the scheme Bearer; the header wins over a cookie."""
    text = _text(data)
    headers = {"Authorization": text, "Cookie": f"{DEFAULT_COOKIE_NAME}=cookie"}
    credentials = find_credentials(request_of({"httpMethod": "GET", "headers": headers}), _RULES)
    assert credentials is not None
    is_bearer = text.lower().startswith("bearer ") or text.lower() == "bearer"
    assert (credentials.source is Source.BEARER) == is_bearer
    assert credentials.token in text if is_bearer else credentials.token == "cookie"


def cursor(data: bytes) -> None:
    """A cursor is refused, or it is a session's id."""
    text = _text(data)
    with suppress(InvalidInputError):
        assert checks.check_cursor(text) == text
        assert checks.check_id("session_id", text) == text


def body(data: bytes) -> None:
    """A JSON body is refused, or read as it says, in base64 too; as data it is refused, or survives storage."""
    text = _text(data)
    with suppress(InvalidInputError):
        fields = read_object({"body": text}, _JSON)
        assert fields == json.loads(text)
        assert fields == read_object({"body": base64.b64encode(data).decode(), "isBase64Encoded": True}, _JSON)
        stored = {"M": attribute_values.write_map(checks.check_data(fields))}
        assert same(attribute_values.read_map(stored["M"]), fields)
        assert attribute_values.item_bytes({"data": stored}) > 0


def content_type(data: bytes) -> None:
    """A content type is refused, or it says JSON."""
    text = _text(data)
    with suppress(UnsupportedMediaTypeError):
        assert read_object({"body": "{}"}, {"content-type": text}) == {}
        assert text.strip().lower().startswith("application/json")


def merging(data: bytes) -> None:
    """Two lines, data and a merge patch: merging again adds nothing; the difference leads from before to after."""
    first, _, second = data.partition(b"\n")
    with suppress(InvalidInputError):
        target, patch = _json_object(first), _json_object(second)
        before = json.dumps([target, patch])
        merged = merge_patch.merge(target, patch)
        assert same(merge_patch.merge(merged, patch), merged)
        assert json.dumps([target, patch]) == before
        change = difference(target, merged)
        assert same(merge_patch.merge(target, change), merged)
        clashes = merge_patch.clashes(change, target, merged)
        assert change or not clashes
        assert clashes or not _sets_a_value(change)  # two that make the same empty object lose nothing


def customer_id(data: bytes) -> None:
    """A customer id in a path is refused, or it is spelt as this library spells it; each id can be spelt."""
    text = _text(data)
    with suppress(InvalidInputError):
        assert encode_customer_id(decode_customer_id(text)) == text
    with suppress(InvalidInputError):
        assert decode_customer_id(encode_customer_id(checks.check_customer_id(text))) == text


def posted_form(data: bytes) -> None:
    """The demo's form is refused, or a few fields of text."""
    for delivered in ({"body": _text(data)}, {"body": base64.b64encode(data).decode(), "isBase64Encoded": True}):
        with suppress(BadRequestError):
            fields = form({"headers": {"content-type": FORM_TYPE}, **delivered})
            assert len(fields) <= 10
            assert all(isinstance(value, str) and value.encode() is not None for value in fields.values())


def reply(data: bytes) -> None:
    """Bytes of a server are a fault, a refusal, or the object that they say."""
    with suppress(NoReplyError):
        read = read_reply(Mock(makefile=lambda _: io.BytesIO(data)))
        server = Mock(exchange=lambda _: read)
        with suppress(ReplyError):
            answer = Client(_TARGET, server).send("GetItem", {})
            assert type(answer) is dict
            assert read.status == 200
            assert answer.keys() == json.loads(read.body).keys()


_TARGETS: Final = (
    *(token, cookie, authorization, cursor, body, content_type, merging, customer_id, posted_form, reply),
    *(return_address, endpoint, provider_answer, signed_token),
)
TARGETS: Final[dict[str, Callable[[bytes], None]]] = {target.__name__: target for target in _TARGETS}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _json_object(line: bytes) -> JSONObject:
    """One line as data that the store would take."""
    return checks.check_data(read_object({"body": _text(line)}, _JSON))


def _sets_a_value(patch: Any) -> bool:
    """Whether a patch does more than make objects."""
    return any(not isinstance(change, dict) or _sets_a_value(change) for change in patch.values())
