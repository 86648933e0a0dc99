"""The constructs deploy functions with the memory that `session-store cost` expects."""

from __future__ import annotations

from typing import get_type_hints

from session_store.cdk.store_props import ServiceProps
from session_store.cli.cost.question import Question


def test_costs_are_of_functions_with_the_memory_that_they_have_by_default() -> None:
    memory = get_type_hints(ServiceProps, include_extras=True)["memory_size"].__metadata__[0].default
    asked = Question(sessions_per_day=1, requests_per_session=1, data_bytes=2)

    assert asked.memory == memory
