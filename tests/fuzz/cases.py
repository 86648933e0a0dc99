"""Requests that schemathesis makes of an OpenAPI document, right and wrong ones, most of them about what exists."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation

from session_store import encode_customer_id
from tests.support.openapi import closed

_DOCS: Final = Path(__file__).parents[2] / "docs"
_MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# Not the one that right requests are accepted: a schema cannot say all there is to a right one, like idle <= absolute.
_CHECKS: Final = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
]
# A case, a number that chooses how it is sent, and whether it is to be about what exists.
_Drawn: TypeAlias = tuple[Case[Any], int, bool]


@dataclass(frozen=True)
class Known:
    """The data before the first request: a customer's session with a child session."""

    customer_id: str
    session_id: str
    child_session_id: str
    token: str = field(repr=False)
    child_token: str = field(repr=False)
    data_keys: Sequence[str]  # of the data that the session's user may change

    def parameters(self) -> dict[str, str]:
        """Values of parameters and fields, by name."""
        return {
            "customer_id": self.customer_id,
            "session_id": self.session_id,
            "child_session_id": self.child_session_id,
            "cursor": self.session_id,
            "except": self.session_id,
            "token": self.token,
            "replaces": self.child_token,
            "Session-Binding": self.session_id,
        }

    def data_like(self, data: dict[str, Any]) -> dict[str, Any]:
        """Data under keys that may be changed, with the values of other data."""
        return dict(zip(self.data_keys, [*data.values(), "dark"], strict=False))


@dataclass(frozen=True)
class FuzzedRequest:
    """One request."""

    case: Case[Any]
    known: Known  # what it may be about, and whose token it may carry
    variant: int  # which of the ways to send it


def operations(document: str) -> list[tuple[str, str]]:
    """Path and method of each operation of a document in docs."""
    return [(path, method) for path, methods in read(document)["paths"].items() for method in methods]


def read(document: str) -> dict[str, Any]:
    """A document in docs."""
    parsed: dict[str, Any] = json.loads((_DOCS / document).read_text(encoding="utf-8"))
    return parsed


def requests_of(document: str, each: int, known: Sequence[Known]) -> list[FuzzedRequest]:
    """At most so many right and so many wrong requests to each operation, the same at each run, in mixed order.

    Known sessions are used up along the way. Each one has its own few requests, one of which may end it.
    """
    drawn = _draw_all(document, each)
    random.Random(0).shuffle(drawn)
    made = []
    for number, (case, variant, is_about_known) in enumerate(drawn):
        some = known[number * len(known) // len(drawn)]
        if is_about_known:
            _put_in(some, case)
        made.append(FuzzedRequest(case, some, variant))
    return made


def _draw_all(document: str, each: int) -> list[_Drawn]:
    schema = schemathesis.openapi.from_dict(closed(read(document)))
    # Every request carries what guards the routes: else schemathesis would spend its wrong ones on leaving it out.
    schema.config.generation.update(with_security_parameters=False)
    schema.config.checks.update(included_check_names=_CHECKS)
    drawn = []
    for path, method in operations(document):
        for mode in _MODES:
            drawn += _draw(schema[path][method.upper()].as_strategy(generation_mode=mode), each)
    return drawn


def _draw(strategy: st.SearchStrategy[Case[Any]], each: int) -> list[_Drawn]:
    drawn: list[_Drawn] = []

    @settings(
        max_examples=each,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(strategy, st.integers(0, 99), st.sampled_from([True, True, True, False])))
    def draw(one: _Drawn) -> None:
        drawn.append(one)

    with suppress(Unsatisfiable):  # there is nothing that a request could say wrong
        draw()
    return drawn[:each]


def _put_in(known: Known, case: Case[Any]) -> None:
    """Replace values by ones that exist, but for what schemathesis made wrong on purpose."""
    real = known.parameters()
    if _is_right(case, ParameterLocation.PATH):
        case.path_parameters = {name: encode_customer_id(real[name]) for name in case.path_parameters}
    if _is_right(case, ParameterLocation.QUERY):
        case.query = {name: real.get(name, value) for name, value in case.query.items()}
    if _is_right(case, ParameterLocation.HEADER):
        case.headers.update({name: real[name] for name in case.headers if name in real})
    if _is_right(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        case.body = _body_about(known, case, case.body)


def _body_about(known: Known, case: Case[Any], body: dict[str, Any]) -> dict[str, Any]:
    schema = case.operation.definition.raw["requestBody"]["content"]["application/json"]["schema"]
    if "properties" not in schema:  # the body is the data itself
        return known.data_like(body)
    real = known.parameters()
    about = {name: real.get(name, value) for name, value in body.items()}
    if "data" in schema["properties"]:
        about["data"] = known.data_like(about.get("data") or {})
    return about


def _is_right(case: Case[Any], location: ParameterLocation) -> bool:
    component = case.meta.components.get(location) if case.meta else None
    return component is not None and component.mode is GenerationMode.POSITIVE
