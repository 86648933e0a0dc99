"""The page of a customer's sessions, and their end when the account changes."""

from __future__ import annotations

import time

import pytest

from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor
from tests.support.deployed import Deployed

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def set_time(deployed: Deployed, visitor: Visitor, name: str, attribute: str, at: float) -> None:
    """Change a time in the row of the visitor's session, as if that much had passed."""
    visitor.open()
    deployed.set_times(visitor.fact("Session id").inner_text(), name, **{attribute: at})


def devices(visitor: Visitor) -> list[tuple[str, str]]:
    """Each entry of the list: the device, and what can be done about it."""
    entries = visitor.page.locator("li.session").all()
    return [(entry.locator("h2").inner_text(), entry.locator(".action").inner_text()) for entry in entries]


@pytest.fixture
def two(new_visitor: NewVisitor, name: str) -> tuple[Visitor, Visitor]:
    """One person at a computer and at a phone, signed in at both."""
    computer, phone = new_visitor(), new_visitor(user_agent=PHONE)
    phone.sign_in(name)
    computer.sign_in(name)
    return computer, phone


@pytest.mark.shows("7.5.2", host=True)
def test_a_session_that_is_ended_from_another_browser_is_signed_out(two: tuple[Visitor, Visitor], name: str) -> None:
    computer, phone = two
    computer.open("/sessions")
    (here, there) = devices(computer)
    assert here[0].startswith("Chrome ")
    assert here[0].endswith(" on Linux")
    assert (here[1], there) == ("This device", ("Safari 18 on iPhone", "End session"))

    computer.press("End session")

    computer.page.get_by_text("That session has ended.").wait_for()
    assert devices(computer) == [here]
    assert phone.open("/sessions") == 401
    assert phone.heading == "You are not signed in"
    phone.open()
    assert phone.who == "Not signed in"
    assert computer.who == f"Signed in as {name}"


@pytest.mark.shows("7.5.2", host=True)
def test_all_other_sessions_can_be_ended_at_once(
    two: tuple[Visitor, Visitor], new_visitor: NewVisitor, name: str
) -> None:
    computer, phone = two
    tablet = new_visitor()
    tablet.sign_in(name)
    computer.open("/sessions")
    assert len(devices(computer)) == 3

    computer.press("End all other sessions")

    computer.page.get_by_text("All your other sessions have ended.").wait_for()
    assert [action for _, action in devices(computer)] == ["This device"]
    assert computer.page.get_by_text("You are signed in nowhere else.").is_visible()
    assert (phone.open("/sessions"), tablet.open("/sessions")) == (401, 401)


@pytest.mark.shows("7.5.3", host=True)
def test_ending_a_session_takes_a_recent_sign_in(deployed: Deployed, two: tuple[Visitor, Visitor], name: str) -> None:
    computer, phone = two
    set_time(deployed, computer, name, "last_login_time", time.time() - 6 * 60)
    computer.open("/sessions")

    computer.press("End session")

    computer.page.wait_for_url("**/sign-in?**")
    assert computer.notice.startswith("This needs a recent sign-in.")
    assert computer.page.get_by_label("User name").input_value() == name
    assert phone.open("/sessions") == 200

    computer.page.get_by_role("main").get_by_role("button", name="Sign in").click()
    computer.page.wait_for_url("**/sessions?**")
    computer.press("End session")
    computer.page.get_by_text("That session has ended.").wait_for()
    assert phone.open("/sessions") == 401


@pytest.mark.shows("7.5.1", host=True)
@pytest.mark.parametrize("button", ["Change the password", "Delete the account"])
def test_changing_the_account_takes_a_recent_sign_in(
    deployed: Deployed, visitor: Visitor, name: str, button: str
) -> None:
    visitor.sign_in(name)
    set_time(deployed, visitor, name, "last_login_time", time.time() - 6 * 60)
    visitor.open("/account")
    visitor.page.get_by_label("Delete it and sign out everywhere").check()

    visitor.press(button)

    visitor.page.wait_for_url("**/sign-in?next=%2Faccount&notice=recent")
    assert visitor.open("/account") == 200  # still signed in, and nothing has happened
    assert visitor.notice == ""


def test_a_customer_cannot_end_another_customers_session(
    new_visitor: NewVisitor, two: tuple[Visitor, Visitor], name: str
) -> None:
    computer, _ = two
    stranger = new_visitor()
    stranger.sign_in(f"not {name}")
    strangers_id = stranger.fact("Session id").inner_text()
    computer.open("/sessions")

    computer.page.locator("[name=session_id]").evaluate("(field, id) => { field.value = id }", strangers_id)
    computer.press("End session")

    computer.page.wait_for_url("**/sessions?**")
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
    visitor.page.get_by_label("User name").press("Enter")
    visitor.page.wait_for_url("**/account?**")


@pytest.mark.shows("7.4.3", host=True)
def test_a_changed_password_offers_to_sign_out_everywhere_else(two: tuple[Visitor, Visitor], name: str) -> None:
    computer, phone = two
    computer.open("/account")
    offer = computer.page.get_by_label("Sign out everywhere else")
    assert offer.is_checked()

    offer.uncheck()
    computer.press("Change the password")
    computer.page.get_by_text("You stay signed in everywhere.").wait_for()
    assert phone.open("/account") == 200

    before = computer.cookie()["value"]
    offer.check()
    computer.press("Change the password")
    computer.page.get_by_text("All your other sessions have ended.").wait_for()
    assert phone.open("/account") == 401
    assert computer.who == f"Signed in as {name}"
    assert computer.cookie()["value"].split(".")[1] == before.split(".")[1]  # the same session


@pytest.mark.shows("7.4.2", host=True)
def test_no_session_of_a_deleted_account_goes_on(two: tuple[Visitor, Visitor]) -> None:
    computer, phone = two
    computer.open("/account")
    computer.press("Delete the account")
    assert computer.heading == "Account"  # the browser asks for the confirmation first

    computer.page.get_by_label("Delete it and sign out everywhere").check()
    computer.press("Delete the account")

    computer.page.get_by_text("The account is deleted").wait_for()
    assert computer.who == "Not signed in"
    assert (computer.open("/account"), phone.open("/account")) == (401, 401)
