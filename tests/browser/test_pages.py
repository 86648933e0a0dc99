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
from tests.support.http_client import ApiClient

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE_WIDTH = 390
DESKTOP_WIDTH = 1280
STATUS_BEFORE_SIGNING_IN = {"/sign-in": 200, "/sessions": 401, "/nothing": 404}
PATHS_AFTER_IT = (
    *("/sign-in", "/sessions", "/sessions/end-others"),
    *("/account", "/account/delete", "/theft", "/second/thief"),
)
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
    visitor.add_one()
    yield "a visitor's session"
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
    yield "a notice"
    visitor.open("/theft")
    visitor.opened_by("Steal this cookie").close()
    for path in PATHS_AFTER_IT:
        assert visitor.open(path) == 200
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


Looks = dict[str, tuple[list[str], float, float]]  # page -> what axe says, how wide it is on a phone and at a desk
_WIDTH = """() => Math.max(
  document.documentElement.scrollWidth,
  ...[...document.querySelectorAll("main *, aside *")].map(each => each.getBoundingClientRect().right),
)"""


@pytest.fixture(scope="module")
def looks(browser: Browser, deployed: Deployed) -> Looks:
    """Every page in both widths. The tests' own script is not the site's: for this one browser the policy is off."""
    visitor = Visitor(browser, deployed.demo_url, bypass_csp=True)
    other = Visitor(browser, deployed.demo_url)
    name = "a customer with a name as long as they come, at example.com"
    found = {page: look_at(visitor) for page in every_page(visitor, other, name)}
    visitor.context.close()
    other.context.close()
    return found


def look_at(visitor: Visitor) -> tuple[list[str], float, float]:
    widths = []
    for width in (DESKTOP_WIDTH, PHONE_WIDTH):
        visitor.page.set_viewport_size({"width": width, "height": 844})
        widths.append(visitor.page.evaluate(_WIDTH))
    return violations(visitor), widths[1], widths[0]


def test_axe_finds_nothing_on_any_page_in_light_or_dark(looks: Looks) -> None:
    assert len(looks) == 14
    assert not {page: found for page, (found, *_) in looks.items() if found}


def test_every_page_fits_a_phone_and_a_desk(looks: Looks) -> None:
    assert len(looks) == 14
    wider = {page for page, (_, phone, desk) in looks.items() if phone > PHONE_WIDTH or desk > DESKTOP_WIDTH}
    assert not wider


def test_beside_a_page_developers_see_the_units_of_the_last_request_and_the_rows_without_secrets(
    visitor: Visitor, name: str
) -> None:
    visitor.sign_in(name)
    visitor.add_one()
    panel = visitor.page.get_by_role("complementary", name="For developers")
    requests = [" ".join(each.split()) for each in panel.locator("caption").all_inner_texts()]

    assert requests == ["POST /count 1 RRU, 1 WRU", "GET / 1 RRU, 0 WRU"]
    assert panel.locator("summary").all_inner_texts() == ["session", "customer"]
    assert panel.get_by_text('{"count": 1}').is_visible()
    row = panel.locator("details").first.inner_text()
    assert ("head\n32 bytes" in row, "rotation_key\n32 bytes" in row) == (True, True)
    assert visitor.cookie()["value"] not in visitor.page.content()


def test_head_is_answered_like_get_without_a_body(deployed: Deployed) -> None:
    anonymous = ApiClient(deployed.demo_url, None)
    for path, status in {"/": 200, "/sessions": 401, "/static/style.css": 200, "/nothing": 404}.items():
        of_head, of_get = anonymous.request("HEAD", path), anonymous.request("GET", path)
        assert (of_head.status, of_head.text) == (status, "")
        assert of_head.headers["content-type"] == of_get.headers["content-type"]


def test_everything_works_without_javascript(new_visitor: NewVisitor, name: str) -> None:
    visitor, other = (new_visitor(java_script_enabled=False) for _ in range(2))
    assert [visitor.add_one() for _ in range(2)] == [1, 2]
    assert visitor.fact("Ends without activity").inner_text().endswith(" UTC")
    other.sign_in(name)
    visitor.sign_in(name)
    visitor.open("/sessions")
    visitor.page.get_by_role("main").get_by_role("button", name="Sign out").first.click()
    visitor.page.get_by_text("That device is signed out.").wait_for()
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
