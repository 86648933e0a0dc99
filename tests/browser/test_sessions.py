"""The page of a customer's sessions, and their end when the account changes."""

from __future__ import annotations

import time

import pytest

from local.load import load_sample_data
from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor
from tests.support.deployed import Deployed

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def set_time(deployed: Deployed, visitor: Visitor, name: str, attribute: str, at: float) -> None:
    """Change a time in the row of the visitor's session, as if that much had passed."""
    deployed.set_times(visitor.session_id, name, **{attribute: at})


def devices(visitor: Visitor) -> list[tuple[str, str]]:
    """Each entry of the list: the device, and what can be done about it."""
    entries = visitor.page.locator("li.device").all()
    return [
        (" ".join(each.locator("h2").inner_text().split()), each.locator(".action").inner_text()) for each in entries
    ]


def sign_out(visitor: Visitor, device: str) -> None:
    """End one of the listed sessions."""
    visitor.page.get_by_role("button", name=f"Sign out {device}").click()


@pytest.fixture
def two(new_visitor: NewVisitor, name: str) -> tuple[Visitor, Visitor]:
    """One person at a computer and at a phone, signed in at both."""
    computer, phone = new_visitor(), new_visitor(user_agent=PHONE)
    phone.sign_in(name)
    computer.sign_in(name)
    return computer, phone


@pytest.mark.shows("7.5.2", "10.4.9", host=True)
def test_a_session_that_is_ended_from_another_browser_is_signed_out(two: tuple[Visitor, Visitor], name: str) -> None:
    computer, phone = two
    computer.open("/sessions")
    (here, there) = devices(computer)
    assert here[0].startswith("Chrome ")
    assert here[0].endswith(" on Linux")
    assert (here[1], there) == ("This device", ("Safari 18 on iPhone", "Sign out"))

    sign_out(computer, "Safari 18 on iPhone")

    computer.page.get_by_text("That device is signed out.").wait_for()
    assert devices(computer) == [here]
    assert phone.open("/sessions") == 401
    assert phone.heading == "You are not signed in"
    phone.open()
    assert phone.who == "Not signed in"
    assert computer.who == f"Signed in as {name}"


@pytest.mark.shows("7.5.2", host=True)
def test_all_other_sessions_can_be_ended_at_once_after_a_question(
    two: tuple[Visitor, Visitor], new_visitor: NewVisitor, name: str
) -> None:
    computer, phone = two
    twin = new_visitor()
    twin.sign_in(name)
    computer.open("/sessions")
    (here, other, third) = devices(computer)
    assert (here[0], other[0]) == (f"{here[0][:-7]} 1 of 2", f"{here[0][:-7]} 2 of 2")
    assert third[0] == "Safari 18 on iPhone"
    assert computer.page.get_by_role("main").get_by_text(computer.session_id).count() == 0

    computer.page.get_by_role("link", name="Sign out other devices").click()
    computer.press("End all other sessions")

    computer.page.get_by_text("All your other devices are signed out.").wait_for()
    assert [action for _, action in devices(computer)] == ["This device"]
    assert (phone.open("/sessions"), twin.open("/sessions")) == (401, 401)


def test_the_sample_customers_show_their_applications_and_old_dates_with_their_year(
    deployed: Deployed, visitor: Visitor
) -> None:
    load_sample_data(deployed.table_client(), deployed.table_name, now=int(time.time()))
    visitor.open("/sign-in")
    with visitor.page.expect_navigation():
        visitor.press("ABC")
    visitor.open("/sessions")

    device = visitor.page.locator("li.device", has_text="Firefox on Linux")
    assert device.locator(".chips li").all_inner_texts() == ["shop", "support\nsigning out"]
    assert device.locator("time").first.inner_text() == "12 May 2023, 11:30"
    assert (
        visitor.page.locator("li.device", has_text="Safari on iPhone").locator(".badge").inner_text() == "signing out"
    )
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    name, button = (device.locator(part).bounding_box() for part in ("h2", "button"))
    assert name is not None
    assert button is not None
    assert name["y"] <= button["y"] + button["height"] / 2 <= name["y"] + name["height"] + 4  # beside its device


