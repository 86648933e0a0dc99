"""`make run OIDC=cognito`: people sign in to the demo on the hosted page of the embedded Cognito, and out again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import boto3
import pytest
from playwright.sync_api import Browser, Page

from local.embedded_aws import REGION
from session_store.checks import AUTHENTICATION_KEY
from session_store.storage.attribute_values import number
from session_store.storage.items import key_item
from session_store.storage.records import SessionKey
from tests.browser.conftest import NewVisitor, visitors_of
from tests.browser.test_pages import DESKTOP_WIDTH, PHONE_WIDTH, look_at
from tests.support.chromium import Visitor
from tests.support.http_client import ApiClient
from tests.support.make_run import MakeRun, make_run
from tests.support.shell import sourced


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeRun]:
    with make_run(tmp_path_factory.mktemp("cognito"), 0, "--oidc", "cognito") as running:
        running.wait_for("Ready")
        demo = ApiClient(sourced(running.env)["DEMO"], None)
        assert [demo.request("GET", path).status for path in ("/", "/auth/login")] == [200, 303]  # both functions run
        yield running


@pytest.fixture
def new_visitor(browser: Browser, running: MakeRun) -> Iterator[NewVisitor]:
    yield from visitors_of(sourced(running.env)["DEMO"], browser)


@pytest.fixture
def password(running: MakeRun) -> str:
    """As `make run` prints it."""
    said = running.output.read_text()
    found = re.search(r"Sign in through Cognito as ana or bob, with the password (\S+)\.\n", said)
    assert found, said
    return found[1]


def to_the_login(page: Page, path: str = "/sign-in", *, link: str = "Sign in with Cognito") -> None:
    page.goto(path)
    page.get_by_role("link", name=link).click()
    page.get_by_label("Password").wait_for()


def authenticate(page: Page, name: str, password: str) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def signed_in(visitor: Visitor, password: str, name: str = "ana") -> Visitor:
    to_the_login(visitor.page)
    authenticate(visitor.page, name, password)
    assert visitor.who == f"Signed in as {name}@example.com"
    return visitor


def test_a_visitor_signs_in_through_cognito_and_out_again(new_visitor: NewVisitor, password: str) -> None:
    visitor, thief = new_visitor(), new_visitor()
    visitor.add_one()
    before = visitor.session_id

    to_the_login(visitor.page, "/sign-in?next=/account")
    authenticate(visitor.page, "ana", password)

    assert (visitor.page.url, visitor.who) == (f"{visitor.url}/account", "Signed in as ana@example.com")
    assert visitor.session_id != before  # and it is the only cookie: that of the attempt is gone
    visitor.open()
    assert (visitor.heading, visitor.count) == ("Hello, ana@example.com", 1)
    thief.context.add_cookies([visitor.cookie()])

    visitor.press("Sign out")
    visitor.page.wait_for_url(f"{visitor.url}/sign-in")  # by way of Cognito's logout

    assert (visitor.heading, visitor.who, visitor.context.cookies()) == ("Sign in", "Not signed in", [])
    assert thief.open("/sessions") == 401
    signed_in(visitor, password, "bob")  # who is asked for a password anew


def test_the_pages_that_lead_to_cognito_are_accessible_and_fit_a_phone(new_visitor: NewVisitor, password: str) -> None:
    visitor = new_visitor(bypass_csp=True)  # for the script that looks
    visitor.open("/sign-in")
    looks = [look_at(visitor)]
    signed_in(visitor, password)
    for path in ("/sign-in", "/"):
        visitor.open(path)
        looks.append(look_at(visitor))

    assert [found for found, *_ in looks] == [[]] * 3
    assert not [phone for _, phone, desk in looks if phone > PHONE_WIDTH or desk > DESKTOP_WIDTH]


def test_after_a_wrong_password_the_visitor_tries_again_and_is_not_signed_in_meanwhile(
    new_visitor: NewVisitor, password: str
) -> None:
    visitor = new_visitor()
    to_the_login(visitor.page)

    authenticate(visitor.page, "ana", "wrong")
    assert visitor.page.get_by_text("Incorrect username or password.").is_visible()
    other_tab = visitor.context.new_page()
    other_tab.goto("/account")
    assert other_tab.locator("h1").inner_text() == "Sign in first"

    authenticate(visitor.page, "ana", password)
    assert visitor.who == "Signed in as ana@example.com"


def test_two_tabs_that_sign_in_at_once_both_succeed(new_visitor: NewVisitor, password: str) -> None:
    visitor = new_visitor()
    tabs = {path: visitor.context.new_page() for path in ("/account", "/theft")}
    for path, tab in tabs.items():
        to_the_login(tab, f"/sign-in?next={path}")

    for path, tab in reversed(tabs.items()):
        authenticate(tab, "ana", password)
        assert tab.url == f"{visitor.url}{path}"
        assert "ana@example.com" in tab.locator(".who").inner_text()


def test_the_back_button_shows_nothing_private_after_signing_out_and_signs_no_one_in(
    new_visitor: NewVisitor, password: str
) -> None:
    visitor = signed_in(new_visitor(), password)
    visitor.open("/account")
    visitor.press("Sign out")
    visitor.page.wait_for_url(f"{visitor.url}/sign-in")

    visitor.page.go_back()
    assert "ana@example.com" not in visitor.page.content()
    used = "/auth/callback?code=used&state=used"
    assert visitor.open(used) == 400  # an answer that belongs to no sign-in that is under way
    visitor.open()
    assert visitor.who == "Not signed in"


def test_a_step_that_needs_a_recent_sign_in_asks_cognito_for_the_password(
    new_visitor: NewVisitor, password: str, running: MakeRun
) -> None:
    visitor = signed_in(new_visitor(), password)
    before = visitor.session_id
    move_authentication(running, before, seconds=-120)

    visitor.open("/account")
    visitor.page.get_by_role("link", name="Delete account").click()
    assert visitor.heading == "Confirm that it is you"
    visitor.page.get_by_role("link", name="Confirm with Cognito").click()
    authenticate(visitor.page, "ana", password)

    assert (visitor.heading, visitor.page.url) == ("Delete your account?", f"{visitor.url}/account/delete")
    assert visitor.session_id != before


def move_authentication(running: MakeRun, session_id: str, *, seconds: int) -> None:
    """Let the user have authenticated with Cognito that much later, or earlier."""
    session = running.api().request("GET", f"/sessions/{session_id}").json
    moment = session["data"][AUTHENTICATION_KEY]["auth_time"] + seconds
    variables = sourced(running.env)
    table = boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    table.update_item(
        TableName=variables["TABLE_NAME"],
        Key=key_item(SessionKey(session_id, session["customer_id"])),
        UpdateExpression="SET #data.#key.auth_time = :moment",
        ExpressionAttributeNames={"#data": "data", "#key": AUTHENTICATION_KEY},
        ExpressionAttributeValues={":moment": number(moment)},
    )
