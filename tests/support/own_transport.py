"""The transport of our own as a client whose calls faults can follow, each compared with what the SDK makes of it."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError, create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from session_store.storage.requests import METHODS
from session_store.transport.client import Client
from session_store.transport.connections import Connections
from session_store.transport.faults import NoReplyError, NotSentError, ReplyError
from session_store.transport.plain import Target, plain_target
from session_store.transport.replies import Reply, read_reply

_NOT_SENT: Final = (ConnectTimeoutError, EndpointConnectionError)
_NO_REPLY: Final = (ReadTimeoutError, ConnectionClosedError, ResponseParserError)
_SERIALIZER: Final = create_serializer("json", include_validation=False)
_PARSER: Final = create_parser("json")
_ERROR: Final = 300


def own_client(url: str) -> Client:
    """The transport by itself."""
    target = target_of(url)
    return Client(target, Connections(target.host, target.port))


def target_of(url: str, key_id: str = "any", secret: str = "any") -> Target:
    """A server without TLS."""
    environment = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
    return plain_target("any", "us-east-1", url, environment)


class FollowedClient:
    """The seven methods of the store's client, with the events of botocore's that `Faults` and engines listen to.

    All other calls, such as those that make a table, are the SDK's client's.
    """

    def __init__(self, sdk_client: Any, target: Target) -> None:
        self._sdk_client = sdk_client
        self._target = target
        self._network = Connections(target.host, target.port)
        self.meta = sdk_client.meta
        for operation, method in METHODS.items():
            setattr(self, method, partial(self._call, operation))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_sdk_client"], name)

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        model = self.meta.service_model.operation_model(operation)
        context: dict[str, Any] = {}
        try:
            self._emit("before-parameter-build", model, params=parameters, context=context)
            parsed, refusal = self._attempt(model, parameters, context)
            self._emit("after-call", model, parsed=parsed, http_response=None, context=context)
        except _NOT_SENT as error:
            raise NotSentError("127.0.0.1") from error
        except _NO_REPLY:
            raise NoReplyError from None  # the SDK's error may quote the reply; ours has none of it as its cause
        if refusal is not None:
            raise refusal
        return parsed

    def _attempt(
        self, model: Any, parameters: dict[str, Any], context: dict[str, Any]
    ) -> tuple[dict[str, Any], ReplyError | None]:
        context["own"] = partial(self._send, model.name, parameters)
        try:
            parsed = self._answered(model, parameters, context)
            if parsed is None:
                parsed = context["own"](Compared(self._network, model, parameters))
        except ReplyError as error:
            return error.body, error
        return parsed, None

    def _answered(self, model: Any, parameters: dict[str, Any], context: dict[str, Any]) -> dict[str, Any] | None:
        request = _SERIALIZER.serialize_to_request(parameters, model)
        event = f"before-call.dynamodb.{model.name}"
        _, answer = self.meta.events.emit_until_response(
            event, model=model, params=request, request_signer=None, context=context
        )
        if answer is None:
            return None
        http, parsed = answer
        if http.status_code >= _ERROR:
            raise ReplyError(parsed["Error"]["Code"], http.status_code, parsed)
        return dict(parsed)

    def _make_request(self, model: Any, _request: Any, context: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The transport's view of a reply that a fault has put on the network."""
        _, received = self.meta.events.emit_until_response(f"before-send.dynamodb.{model.name}")
        return SimpleNamespace(status_code=200), context["own"](Received(received))

    def _send(self, operation: str, parameters: dict[str, Any], server: Any) -> dict[str, Any]:
        return Client(self._target, server).send(operation, parameters)

    def _emit(self, event: str, model: Any, **given: Any) -> None:
        self.meta.events.emit(f"{event}.dynamodb.{model.name}", model=model, **given)


class Received:
    """A server whose reply has come already."""

    def __init__(self, response: AWSResponse) -> None:
        headers = {**response.headers, "Content-Length": len(response.content)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._bytes = f"HTTP/1.1 {response.status_code} \r\n{lines}\r\n".encode() + response.content

    def exchange(self, _request: bytes) -> Reply:
        return read_reply(SimpleNamespace(makefile=lambda _: io.BytesIO(self._bytes)))


class Compared:
    """A server, whose requests and replies are held to what the SDK makes of the same parameters and the same bytes.

    Attributes:
        compared: how many were, in this process.
    """

    compared = 0

    def __init__(self, server: Any, model: Any, parameters: dict[str, Any]) -> None:
        self._server = server
        self._model = model
        self._parameters = deepcopy(parameters)

    def exchange(self, request: bytes) -> Reply:
        _compare_request(self._model, self._parameters, request)
        reply: Reply = self._server.exchange(request)
        compare_reply(self._model, reply)
        Compared.compared += 1
        return reply


def _compare_request(model: Any, parameters: dict[str, Any], request: bytes) -> None:
    problems = ParamValidator().validate(parameters, model.input_shape)
    assert not problems.has_errors(), problems.generate_report()
    theirs = _SERIALIZER.serialize_to_request(parameters, model)
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert first == f"{theirs['method']} {theirs['url_path']} HTTP/1.1"
    assert json.loads(body) == json.loads(theirs["body"])
    assert {name: headers[name.lower()] for name in theirs["headers"]} == theirs["headers"]


def compare_reply(model: Any, reply: Reply) -> None:
    """Hold what the transport makes of a reply to what the SDK's parser makes of it.

    Raises:
        AssertionError: they differ.
    """
    client = Client(target_of("http://127.0.0.1"), SimpleNamespace(exchange=lambda _: reply))
    theirs = _parsed(reply, model.output_shape)
    try:
        ours, refusal = client.send(model.name, {}), None
    except ReplyError as error:
        ours, refusal = error.body, error
    if refusal is None:
        assert {name: value for name, value in ours.items() if name in model.output_shape.members} == theirs
        return
    assert refusal.code == theirs["Error"]["Code"]
    shape = model.service_model.shape_for_error_code(refusal.code)
    modelled = _parsed(reply, shape) if shape else {}
    for member in ("Item", "CancellationReasons"):
        assert (ours.get(member) or None) == (modelled.get(member) or None)


def _parsed(reply: Reply, shape: Any) -> dict[str, Any]:
    response = {"status_code": reply.status, "headers": {}, "body": reply.body}
    parsed: dict[str, Any] = _PARSER.parse(response, shape)
    parsed.pop("ResponseMetadata", None)
    return parsed
