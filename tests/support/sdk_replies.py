"""Replies to the SDK's requests in place of the network's, and a clock that the SDK's credentials go by."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from session_store.aws import AwsSessions

_SIGNED_BY = re.compile("Credential=([^/]+)/")


class Sent(NamedTuple):
    """A request as it went out."""

    service: str
    operation: str
    key_id: str
    body: str
    url: str


Answer = Callable[[Sent], tuple[int, str] | None]
"""The status and the body of a reply. None lets the request go on."""


class _Body(io.BytesIO):
    def stream(self, **_: object) -> Any:
        while part := self.read():
            yield part


def answer_with(aws: AwsSessions, answer: Answer) -> list[Sent]:
    """Let a function answer what these sessions' clients send from now on. Returns what was sent so far."""
    sent: list[Sent] = []

    def reply(request: AWSPreparedRequest, event_name: str, **_: object) -> Any:
        service, operation = event_name.split(".")[1:]
        signed_by = _SIGNED_BY.search(str(request.headers.get("Authorization", "")))
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        sent.append(Sent(service, operation, signed_by[1] if signed_by else "", body, request.url))
        answered = answer(sent[-1])
        return answered and AWSResponse(request.url, answered[0], HTTPHeaders(), _Body(answered[1].encode()))

    aws.session.events.register_first("before-send", reply)
    return sent


def answer_calls(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str, dict[str, Any]], Any]) -> None:
    """Let a function answer what any client calls from now on, by operation and parameters. None lets a call go on."""
    call = BaseClient._make_api_call  # type: ignore[attr-defined]  # the stubs leave it out

    def answered(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        return answer(operation, parameters) or call(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", answered)


def refusal(code: str) -> ClientError:
    """An error reply of AWS."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "any")


def move_sdk_clock(monkeypatch: pytest.MonkeyPatch, by: dt.timedelta) -> None:
    """Move the clock by which the SDK decides whether credentials expire, and by which moto gives them."""

    class EveryMoment(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, dt.datetime)

    class Moved(dt.datetime, metaclass=EveryMoment):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return dt.datetime.now(tz) + by

    class Module:
        def __getattr__(self, name: str) -> Any:
            return Moved if name == "datetime" else getattr(dt, name)

    monkeypatch.setattr("botocore.credentials.datetime", Module())
    monkeypatch.setattr("moto.sts.models.utcnow", lambda: dt.datetime.now(dt.UTC).replace(tzinfo=None) + by)
