"""Signing in and out, and the cookie as the browser sees it."""

from __future__ import annotations

import time

import pytest

from tests.browser.conftest import NewVisitor
from tests.canary.requests import forged, stolen
from tests.support.chromium import Visitor

HOURS_12 = 12 * 60 * 60


@pytest.mark.shows("7.2.4")
def test_signing_in_starts_a_new_session_and_the_old_one_is_worth_nothing_after_it(
    new_visitor: NewVisitor, name: str
) -> None:
    visitor, attacker = new_visitor(), new_visitor()
    for _ in range(2):
        visitor.open()
    before, old_cookie = visitor.fact("Session id").inner_text(), visitor.cookie()
    attacker.context.add_cookies([old_cookie])
    attacker.open()
    assert attacker.visits == 3  # it was a good one

    visitor.sign_in(name)
    attacker.open()

    assert (visitor.who, visitor.visits) == (f"Signed in as {name}", 4)  # the count is carried over
    assert visitor.fact("Session id").inner_text() != before
    assert visitor.fact("In place of").inner_text() == before
    assert visitor.cookie()["value"] != old_cookie["value"]
    assert (attacker.who, attacker.visits) == ("Not signed in", 1)
    assert attacker.notice.startswith("Your earlier session is over")


def test_the_form_says_that_it_is_a_stand_in_and_asks_for_no_password(visitor: Visitor) -> None:
    visitor.open("/sign-in")

    assert visitor.page.get_by_text("Stand-in for your identity provider").is_visible()
    assert visitor.page.get_by_text("Demo only").is_visible()
    assert visitor.page.locator("input[type=password]").count() == 0


def test_a_name_that_cannot_be_a_customers_is_explained_at_its_field(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    field = visitor.page.get_by_label("User name")
    field.fill("a\u202eb<i>")
    field.press("Enter")

    explanation = visitor.page.locator(".error")
    explanation.wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == explanation.get_attribute("id")
    assert field.input_value() == "a\u202eb<i>"


def test_no_address_can_send_a_visitor_elsewhere_after_the_sign_in(visitor: Visitor, name: str) -> None:
    for elsewhere in ("https://example.com/", "//example.com/", "/nothing"):
        visitor.open(f"/sign-in?next={elsewhere}")
        visitor.page.get_by_label("User name").fill(name)
        visitor.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        visitor.page.wait_for_url(f"{visitor.url}/?notice=signed-in")


@pytest.mark.shows("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.3.5")
def test_the_browser_keeps_one_cookie_for_this_host_alone_out_of_every_scripts_reach(
    visitor: Visitor, name: str
) -> None:
    visitor.sign_in(name)
    cookie = visitor.cookie()

    host = visitor.url.removeprefix("http://").partition(":")[0]
    assert (cookie["name"], cookie["domain"], cookie["path"]) == ("__Host-session", host, "/")
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")
    assert abs(cookie["expires"] - time.time() - HOURS_12) < 60
    assert len(cookie["name"]) + len(cookie["value"]) < 200
    assert visitor.page.evaluate("document.cookie") == ""
    assert cookie["value"] not in visitor.page.content()


@pytest.mark.shows("7.4.1")
@pytest.mark.shows("7.4.4", host=True)
def test_after_signing_out_neither_the_cookie_nor_the_back_button_shows_anything_private(
    new_visitor: NewVisitor, name: str
) -> None:
    visitor, thief = new_visitor(), new_visitor()
    visitor.sign_in(name)
    for path in ("/", "/sessions", "/account"):
        visitor.open(path)
        assert visitor.page.get_by_role("button", name="Sign out").is_visible()
    thief.context.add_cookies([visitor.cookie()])

    visitor.press("Sign out")
    visitor.page.get_by_text("You are signed out.").wait_for()
    assert visitor.context.cookies() == []

    for _ in range(3):
        visitor.page.go_back()
        assert name not in visitor.page.content()
    assert thief.open("/sessions") == 401
    assert thief.heading == "You are not signed in"


def test_a_forged_cookie_is_an_anonymous_visit(new_visitor: NewVisitor, name: str) -> None:
    owner, forger = new_visitor(), new_visitor()
    owner.sign_in(name)
    cookie = owner.cookie()
    token = cookie["value"]
    for value in ("", "garbage", "v1.%00.a.b", forged(token), stolen(forged(token)), token[:-1], "x" * 3900):
        forger.context.clear_cookies()
        forger.context.add_cookies([cookie | {"value": value}])
        assert forger.open() == 200
        assert (forger.who, forger.visits) == ("Not signed in", 1), value

    owner.open("/sessions")
    assert owner.who == f"Signed in as {name}"


@pytest.mark.parametrize("scheme_of_attack", ["sign-out", "sign-in"])
def test_a_form_on_another_site_changes_nothing(new_visitor: NewVisitor, name: str, scheme_of_attack: str) -> None:
    visitor = new_visitor()
    visitor.sign_in(name)
    form = f"""<form method="post" action="{visitor.url}/{scheme_of_attack}">
      <input name="user_name" value="mallory"><button>Win a prize</button></form>"""
    visitor.context.route("http://evil.localhost/", lambda route: route.fulfill(body=form, content_type="text/html"))

    visitor.page.goto("http://evil.localhost/")
    visitor.press("Win a prize")

    visitor.page.get_by_text("Request refused").wait_for()
    visitor.open()
    assert visitor.who == f"Signed in as {name}"
