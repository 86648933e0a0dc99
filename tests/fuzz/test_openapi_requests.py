"""Requests that schemathesis makes of the OpenAPI document, right and wrong ones, against the functions.

Each answer is held against the document by the gateway; none is a fault of ours (5xx).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from session_store import SessionStore
from tests.support.scene import SignedIn, sign_in
from tests.unit.http.gateway import Gateway

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.figures import Count
    from tests.support.scene import Scene

DOCUMENT: Final = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
SCHEMA: Final = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS: Final = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
MOST_REQUESTS: Final = 1500
EACH: Final = MOST_REQUESTS // (len(OPERATIONS) * len(MODES))


def send(gateway: Gateway, case: Any, real: Mapping[str, str]) -> int | None:
    """The answer's status; None when API Gateway itself would answer, for want of such a route."""
    url = case.path
    for name, value in {**(case.path_parameters or {}), **real}.items():
        url = url.replace(f"{{{name}}}", quote(str(value), safe=""))
    if case.query:
        url += "?" + urlencode(case.query, doseq=True)
    body: dict[str, Any] = {}
    if isinstance(case.body, bytes):
        body = {"content": case.body}
    elif isinstance(case.body, dict | list | str | int | float | bool | None):
        body = {"text": json.dumps(case.body)}
    headers = {name.lower(): str(value) for name, value in (case.headers or {}).items()}
    headers |= {"content-type": case.media_type or "application/json"}
    try:
        return gateway.call(case.method, url, headers=headers, **body).status
    except LookupError:
        return None


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_is_answered_by_a_fault(
    scene: Scene, count: Count, method: str, path: str, mode: GenerationMode
) -> None:
    operation = SCHEMA[path][method.upper()]
    gateway = Gateway(SessionStore(scene.table_name, client=scene.client, clock=scene.clock))
    statuses: list[int | None] = []

    @settings(
        max_examples=EACH,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def fuzz(case: Any, *, known: bool) -> None:
        real = _ids(sign_in(scene.another_store()), path) if known else {}
        statuses.append(send(gateway, case, real))

    fuzz()

    assert statuses
    assert all(status is None or status < 500 for status in statuses)
    assert len(statuses) <= EACH
    count("fuzzed requests", len(statuses))


def _ids(s: SignedIn, path: str) -> dict[str, str]:
    """Ids that there are, of the parameters of a path."""
    ids = {"session_id": s.id, "child_session_id": s.child_id, "customer_id": "ana"}
    return {name: value for name, value in ids.items() if f"{{{name}}}" in path}
