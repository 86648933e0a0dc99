"""Every page: accessible in light and dark, within a phone's width, without JavaScript, under a strict policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from local.paths import ROOT
from tests.browser.conftest import NewVisitor
from tests.canary.surfaces import denied
from tests.support.chromium import Visitor
from tests.support.deployed import Deployed

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE_WIDTH = 375
STATUS_BEFORE_SIGNING_IN = {"/sign-in": 200, "/sessions": 401, "/account": 401, "/nothing": 404}
STATUS_AFTER_IT = {"/": 200, "/sign-in?notice=recent": 200, "/sessions": 200, "/account?notice=ended": 200}
POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def every_page(visitor: Visitor, other: Visitor, name: str) -> Iterator[str]:
    """Opens every page, in every state that looks different: with another session and without, errors included."""
    visitor.open()
    yield "a first visit"
    for path, status in STATUS_BEFORE_SIGNING_IN.items():
        assert visitor.open(path) == status
        yield f"{path}, not signed in"
    visitor.open("/sign-in")
    visitor.page.get_by_label("User name").fill("\u202e")
    visitor.press("Sign in")
    visitor.page.locator(".error").wait_for()
    yield "a refused name"
    other.sign_in(name)
    visitor.sign_in(name)
    for path, status in STATUS_AFTER_IT.items():
        assert visitor.open(path) == status
        yield f"{path}, signed in"


def violations(visitor: Visitor) -> list[str]:
    """Axe's findings on the page, each with its element, in light and dark colours."""
    visitor.page.add_script_tag(path=AXE)
    found = visitor.page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    visitor.page.emulate_media(color_scheme="dark")
    colours = "axe.run({ resultTypes: ['violations'], runOnly: ['color-contrast'] })"
    found += visitor.page.evaluate(colours)["violations"]
    visitor.page.emulate_media(color_scheme="light")
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


Looks = dict[str, tuple[list[str], list[float]]]  # page -> what axe says, and how wide it is on a phone
_WIDTH_AND_EDGE = """() => [
  document.documentElement.scrollWidth,
  Math.max(...[...document.querySelectorAll("main *")].map(each => each.getBoundingClientRect().right)),
]"""


@pytest.fixture(scope="module")
def looks(browser: Browser, deployed: Deployed) -> Looks:
    """Every page on a phone. The tests' own script is not the site's: for this one browser the policy is off."""
    phone = Visitor(browser, deployed.demo_url, bypass_csp=True, viewport={"width": PHONE_WIDTH, "height": 700})
    other = Visitor(browser, deployed.demo_url)
    name = "a customer with a name as long as they come, at example.com"
    pages = every_page(phone, other, name)
    found = {page: (violations(phone), phone.page.evaluate(_WIDTH_AND_EDGE)) for page in pages}
    phone.context.close()
    other.context.close()
    return found


def test_axe_finds_nothing_on_any_page_in_light_or_dark(looks: Looks) -> None:
    assert len(looks) == 10
    assert not {page: found for page, (found, _) in looks.items() if found}


def test_no_page_is_wider_than_a_phone(looks: Looks) -> None:
    assert len(looks) == 10
    assert not {page: widths for page, (_, widths) in looks.items() if max(widths) > PHONE_WIDTH}


def test_everything_works_without_javascript(new_visitor: NewVisitor, name: str) -> None:
    visitor, other = (new_visitor(java_script_enabled=False) for _ in range(2))
    for expected in (1, 2):
        visitor.open()
        assert visitor.visits == expected
    assert visitor.fact("Without activity").inner_text().endswith(" UTC")
    other.sign_in(name)
    visitor.sign_in(name)
    visitor.open("/sessions")
    visitor.press("End session")
    visitor.page.get_by_text("That session has ended.").wait_for()
    assert other.open("/sessions") == 401
    visitor.press("Sign out")
    visitor.page.get_by_text("You are signed out.").wait_for()


def test_every_answer_has_the_strict_policy_and_no_page_is_kept(visitor: Visitor, name: str) -> None:
    answers = []
    visitor.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it takes no built-in
    visitor.sign_in(name)
    visitor.open("/sessions")
    visitor.open("/nothing")

    for answer in answers:
        headers = answer.headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        if "/static/" not in answer.url:
            assert headers["cache-control"] == "no-store", answer.url
    assert {answer.status for answer in answers} == {200, 303, 404}
    assert all(answer.url.startswith(f"{visitor.url}/") for answer in answers)  # nothing from elsewhere


def test_the_keyboard_reaches_the_content_first(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "content"


def test_without_the_store_no_visitor_gets_in_and_none_is_signed_out(
    deployed: Deployed, new_visitor: NewVisitor, name: str
) -> None:
    visitor = new_visitor(bypass_csp=True)
    visitor.sign_in(name)
    cookie = visitor.cookie()

    with denied(deployed, ("*",)):
        answer = visitor.page.goto("/sessions")
        assert answer is not None
        assert answer.status == 503
        assert visitor.heading == "Back in a moment"
        assert name not in visitor.page.content()
        assert not violations(visitor)

    assert visitor.cookie() == cookie
    visitor.page.get_by_role("link", name="Try again").click()
    visitor.page.get_by_role("heading", name="Where you are signed in").wait_for()
