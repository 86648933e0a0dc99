"""Faults and interleavings, provoked on one botocore client through its event system.

`Faults` follows every call of the client: it can run something at an exact point of another operation, let a request
take effect and lose or garble its reply, refuse it with any error of DynamoDB's, or hide rows from the index.
"""

from __future__ import annotations

import base64
import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final
from zlib import crc32

from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError

from session_store.storage import schema
from session_store.testing import MovableClock
from session_store.transport import CONNECT_TIMEOUT, READ_TIMEOUT

FOREVER: Final = math.inf
_ENDPOINT: Final = "http://127.0.0.1"
_CONTEXT_KEY: Final = "tests.support.faults"


@dataclass(frozen=True)
class ApiCall:
    """One request of the client: its operation and parameters, as the caller gave them, and when it was made."""

    operation: str
    parameters: dict[str, Any]
    started: float

    @property
    def reads_index(self) -> bool:
        return "IndexName" in self.parameters

    @property
    def partition(self) -> str | None:
        """The partition of the one row that it names."""
        key = self.parameters.get("Key") or self.parameters.get("Item")
        return key and key[schema.PARTITION_KEY]["S"]


# A step before the request answers in its place (status and body) or, with None, lets it through.
Reply = tuple[int, dict[str, Any]]
Before = Callable[[ApiCall], Reply | None]
After = Callable[[ApiCall], object]
# A reply as it comes over the network.
Raw = Callable[[ApiCall], AWSResponse]
_ON_THE_NETWORK: Final[ContextVar[AWSResponse | None]] = ContextVar("tests.support.faults", default=None)


