"""Rotation in a browser: answers to GET that carry a new cookie."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier
from typing import Any, Final

import pytest
from playwright.sync_api import Response

from session_store import SessionStore
from session_store.settings import DEFAULT_SETTINGS
from session_store.web import current_session, session
from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor
from tests.support.deployed import Deployed
from tests.support.shared_cache import SharedCache, shared_cache

INTERVAL: Final = DEFAULT_SETTINGS.rotation_interval
DECIDED: Final = 2 * DEFAULT_SETTINGS.rotation_grace + timedelta(seconds=1)  # after the first use
WORKER: Final = "addEventListener('fetch', event => event.respondWith(fetch(event.request)))"
INSTALL: Final = (
    "async () => { await navigator.serviceWorker.register('/worker.js'); await navigator.serviceWorker.ready }"
)
ELSEWHERE: Final = '<form method="post" action="{}/sign-out"><button>Win a prize</button></form>'

MoveBack = Callable[..., None]  # a visitor, and how long ago by attribute of the session's row


@pytest.fixture
def move_back(deployed: Deployed, name: str) -> MoveBack:
    """Sets times in the row of a visitor's session to so long ago."""

    def move(visitor: Visitor, **ago: timedelta) -> None:
        times = {attribute: time.time() - by.total_seconds() for attribute, by in ago.items()}
        deployed.set_times(visitor.session_id, name, **times)

    return move


@pytest.fixture
def site(deployed: Deployed) -> Iterator[SharedCache]:
    """The demo behind a cache, with a worker's script, and with a page that says that caches may keep it."""
    store = SessionStore(deployed.table_name, dynamodb_client=deployed.table_client())

    def worker(*_: object) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {"Content-Type": "text/javascript"}, "body": WORKER}

    @session(store=store)
    def offer(*_: object) -> dict[str, Any]:
        current_session()["seen"] = True
        headers = {"Content-Type": "text/plain", "Cache-Control": "public, s-maxage=60"}
        return {"statusCode": 200, "headers": headers, "body": f"For {current_session().customer_id}"}

    with shared_cache(deployed.demo_url, {"/worker.js": worker, "/offer": offer}) as cache:
        yield cache


def token(visitor: Visitor) -> str:
    return str(visitor.cookie()["value"])


def load(visitor: Visitor) -> list[Response]:
    """Load a page in all six tabs at once. Its addresses differ: a browser does not ask for one twice at once."""
    with ExitStack() as stack:
        answers = [stack.enter_context(tab.expect_navigation()) for tab in visitor.context.pages]
        for number, tab in enumerate(visitor.context.pages):
            tab.evaluate("url => { location.assign(url) }", f"{visitor.url}/account?tab={number}")
    assert [answer.value.status for answer in answers] == [200] * 6
    return [answer.value for answer in answers]


def open_to_leave(visitor: Visitor) -> None:
    visitor.open("/account")
    visitor.page.evaluate("() => { window.kept = true }")


def go_back(visitor: Visitor) -> bool:
    """Press the back button; whether the browser had kept the page, and shows it without a request."""
    visitor.page.go_back(wait_until="commit")
    return bool(visitor.page.evaluate("window.kept === true"))


def test_six_tabs_that_get_a_new_cookie_each_all_stay_signed_in(
    site: SharedCache, new_visitor: NewVisitor, name: str, move_back: MoveBack
) -> None:
    visitor, copier = new_visitor(site.url), new_visitor(site.url)
    visitor.sign_in(name)
    for _ in range(5):
        visitor.context.new_page()
    move_back(visitor, created_at=INTERVAL)
    site.cookies_go_by = Barrier(6)

    set_cookies = [str(answer.header_value("set-cookie")) for answer in load(visitor)]

    new = {cookie.partition(";")[0].partition("=")[2] for cookie in set_cookies}
    assert len(new) == 6
    assert token(visitor) in new
    for value in new:  # whichever of the answers comes last, after others' cookies have been used
        visitor.context.add_cookies([visitor.cookie() | {"value": value}])
        assert visitor.open("/account") == 200
    load(visitor)
    move_back(visitor, first_used_at=DECIDED)
    load(visitor)  # the first of these decides
    load(visitor)
    copier.context.add_cookies([visitor.cookie() | {"value": (new - {token(visitor)}).pop()}])
    assert copier.open("/account") == 401


