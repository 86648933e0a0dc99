"""Requests that schemathesis makes of both OpenAPI documents, right and wrong ones, against the deployed system."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from tests.fuzz.cases import Known, operations, requests_of
from tests.fuzz.stack import Stack
from tests.support.deployed import Deployed
from tests.support.figures import Count
from tests.support.http_client import ApiClient
from tests.support.protected_api import ProtectedApi

BACK_END: Final = "openapi.json"
USER: Final = "openapi-user.json"
OPERATIONS: Final = len(operations(BACK_END) + operations(USER))
MOST: Final = int(os.environ.get("SESSION_STORE_FUZZED_REQUESTS", "1200"))
AT_A_TIME: Final = 4  # most of a call's time is waiting
SESSIONS: Final = 60  # for each document: a session that a request ended answers no later one well
OF_EVENTS: Final = re.compile("EventsFunction|Mails")  # their log groups
DATA_KEYS: Final = ("theme", "cart")  # those that the example's user routes let users change


def start_session(api: ApiClient, number: int) -> Known:
    """A customer of its own with a session and a child session."""
    customer_id = f"fuzz/{number}-{uuid.uuid4()}"
    root = api.request("POST", "/sessions", json_body={"customer_id": customer_id}).json
    session_id = root["session"]["session_id"]
    under = api.request("POST", f"/sessions/{session_id}/children").json
    return Known(customer_id, session_id, under["child"]["child_session_id"], root["token"], under["token"], DATA_KEYS)


@pytest.fixture
def known(deployed: Deployed) -> list[Known]:
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(lambda number: start_session(deployed.api, number), range(SESSIONS)))


@pytest.fixture
def stacks(deployed: Deployed, protected_api: ProtectedApi) -> dict[str, Stack]:
    """The API that each document is about."""
    return {BACK_END: Stack(deployed.url.partition("//")[2], deployed.credentials), USER: Stack(protected_api.host)}


@pytest.mark.shows("T11")
@pytest.mark.proof
@pytest.mark.parametrize("document", [BACK_END, USER])
def test_no_request_meets_a_fault_or_an_answer_that_is_not_documented(
    deployed: Deployed, known: list[Known], stacks: dict[str, Stack], count: Count, document: str
) -> None:
    requests = requests_of(document, MOST // (2 * OPERATIONS), known)
    started = int(time.time() * 1000)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        verdicts = list(pool.map(stacks[document].send, requests))

    count("fuzzed requests", len(verdicts))
    assert [verdict.failure for verdict in verdicts if verdict.failure] == []
    written = deployed.log_lines(started)
    lines = [line.text for line in written]
    groups = [line.group for line in written if line.text.startswith("START ")]
    calls = sum(OF_EVENTS.search(group) is None for group in groups)
    assert calls == sum(not verdict.by_gateway for verdict in verdicts)
    assert [line for line in lines if "Traceback" in line or "ERROR" in line] == []
    statuses = Counter(verdict.status // 100 for verdict in verdicts)
    assert min(statuses[2], statuses[4]) > len(verdicts) // 5
