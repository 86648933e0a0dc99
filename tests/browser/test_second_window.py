"""The second window: a thief with a copy of the cookie, and another device. Each is refused there and then."""

from __future__ import annotations

import time
from datetime import timedelta

from playwright.sync_api import Page

from demo.theft import GRACE_SECONDS
from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor
from tests.support.deployed import Deployed


def use(window: Page, link: str) -> str:
    """Press the second window's link; returns the heading of the answer."""
    with window.expect_navigation():
        window.get_by_role("link", name=link).click()
    return window.locator("h1").inner_text()


def renew(owner: Visitor) -> None:
    before = owner.cookie()["value"]
    owner.press("Renew my cookie")
    owner.page.get_by_text("Your browser has a new cookie").wait_for()
    assert owner.cookie()["value"] != before


def let_pass(deployed: Deployed, visitor: Visitor, name: str, time_passed: timedelta) -> None:
    """Set the first use of the session's new token to so long ago."""
    deployed.set_times(visitor.session_id, name, first_used_at=time.time() - time_passed.total_seconds())


def test_a_stolen_cookie_is_caught_when_it_comes_back_after_its_owner_has_used_a_new_one(
    deployed: Deployed, new_visitor: NewVisitor, name: str
) -> None:
    owner = new_visitor(java_script_enabled=False)
    owner.sign_in(name)
    owner.open("/theft")
    renew(owner)  # harmless, as often as it may happen
    let_pass(deployed, owner, name, timedelta(seconds=2 * GRACE_SECONDS + 1))
    owner.open("/theft")
    thief = owner.opened_by("Steal this cookie")
    assert thief.locator("h1").inner_text() == "The copy works"
    assert thief.get_by_role("main").get_by_text(name).is_visible()
    assert use(thief, "Use the copy") == "The copy works"

    renew(owner)
    assert use(thief, "Use the copy") == "The copy works"  # within the grace
    let_pass(deployed, owner, name, timedelta(seconds=GRACE_SECONDS))

    assert use(thief, "Use the copy") == "Caught"
    assert owner.open("/sessions") == 401
    assert owner.page.get_by_text("a copy of its cookie was used").is_visible()
    owner.sign_in(name)
    assert owner.open("/sessions") == 200
    thief.reload()
    assert thief.locator("h1").inner_text() == "There is nothing here yet"


def test_signing_out_everywhere_asks_first_and_refuses_the_other_window_at_its_next_request(
    visitor: Visitor, name: str
) -> None:
    visitor.sign_in(name)
    visitor.open("/sessions")
    device = visitor.opened_by("Open a second device")
    assert device.locator("h1").inner_text() == f"Signed in as {name}"

    visitor.open("/sessions")
    visitor.page.get_by_role("link", name="Sign out other devices").click()
    visitor.page.get_by_role("heading", name="Sign out other devices?").wait_for()
    assert use(device, "Use this device") == f"Signed in as {name}"
    visitor.press("Sign out everywhere, here too")
    visitor.page.get_by_role("status").wait_for()

    assert (visitor.notice, visitor.who) == ("You are signed out on every device.", "Not signed in")
    assert use(device, "Use this device") == "Signed out"
