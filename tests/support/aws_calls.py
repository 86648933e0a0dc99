"""The AWS calls that the deployed functions have made, from the embedded AWS's CloudTrail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from local.embedded_aws import EmbeddedAws
from tests.support.http_client import send
from tests.support.made_up import made_up_authorization

MOST_CALLS: Final = 100_000
_NO_AGENT: Final = "boto3"  # as the embedded AWS notes it
_PAGE: Final = 50  # what CloudTrail gives at most


@dataclass(frozen=True)
class AwsCall:
    """One call of an AWS service."""

    service: str  # like `dynamodb.amazonaws.com`
    operation: str  # like `GetItem`; of a transaction that IAM denied, the part that it denied
    parameters: dict[str, Any]  # of one that IAM denied only the names of the table and the index
    role: str | None  # name of the role that a function made it with; None when no function made it
    agent: str | None  # the caller's program, as its header says; None of one that IAM denied


def recorded_calls(aws: EmbeddedAws) -> Iterator[AwsCall]:
    """All calls made since the embedded AWS was started, the newest first, whether allowed or denied."""
    roles = _roles_by_key(aws)
    total = 0
    for event in _events(aws):
        total += 1
        detail = json.loads(event["CloudTrailEvent"])
        parameters = detail["requestParameters"]
        role = roles.get(event["AccessKeyId"])
        agent = None if detail["userAgent"] == _NO_AGENT else detail["userAgent"]
        yield AwsCall(event["EventSource"], event["EventName"], parameters, role, agent)
    assert total < MOST_CALLS, "the first ones are lost"


def _events(aws: EmbeddedAws) -> Iterator[dict[str, Any]]:
    """Pages by time, for lack of a token; botocore cannot do it, as it cuts times to whole seconds."""
    request: dict[str, Any] = {}
    seen: set[str] = set()
    while True:
        page = _look_up(aws, request)
        new = [event for event in page if event["EventId"] not in seen]
        yield from new
        if len(page) < _PAGE:
            return
        assert new, "more calls at one moment than a page holds"
        seen = {event["EventId"] for event in page}
        request["EndTime"] = page[-1]["EventTime"]


def _look_up(aws: EmbeddedAws, request: dict[str, Any]) -> list[dict[str, Any]]:
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "CloudTrail_20131101.LookupEvents",
        "authorization": made_up_authorization(aws.root.access_key_id, "cloudtrail"),
    }
    reply = send(aws.port, "POST", "/", headers, json.dumps(request).encode())
    assert reply.status == HTTPStatus.OK, reply.text
    events: list[dict[str, Any]] = reply.json["Events"]
    return events


def _roles_by_key(aws: EmbeddedAws) -> dict[str, str]:
    """The role of each function, by the access key that the embedded AWS runs the function with."""
    functions = aws.session().client("lambda", endpoint_url=aws.endpoint_url)
    found = functions.get_paginator("list_functions").paginate().search("Functions[].[FunctionArn, Role]")
    return {_key_of(aws, function, role): role.rpartition("/")[2] for function, role in found}


def _key_of(aws: EmbeddedAws, function_arn: str, role_arn: str) -> str:
    """As the embedded AWS derives it behind `local.gated_aws`: it says nowhere which key is whose."""
    source = f"{function_arn}:{aws.root.secret_access_key}/{role_arn}"
    return f"ASIA{hashlib.sha256(source.encode()).hexdigest()[:16].upper()}"