@contextmanager
def listening(client: Any, handlers: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Let handlers follow a client's calls, by the name of botocore's event, while the block runs."""
    for event, handler in handlers.items():
        client.meta.events.register(f"{event}.dynamodb", handler)
    try:
        yield
    finally:
        for event, handler in handlers.items():
            client.meta.events.unregister(f"{event}.dynamodb", handler)


@dataclass
class _Rule:
    operation: str | None
    times: float
    skip: int = 0
    before: Before = lambda _: None
    after: After = lambda _: None
    raw: Raw | None = None
    session_id: str | None = None  # takes only calls on that session's row; None: on any

    def takes(self, call: ApiCall) -> bool:
        """Whether this call is one of the rule's; counts it."""
        if self.times <= 0 or self.operation not in {None, call.operation}:
            return False
        if self.session_id and call.partition != schema.session_partition_key(self.session_id):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Faults:
    """The script of one client.

    Every method adds a rule; the first rule that takes a call is the only one applied to it. `operation` None means
    any; `times` FOREVER means always; `skip` lets so many calls pass before.
    """

    client: Any  # the one whose calls are followed
    undisturbed: Any  # another of the same table, for what the script itself has to ask
    clock: MovableClock  # on which timeouts take their time
    calls: list[ApiCall] = field(default_factory=list)  # that the client made or tried to
    struck: list[ApiCall] = field(default_factory=list)  # those of them that a rule was applied to
    _rules: list[_Rule] = field(default_factory=list)
    _hidden: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Follow the client's calls while the block runs."""
        handlers: dict[str, Callable[..., Any]] = {
            "before-parameter-build": self._note,
            "before-call": self._before_call,
            "before-send": lambda **_: _ON_THE_NETWORK.get(),
            "after-call": self._after_call,
        }
        with listening(self.client, handlers):
            yield

    @property
    def operations(self) -> list[str]:
        """Names of the operations that were called, in order."""
        return [call.operation for call in self.calls]

    def clear(self) -> None:
        """Forget the script and the calls."""
        self._rules.clear()
        self.calls.clear()
        self.struck.clear()

    # Interleavings

    def before(self, operation: str | None, action: Callable[[], object], *, times: float = 1, skip: int = 0) -> None:
        """Run something right before a request is sent."""

        def run(call: ApiCall) -> None:
            action()

        self._rules.append(_Rule(operation, times, skip, before=run))

    def after(
        self,
        operation: str | None,
        action: Callable[[], object],
        *,
        times: float = 1,
        skip: int = 0,
        session_id: str | None = None,
    ) -> None:
        """Run something after a request took effect, before its caller gets the reply."""
        self._rules.append(_Rule(operation, times, skip, after=lambda _: action(), session_id=session_id))

    def hide_from_index(self, session_id: str) -> None:
        """Let the index lag: it does not show this session's rows (yet)."""
        self._hidden.add(schema.session_partition_key(session_id))

    def show_in_index(self, session_id: str) -> None:
        """Let the index catch up."""
        self._hidden.discard(schema.session_partition_key(session_id))

    # Faults without effect

    def refuse(
        self,
        operation: str | None,
        code: str,
        *,
        status: int = 400,
        seconds: float = 0,
        times: float = 1,
        skip: int = 0,
    ) -> None:
        """Answer with an error of DynamoDB's, after so many seconds; the request has no effect."""

        def answer(call: ApiCall) -> Reply:
            self._take(call, seconds)
            return status, _error(code, status)

        self._rules.append(_Rule(operation, times, skip, before=answer))

    def throttle(self, operation: str | None = None, *, times: float = 1, skip: int = 0) -> None:
        """Refuse for want of capacity."""
        self.refuse(operation, "ProvisionedThroughputExceededException", times=times, skip=skip)

    def conflict(self, operation: str, *, times: float = 1, skip: int = 0) -> None:
        """Refuse because a transaction is under way on the same item."""

        def answer(call: ApiCall) -> Reply:
            if operation != "TransactWriteItems":
                return 400, _error("TransactionConflictException", 400)
            reasons = [{"Code": "None"} for _ in call.parameters["TransactItems"]]
            reasons[0] = {"Code": "TransactionConflict"}
            return 400, _error("TransactionCanceledException", 400) | {"CancellationReasons": reasons}

        self._rules.append(_Rule(operation, times, skip, before=answer))

    def lose_request(self, operation: str | None = None, *, times: float = 1, skip: int = 0) -> None:
        """No connection within the timeout; the request has no effect, and the SDK knows it."""
        error = ConnectTimeoutError(endpoint_url=_ENDPOINT)
        self.fail(operation, error, times=times, skip=skip, seconds=CONNECT_TIMEOUT)

    def stall_request(self, operation: str | None = None, *, times: float = 1, skip: int = 0) -> None:
        """No reply within the timeout, and the request had no effect; the SDK cannot know that."""
        self.fail(operation, ReadTimeoutError(endpoint_url=_ENDPOINT), times=times, skip=skip, seconds=READ_TIMEOUT)

    def drop_request(self, operation: str | None = None, *, times: float = 1, skip: int = 0) -> None:
        """The connection breaks before the request took effect; the SDK cannot know that."""
        self.fail(operation, ConnectionClosedError(endpoint_url=_ENDPOINT), times=times, skip=skip)

    def fail(
        self, operation: str | None, error: BaseException, *, times: float = 1, skip: int = 0, seconds: float = 0
    ) -> None:
        """Raise something instead of sending the request, after so many seconds."""

        def fail(call: ApiCall) -> None:
            self._take(call, seconds)
            error.__traceback__ = error.__context__ = None  # it may have been raised before
            raise error

        self._rules.append(_Rule(operation, times, skip, before=fail))

    # Faults with effect

    def lose_reply(
        self, operation: str | None = None, *, times: float = 1, skip: int = 0, then: Callable[[], object] | None = None
    ) -> None:
        """The request takes effect, its reply never comes; others do something before the caller can try again."""

        def lose(call: ApiCall) -> None:
            self._take(call, READ_TIMEOUT)
            if then is not None:
                then()
            raise ReadTimeoutError(endpoint_url=_ENDPOINT)

        self._rules.append(_Rule(operation, times, skip, after=lose))

    def garble(
        self,
        operation: str | None,
        garbled: Callable[[bytes], bytes],
        *,
        with_checksum: bool,
        times: float = 1,
        skip: int = 0,
    ) -> None:
        """The request takes effect, and its reply arrives as other bytes; the checksum is that of the right ones."""

        def answer(call: ApiCall) -> AWSResponse:
            status, body = self._reply_to(call)
            headers = {"x-amz-crc32": str(crc32(body))} if with_checksum else {}
            return _response(status, garbled(body), headers)

        self._rules.append(_Rule(operation, times, skip, raw=answer))

    def mix_up(self, operation: str | None = None, *, times: float = 1, skip: int = 0) -> None:
        """The request has no effect, and a reply about another customer's session arrives: a read's, or a refusal."""
        self._rules.append(_Rule(operation, times, skip, before=_reply_about_a_stranger))

    def slow_down(self, operation: str | None = None, *, seconds: float, times: float = 1) -> None:
        """The reply comes, after so many seconds."""
        self._rules.append(_Rule(operation, times, after=lambda call: self._take(call, seconds)))

    def leave_unprocessed(self, operation: str, *, times: float = 1, skip: int = 0) -> None:
        """A batch is answered without its last key or item, which comes back as unprocessed."""
        rule = _Rule(operation, times, skip, before=lambda call: (200, _all_but_the_last(self.undisturbed, call)))
        self._rules.append(rule)

    def _reply_to(self, call: ApiCall) -> tuple[int, bytes]:
        method = getattr(self.undisturbed, xform_name(call.operation))
        try:
            status, reply = 200, method(**call.parameters)
        except ClientError as error:
            status, reply = 400, {**error.response, "__type": error.response["Error"]["Code"]}
        reply = {name: value for name, value in reply.items() if name not in {"ResponseMetadata", "Error"}}
        return status, json.dumps(reply, default=lambda value: base64.b64encode(value).decode()).encode()

    def _take(self, call: ApiCall, seconds: float) -> None:
        """Let a call last so long; calls made side by side last together."""
        with self._lock:
            self.clock.advance(max(0.0, call.started + seconds - self.clock.monotonic()))

    # Botocore's events

    def _note(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        call = ApiCall(model.name, dict(params), self.clock.monotonic())
        context[_CONTEXT_KEY] = call
        with self._lock:
            self.calls.append(call)

    def _before_call(
        self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any
    ) -> tuple[Any, dict[str, Any]] | None:
        call: ApiCall = context[_CONTEXT_KEY]
        with self._lock:
            rule = next((rule for rule in self._rules if rule.takes(call)), None)
            if rule:
                self.struck.append(call)
        context[f"{_CONTEXT_KEY}.rule"] = rule
        if rule and rule.raw:
            received = _ON_THE_NETWORK.set(rule.raw(call))
            try:  # what the SDK makes of it
                answered: tuple[Any, dict[str, Any]] = self.client._make_request(model, params, context)
                return answered
            finally:
                _ON_THE_NETWORK.reset(received)
        reply = rule.before(call) if rule else None
        if reply is None and self._hidden and call.reads_index:
            reply = 200, self._lagging_query(call)
        return reply and (SimpleNamespace(status_code=reply[0]), reply[1])

    def _after_call(self, context: dict[str, Any], **_: Any) -> None:
        rule: _Rule | None = context.get(f"{_CONTEXT_KEY}.rule")
        if rule:
            rule.after(context[_CONTEXT_KEY])

    def _lagging_query(self, call: ApiCall) -> dict[str, Any]:
        parameters = dict(call.parameters)
        limit = parameters.pop("Limit", None)
        reply: dict[str, Any] = self.undisturbed.query(**parameters)
        visible = [item for item in reply["Items"] if item[schema.PARTITION_KEY]["S"] not in self._hidden]
        reply["Items"] = visible[:limit]
        if limit is not None and len(visible) >= limit:
            last = visible[limit - 1]
            reply["LastEvaluatedKey"] = {key: last[key] for key in (schema.PARTITION_KEY, schema.SORT_KEY)}
        return reply


def _error(code: str, status: int) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {"HTTPStatusCode": status}}


def _all_but_the_last(client: Any, call: ApiCall) -> dict[str, Any]:
    ((table, request),) = call.parameters["RequestItems"].items()
    if call.operation == "BatchGetItem":
        *most, last = request["Keys"]
        reply = client.batch_get_item(RequestItems={table: {**request, "Keys": most}}) if most else {"Responses": {}}
        return {**reply, "UnprocessedKeys": {table: {**request, "Keys": [last]}}}
    *most, last = request
    if most:
        client.batch_write_item(RequestItems={table: most})
    return {"UnprocessedItems": {table: [last]}}


def _response(status: int, body: bytes, headers: dict[str, str]) -> AWSResponse:
    return AWSResponse(_ENDPOINT, status, HTTPHeaders.from_dict(headers), SimpleNamespace(stream=lambda: iter([body])))


_STRANGER: Final = {
    schema.PARTITION_KEY: {"S": schema.session_partition_key("01900000-0000-7000-8000-000000000000")},
    schema.SORT_KEY: {"S": schema.customer_sort_key("a stranger")},
}


def _reply_about_a_stranger(call: ApiCall) -> Reply:
    if call.operation == "GetItem":
        return 200, {"Item": _STRANGER, "ConsumedCapacity": {}}
    if call.operation == "Query":
        return 200, {"Items": [_STRANGER]}
    if call.operation == "TransactWriteItems":
        reason = {"Code": "ConditionalCheckFailed", "Item": _STRANGER}
        reasons = [reason for _ in call.parameters["TransactItems"]]
        return 400, _error("TransactionCanceledException", 400) | {"CancellationReasons": reasons}
    if call.operation in {"PutItem", "UpdateItem"}:
        return 400, _error("ConditionalCheckFailedException", 400) | {"Item": _STRANGER}
    ((table, _),) = call.parameters["RequestItems"].items()
    if call.operation == "BatchGetItem":
        return 200, {"Responses": {table: [_STRANGER]}, "UnprocessedKeys": {}}
    return 200, {"UnprocessedItems": {table: [{"DeleteRequest": {"Key": _STRANGER}}]}}
