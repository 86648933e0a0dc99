"""The number in the session: when a session starts, how long it lasts, and what several tabs see of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor, count_on


def test_six_tabs_of_a_first_visit_share_one_session_which_starts_when_there_is_something_to_keep(
    new_visitor: NewVisitor,
) -> None:
    visitor, other = new_visitor(), new_visitor()
    tabs = [visitor.page, *(visitor.context.new_page() for _ in range(5))]
    for tab in tabs:
        tab.goto("/", wait_until="commit")
    for tab in tabs:
        tab.wait_for_load_state()
    assert [count_on(tab) for tab in tabs] == [0] * 6
    assert visitor.context.cookies() == []

    for number, tab in enumerate(tabs, start=1):
        tab.get_by_role("button", name="Add one").click()
        tab.locator(f".count:text-is('{number}')").wait_for()
    assert visitor.cookie()
    assert other.add_one() == 1


def test_presses_at_the_same_time_lose_none(visitor: Visitor) -> None:
    visitor.add_one()
    tabs = [visitor.context.new_page() for _ in range(4)]
    for tab in tabs:
        tab.goto("/")

    for tab in tabs:
        tab.get_by_role("button", name="Add one").click(no_wait_after=True)
    for tab in tabs:
        tab.locator(".count:not(:text-is('1'))").wait_for()

    visitor.open()
    assert visitor.count == 5


@pytest.mark.shows("7.3.1", "7.3.2")
def test_the_page_shows_when_the_session_ends(visitor: Visitor) -> None:
    visitor.add_one()
    left = [_until(visitor, fact) for fact in ("Ends without activity", "Ends at the latest")]

    assert timedelta(minutes=26) < left[0] <= timedelta(minutes=30)
    assert timedelta(hours=11, minutes=59) < left[1] <= timedelta(hours=12)
    assert visitor.fact("Ends without activity").locator(".distance").inner_text() == "in 30 minutes"


def _until(visitor: Visitor, fact: str) -> timedelta:
    shown = visitor.fact(fact).locator("time").get_attribute("datetime")
    return datetime.fromisoformat(str(shown)) - datetime.now(UTC)
