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
    visitor.add_one()
    before, old_cookie = visitor.session_id, visitor.cookie()
    attacker.context.add_cookies([old_cookie])
    assert attacker.add_one() == 2  # it was a good one

    visitor.sign_in(name)
    attacker.open()

    assert (visitor.who, visitor.count) == (f"Signed in as {name}", 2)  # the number comes along
    assert visitor.session_id != before
    assert visitor.cookie()["value"] != old_cookie["value"]
    assert (attacker.who, attacker.count) == ("Not signed in", 0)
    assert attacker.notice.startswith("Your earlier session has ended.")


def test_the_form_asks_for_no_password_and_has_one_primary_button(visitor: Visitor) -> None:
    visitor.open("/sign-in")

    assert visitor.page.get_by_text("Any name works, and there is no password.").is_visible()
    assert visitor.page.locator("input[type=password]").count() == 0
    assert visitor.page.locator("button:not(.quiet), .button:not(.quiet)").all_inner_texts() == ["Sign in"]


def test_a_notice_is_said_once_by_the_session_and_never_by_an_address(visitor: Visitor, name: str) -> None:
    visitor.open("/?notice=account-deleted")
    assert (visitor.notice, visitor.who) == ("", "Not signed in")

    visitor.sign_in(name)
    assert (visitor.notice, visitor.who) == ("You are signed in.", f"Signed in as {name}")
    assert visitor.page.url == f"{visitor.url}/"
    visitor.page.reload()
    assert visitor.notice == ""


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
        visitor.confirm()
        assert visitor.page.url == f"{visitor.url}/"


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
    assert visitor.who == "Not signed in"
    assert visitor.session_id != thief.session_id  # the new one holds the notice, and that is gone by now

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
        assert (forger.who, forger.count) == ("Not signed in", 0), value

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