@pytest.mark.parametrize("rotated", [False, True], ids=["due by now", "rotated meanwhile"])
def test_a_page_that_the_back_button_shows_goes_on_working(
    visitor: Visitor, name: str, move_back: MoveBack, *, rotated: bool
) -> None:
    visitor.sign_in(name)
    before = token(visitor)
    open_to_leave(visitor)
    if rotated:
        move_back(visitor, created_at=INTERVAL)
    visitor.open("/sessions")
    assert (token(visitor) != before) is rotated
    move_back(visitor, created_at=INTERVAL)

    assert go_back(visitor) is not rotated  # kept in spite of `no-store`, until a cookie changes
    visitor.press("Change password")

    visitor.page.get_by_text("All your other devices are signed out.").wait_for()
    assert visitor.who == f"Signed in as {name}"


def test_no_tab_goes_back_to_a_page_from_before_signing_out(visitor: Visitor, name: str) -> None:
    visitor.sign_in(name)
    open_to_leave(visitor)
    visitor.open("/sessions")
    tab = visitor.context.new_page()
    tab.goto("/account")

    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_text("You are signed out.").wait_for()

    assert not go_back(visitor)
    assert visitor.heading == "You are not signed in"
    assert name not in visitor.page.content()


@pytest.mark.shows("T89")
def test_a_session_that_ends_by_itself_leaves_a_kept_page_on_which_nothing_works(
    visitor: Visitor, name: str, move_back: MoveBack
) -> None:
    visitor.sign_in(name)
    open_to_leave(visitor)
    visitor.open("/sessions")

    move_back(visitor, expires_at=timedelta(seconds=1))

    assert go_back(visitor)  # as if the tab had stayed open
    visitor.press("Change password")
    visitor.page.get_by_role("heading", name="You are not signed in").wait_for()


def test_a_service_worker_lets_new_cookies_through_and_no_other_sites_forms(
    site: SharedCache, new_visitor: NewVisitor, name: str, move_back: MoveBack
) -> None:
    visitor = new_visitor(site.url)
    visitor.sign_in(name)
    visitor.page.evaluate(INSTALL)
    before = token(visitor)
    move_back(visitor, created_at=INTERVAL)

    answer = visitor.page.goto("/account")
    assert answer
    assert (answer.status, answer.from_service_worker) == (200, True)
    assert token(visitor) != before
    assert visitor.open("/sessions") == 200
    move_back(visitor, first_used_at=DECIDED)
    assert visitor.open("/sessions") == 200

    visitor.page.goto("about:blank")
    visitor.page.set_content(ELSEWHERE.format(site.url))
    visitor.press("Win a prize")
    visitor.page.get_by_text("Request refused").wait_for()
    assert visitor.open("/account") == 200


def test_a_shared_cache_keeps_what_it_may_and_never_a_cookie(
    site: SharedCache, new_visitor: NewVisitor, name: str, move_back: MoveBack
) -> None:
    one, other = new_visitor(site.url), new_visitor(site.url)

    def load(visitor: Visitor, path: str) -> tuple[str, bool]:
        """The answer's text, and whether the cache had it."""
        answer = visitor.page.goto(path)
        assert answer
        return answer.text(), "age" in answer.headers

    for visitor in (one, other):
        assert load(visitor, "/offer") == ("For None", False)  # their first cookie came along
    one.sign_in(name)
    before = token(one)
    move_back(one, created_at=INTERVAL)
    assert load(one, "/offer") == (f"For {name}", False)
    assert token(one) != before

    assert [load(one, "/offer") for _ in range(2)] == [(f"For {name}", False), (f"For {name}", True)]
    assert [load(other, "/offer") for _ in range(2)] == [("For None", False), ("For None", True)]
    assert [load(visitor, "/static/icon.svg")[1] for visitor in (one, other)] == [False, True]
    assert one.session_id != other.session_id
    assert not [key for key, reply in site.kept.items() if reply.set_cookies]
