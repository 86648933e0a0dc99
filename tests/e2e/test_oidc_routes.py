"""Sign-in through the functions of `OidcRoutes`, with the provider of the tests."""

from __future__ import annotations

import time

import pytest

from tests.support.protected_api import ProtectedApi
from tests.support.provider import Browser, handler_over


@pytest.fixture
def browser(protected_api: ProtectedApi, customer: str) -> Browser:
    """The browser of a user whom the provider knows by this name."""
    protected_api.provider.claims = {"sub": customer, "auth_time": int(time.time())}
    return Browser(handler_over(protected_api.send), protected_api.provider)


def test_a_user_signs_in_does_a_step_up_and_signs_out(
    protected_api: ProtectedApi, browser: Browser, customer: str
) -> None:
    signed_in = browser.sign_in(return_to="/orders")

    assert (signed_in.status, signed_in.headers["location"]) == (303, "/orders")
    first = browser.cookies["__Host-session"]
    assert protected_api.orders(first).status == 200
    session = protected_api.deployed.api.request("POST", "/sessions/introspect", json_body={"token": first}).json
    assert session["session"]["customer_id"] == f"kit:{customer}"

    assert browser.sign_in(step_up="pay").status == 303
    assert protected_api.orders(first).status == 403
    assert protected_api.orders(browser.cookies["__Host-session"]).status == 200

    second = browser.cookies["__Host-session"]
    signed_out = browser.post("/auth/logout")
    assert signed_out.headers["location"].startswith(f"{browser.provider.url}/end?tenant=1&client_id=shop")
    assert (browser.cookies.get("__Host-session"), protected_api.orders(second).status) == (None, 403)


def test_a_logout_that_the_provider_sends_ends_the_users_sessions(
    protected_api: ProtectedApi, browser: Browser
) -> None:
    browser.sign_in()
    token = browser.cookies["__Host-session"]
    customer = browser.provider.claims["sub"]
    form = {"logout_token": browser.provider.logout_token(sub=customer, jti=customer)}

    assert [browser.post("/auth/backchannel-logout", form).status for _ in range(2)] == [200, 200]
    assert protected_api.orders(token).status == 403
    assert browser.post("/auth/backchannel-logout", {"logout_token": "x"}).problem == "logout-token-refused"