@pytest.mark.shows("7.5.3", host=True)
def test_ending_a_session_takes_a_recent_sign_in(deployed: Deployed, two: tuple[Visitor, Visitor], name: str) -> None:
    computer, phone = two
    set_time(deployed, computer, name, "last_login_time", time.time() - 6 * 60)
    computer.open("/sessions")

    sign_out(computer, "Safari 18 on iPhone")

    computer.page.get_by_role("heading", name="Confirm that it is you").wait_for()
    assert computer.page.get_by_label("User name").input_value() == name
    assert phone.open("/sessions") == 200

    computer.confirm()
    assert computer.page.url == f"{computer.url}/sessions"
    sign_out(computer, "Safari 18 on iPhone")
    computer.page.get_by_text("That device is signed out.").wait_for()
    assert phone.open("/sessions") == 401


@pytest.mark.shows("7.5.1", host=True)
def test_changing_the_account_takes_a_recent_sign_in(deployed: Deployed, visitor: Visitor, name: str) -> None:
    visitor.sign_in(name)
    set_time(deployed, visitor, name, "last_login_time", time.time() - 6 * 60)
    visitor.open("/account")

    visitor.press("Change password")
    visitor.page.get_by_role("heading", name="Confirm that it is you").wait_for()
    visitor.open("/account")  # still signed in, and nothing has happened
    assert visitor.notice == ""
    visitor.page.get_by_role("link", name="Delete account").click()
    visitor.page.get_by_role("heading", name="Confirm that it is you").wait_for()

    visitor.confirm()

    assert visitor.heading == "Delete your account?"
    visitor.page.get_by_role("checkbox").check()
    visitor.press("Delete account")
    visitor.page.get_by_text("Your account is deleted.").wait_for()


def test_a_customer_cannot_end_another_customers_session(
    new_visitor: NewVisitor, two: tuple[Visitor, Visitor], name: str
) -> None:
    computer, _ = two
    stranger = new_visitor()
    stranger.sign_in(f"not {name}")
    computer.open("/sessions")

    computer.page.locator("[name=session_id]").evaluate("(field, id) => { field.value = id }", stranger.session_id)
    sign_out(computer, "Safari 18 on iPhone")

    computer.page.get_by_role("status").wait_for()
    assert len(devices(computer)) == 2
    assert stranger.open("/sessions") == 200


@pytest.mark.shows("7.3.1")
def test_a_session_that_has_expired_is_over_and_the_page_says_so(
    deployed: Deployed, visitor: Visitor, name: str
) -> None:
    visitor.sign_in(name)
    set_time(deployed, visitor, name, "expires_at", time.time() - 1)

    assert visitor.open("/account") == 401
    assert visitor.heading == "You are not signed in"
    assert visitor.page.get_by_text("it expired").is_visible()
    visitor.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    visitor.page.get_by_label("User name").fill(name)
    visitor.confirm()
    assert visitor.page.url == f"{visitor.url}/account"


@pytest.mark.shows("7.4.3", host=True)
def test_a_changed_password_offers_to_sign_out_everywhere_else(two: tuple[Visitor, Visitor], name: str) -> None:
    computer, phone = two
    computer.open("/account")
    offer = computer.page.get_by_label("Sign out my other devices")
    assert offer.is_checked()

    offer.uncheck()
    computer.press("Change password")
    computer.page.get_by_text("You stay signed in on every device.").wait_for()
    assert phone.open("/account") == 200

    before = computer.session_id
    offer.check()
    computer.press("Change password")
    computer.page.get_by_text("All your other devices are signed out.").wait_for()
    assert phone.open("/account") == 401
    assert (computer.who, computer.session_id) == (f"Signed in as {name}", before)


@pytest.mark.shows("7.4.2", host=True)
def test_no_session_of_a_deleted_account_goes_on(two: tuple[Visitor, Visitor]) -> None:
    computer, phone = two
    computer.open("/account/delete")
    computer.press("Delete account")
    assert computer.heading == "Delete your account?"  # the browser asks for the confirmation first

    computer.page.get_by_role("checkbox").check()
    computer.press("Delete account")

    computer.page.get_by_text("Your account is deleted").wait_for()
    assert computer.who == "Not signed in"
    assert (computer.open("/account"), phone.open("/account")) == (401, 401)
