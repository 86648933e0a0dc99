"""The visit counter, and how long the session lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor, visits_on


def test_the_first_visit_is_1_the_next_is_2_and_another_browser_starts_at_1(new_visitor: NewVisitor) -> None:
    one, other = new_visitor(), new_visitor()

    one.open()
    assert one.visits == 1
    one.page.reload()
    assert one.visits == 2
    one.page.get_by_role("link", name="Visit again").click()
    assert one.visits == 3

    other.open()
    assert other.visits == 1


def test_reloads_at_the_same_time_get_a_number_each_and_lose_none(visitor: Visitor) -> None:
    visitor.open()
    tabs = [visitor.context.new_page() for _ in range(4)]
    for tab in tabs:
        tab.goto("/static/icon.svg")  # on the site, without a visit

    for tab in tabs:
        tab.evaluate("() => { location.href = '/' }")
    for tab in tabs:
        tab.wait_for_url("**/")

    assert sorted(map(visits_on, tabs)) == [2, 3, 4, 5]


@pytest.mark.shows("7.3.1", "7.3.2")
def test_every_visit_shows_when_the_session_ends(visitor: Visitor) -> None:
    for _ in ("a session that begins", "one that goes on"):
        visitor.open()
        left = [_until(visitor, fact) for fact in ("Without activity", "At the latest")]

        assert timedelta(minutes=26) < left[0] <= timedelta(minutes=30)
        assert timedelta(hours=11, minutes=59) < left[1] <= timedelta(hours=12)
        assert visitor.fact("Without activity").locator(".distance").inner_text() == "in 30 minutes"


def _until(visitor: Visitor, fact: str) -> timedelta:
    shown = visitor.fact(fact).locator("time").get_attribute("datetime")
    return datetime.fromisoformat(str(shown)) - datetime.now(UTC)
