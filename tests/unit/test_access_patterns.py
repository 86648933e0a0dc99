"""The access patterns as data."""

from __future__ import annotations

import pytest

from session_store.catalog import access_patterns as patterns
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.costs import Amount, Cost, Per, Share
from session_store.catalog.pattern import Resource
from tests.support.costs import CASES


def test_names_are_distinct() -> None:
    assert len({pattern.name for pattern in ACCESS_PATTERNS}) == len(ACCESS_PATTERNS)


def test_the_names_of_the_published_patterns_are_kept() -> None:
    assert {pattern.name for pattern in ACCESS_PATTERNS} >= {
        *("createSession", "getSessionBySessionId", "expireSession", "getChildSessionsBySessionId"),
        *("getSessionByChildSessionId", "getLastLoginTimeByCustomerId"),
        *("getSessionIdByCustomerId", "getSessionsByCustomerId"),
    }


@pytest.mark.shows("C19")
def test_no_pattern_scans() -> None:
    assert all("Scan" not in action for pattern in ACCESS_PATTERNS for action, _ in pattern.permissions())


@pytest.mark.shows("N11")
def test_every_cost_of_every_pattern_is_measured() -> None:
    said = [(pattern.name, cost.when) for pattern in ACCESS_PATTERNS for cost in pattern.costs]

    assert {(case.pattern.name, case.when) for case in CASES} == set(said)
    assert len(said) == len(set(said))


def test_a_larger_item_costs_more_by_4_kb_to_read_and_by_1_kb_to_write() -> None:
    cost = Cost(rru=1, wru=2, trips=3, shares=(Share(Per.ROW, rru=1, wru=1, trips=1), Share(Per.INDEX, rru=0.5)))

    assert cost.amount({Per.ROW: 2, Per.INDEX: 3}, item_kb=9) == Amount(rru=1 + 2 * 3 + 1.5, wru=2 + 2 * 9, trips=3 + 2)


def test_the_index_is_granted_apart_from_the_table() -> None:
    assert patterns.GET_LAST_LOGIN_TIME.permissions() == {("dynamodb:Query", Resource.INDEX)}
