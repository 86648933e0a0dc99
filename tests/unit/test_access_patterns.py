"""The access patterns as data."""

from __future__ import annotations

from session_store.catalog import access_patterns as patterns
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.pattern import Resource
from tests.support.costs import CASES


def test_names_are_distinct() -> None:
    assert len({pattern.name for pattern in ACCESS_PATTERNS}) == len(ACCESS_PATTERNS)


def test_the_names_of_the_published_patterns_are_kept() -> None:
    assert {pattern.name for pattern in ACCESS_PATTERNS} >= {
        "createSession",
        "getSessionBySessionId",
        "expireSession",
        "getChildSessionsBySessionId",
        "getSessionByChildSessionId",
        "getLastLoginTimeByCustomerId",
        "getSessionIdByCustomerId",
        "getSessionsByCustomerId",
    }


def test_no_pattern_scans() -> None:
    assert all("Scan" not in action for pattern in ACCESS_PATTERNS for action, _ in pattern.permissions())


def test_every_pattern_has_a_measured_cost() -> None:
    assert {case.pattern.name for case in CASES} == {pattern.name for pattern in ACCESS_PATTERNS}


def test_who_always_knows_the_customer_needs_no_query() -> None:
    assert patterns.GET_SESSION.permissions(customer_known=True) == {("dynamodb:GetItem", Resource.TABLE)}
    assert patterns.GET_SESSION.permissions(customer_known=False) == {("dynamodb:Query", Resource.TABLE)}
    assert len(patterns.GET_SESSION.permissions()) == 2


def test_the_index_is_granted_apart_from_the_table() -> None:
    assert patterns.GET_LAST_LOGIN_TIME.permissions() == {("dynamodb:Query", Resource.INDEX)}
