"""Rotation, as browsers meet it: answers to GET that carry a new cookie."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier
from typing import Any, Final

import pytest
from playwright.sync_api import Page, Response

from session_store import SessionStore
from session_store.settings import DEFAULT_SETTINGS
from session_store.web import current_session, session
from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor
from tests.support.deployed import Deployed
from tests.support.shared_cache import SharedCache, shared_cache

INTERVAL: Final = DEFAULT_SETTINGS.rotation_interval
OVER: Final = 2 * DEFAULT_SETTINGS.rotation_grace + timedelta(seconds=1)  # after it the next use decides
NOW: Final = timedelta()
WORKER: Final = "addEventListener('fetch', event => event.respondWith(fetch(event.request)))"
INSTALL: Final = (
    "navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => 0)"
)
ELSEWHERE: Final = '<form method="post" action="{}/sign-out"><button>Win a prize</button></form>'


@pytest.fixture
def site(deployed: Deployed) -> Iterator[SharedCache]:
    """The demo behind a cache, with a worker's script and a page that says that caches may keep it."""
    store = SessionStore(deployed.table_name, dynamodb_client=deployed.table_client())

    def worker(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {"Content-Type": "text/javascript"}, "body": WORKER}

    @session(store=store)
    def offer(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        current_session()["seen"] = True
        headers = {"Content-Type": "text/plain", "Cache-Control": "public, s-maxage=60"}
        return {"statusCode": 200, "headers": headers, "body": f"An offer for {current_session().customer_id}"}

    with shared_cache(deployed.demo_url, {"/worker.js": worker, "/offer": offer}) as cache:
        yield cache


def token(visitor: Visitor) -> str:
    return str(visitor.cookie()["value"])


def session_id(visitor: Visitor) -> str:
    return token(visitor).split(".")[1]


def cookie_in(answer: Response) -> str:
    return str(answer.header_value("set-cookie")).partition(";")[0].partition("=")[2]


def move_back(deployed: Deployed, visitor: Visitor, name: str, **times: timedelta) -> None:
    """Set times in the row of the visitor's session to so long ago."""
    ago = {attribute: time.time() - by.total_seconds() for attribute, by in times.items()}
    deployed.set_times(session_id(visitor), name, **ago)


def load(tabs: list[Page], url: str) -> list[Response]:
    """Load a page in all tabs at once. Its addresses differ: the browser does not ask for one twice at once."""
    with ExitStack() as stack:
        answers = [stack.enter_context(tab.expect_navigation()) for tab in tabs]
        for number, tab in enumerate(tabs):
            tab.evaluate("url => { location.assign(url) }", f"{url}?tab={number}")
    return [answer.value for answer in answers]


def test_six_tabs_that_get_a_new_cookie_each_all_stay_signed_in(
    deployed: Deployed, site: SharedCache, new_visitor: NewVisitor, name: str
) -> None:
    visitor, copier = new_visitor(site.url), new_visitor(site.url)
    visitor.sign_in(name)
    tabs = [visitor.page, *(visitor.context.new_page() for _ in range(5))]

    def load_all() -> list[Response]:
        answers = load(tabs, f"{site.url}/account")
        assert [answer.status for answer in answers] == [200] * 6
        return answers

    move_back(deployed, visitor, name, created_at=INTERVAL)
    site.cookies_go_by = Barrier(6)
    cookies = {cookie_in(answer) for answer in load_all()}
    assert len(cookies) == 6
    assert token(visitor) in cookies

    load_all()
    move_back(deployed, visitor, name, first_used_at=OVER)
    load_all()  # the first of these decides
    load_all()

    copier.context.add_cookies([visitor.cookie() | {"value": (cookies - {token(visitor)}).pop()}])
    assert copier.open("/account") == 401  # the other five are good no longer


def open_to_come_back(visitor: Visitor) -> None:
    visitor.open("/account")
    visitor.page.evaluate("() => { window.kept = true }")


def go_back(visitor: Visitor) -> bool:
    """Press the back button; whether the browser had kept the page, and shows it without a request."""
    visitor.page.go_back(wait_until="commit")
    return bool(visitor.page.evaluate("window.kept === true"))


@pytest.mark.parametrize("meanwhile", [False, True], ids=["due since", "rotated meanwhile"])
def test_a_page_that_the_back_button_shows_goes_on_working(
    deployed: Deployed, visitor: Visitor, name: str, *, meanwhile: bool
) -> None:
    visitor.sign_in(name)
    before = token(visitor)
    open_to_come_back(visitor)
    move_back(deployed, visitor, name, created_at=INTERVAL if meanwhile else NOW)
    visitor.open("/sessions")
    move_back(deployed, visitor, name, created_at=INTERVAL)
    assert (token(visitor) != before) is meanwhile

    assert go_back(visitor) is not meanwhile  # kept in spite of `no-store`, until a cookie changes
    visitor.press("Change the password")

    visitor.page.get_by_text("All your other sessions have ended.").wait_for()
    assert visitor.who == f"Signed in as {name}"
    assert token(visitor) != before


def test_no_tab_goes_back_to_a_page_from_before_signing_out(visitor: Visitor, name: str) -> None:
    visitor.sign_in(name)
    open_to_come_back(visitor)
    visitor.open("/sessions")
    tab = visitor.context.new_page()
    tab.goto("/account")

    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_text("You are signed out.").wait_for()

    assert not go_back(visitor)
    assert visitor.heading == "Sign in first"
    assert name not in visitor.page.content()


def test_a_session_that_ends_elsewhere_leaves_a_kept_page_on_which_nothing_works(
    deployed: Deployed, visitor: Visitor, name: str
) -> None:
    visitor.sign_in(name)
    open_to_come_back(visitor)
    visitor.open("/sessions")

    move_back(deployed, visitor, name, expires_at=NOW)

    assert go_back(visitor)  # as if the tab had stayed open: the server is not asked
    visitor.press("Change the password")
    visitor.page.get_by_role("heading", name="You are not signed in").wait_for()


def test_a_new_cookie_passes_through_a_service_worker_and_no_other_sites_form_does(
    deployed: Deployed, site: SharedCache, new_visitor: NewVisitor, name: str
) -> None:
    visitor = new_visitor(site.url)
    visitor.sign_in(name)
    visitor.page.evaluate(INSTALL)
    before = token(visitor)
    move_back(deployed, visitor, name, created_at=INTERVAL)

    for _ in ("the answer that brings it", "the first use", "one more"):
        answer = visitor.page.goto("/account")
        assert answer
        assert (answer.status, answer.from_service_worker) == (200, True)
        assert token(visitor) != before
    move_back(deployed, visitor, name, first_used_at=OVER)
    assert visitor.open("/account") == 200

    visitor.page.goto("about:blank")
    visitor.page.set_content(ELSEWHERE.format(site.url))
    visitor.press("Win a prize")
    visitor.page.get_by_text("Request refused").wait_for()
    assert visitor.open("/account") == 200


def test_a_shared_cache_keeps_what_it_may_and_no_cookie(
    deployed: Deployed, site: SharedCache, new_visitor: NewVisitor, name: str
) -> None:
    def offer(visitor: Visitor) -> tuple[str, bool]:
        """The page's text, and whether it came from the cache."""
        answer = visitor.page.goto("/offer")
        assert answer
        return answer.text(), "age" in answer.headers

    one, other = new_visitor(site.url), new_visitor(site.url)
    assert [offer(one), offer(other)] == [("An offer for None", False)] * 2
    assert session_id(one) != session_id(other)  # each got a cookie, from a page that says that caches may keep it
    one.sign_in(name)
    before = token(one)
    move_back(deployed, one, name, created_at=INTERVAL)

    assert offer(one) == (f"An offer for {name}", False)
    assert token(one) != before
    assert [offer(one)[1], offer(one)[1]] == [False, True]
    assert [offer(other), offer(other)] == [("An offer for None", False), ("An offer for None", True)]
    assert session_id(one) != session_id(other)
    for visitor, from_cache in ((one, False), (other, True)):
        answer = visitor.page.goto("/static/icon.svg")
        assert answer
        assert ("age" in answer.headers) is from_cache
    assert not [kept.url for kept in site.kept if kept.reply.set_cookies]
