"""Two applications on one host, which share what a browser keeps for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from session_store import SessionSettings, SessionStore
from session_store.web import current_session, session
from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor
from tests.support.deployed import Deployed
from tests.support.shared_cache import shared_cache

SIGN_IN = "fetch('/sign-in', {method: 'POST'}).then(answer => answer.status)"


def pages_of(store: SessionStore, customer_id: str) -> dict[str, Any]:
    """An application: its visitors all sign in as one customer."""

    @session(store=store)
    def sign_in(*_: object) -> str:
        current_session().sign_in(customer_id)
        return ""

    @session(store=store)
    def who(*_: object) -> str:
        return str(current_session().customer_id)

    return {"/sign-in": sign_in, "/who": who}


@pytest.fixture
def applications(deployed: Deployed, request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The URLs of two applications: one host, two ports, and a cookie of these names each."""
    with ExitStack() as stack:
        urls = []
        for customer_id, name in zip(("ana", "bob"), request.param, strict=True):
            store = SessionStore(
                deployed.table_name,
                dynamodb_client=deployed.table_client(),
                settings=SessionSettings(cookie_name=name),
            )
            urls.append(stack.enter_context(shared_cache(deployed.demo_url, pages_of(store, customer_id))).url)
        yield urls


def signed_in_to(visitor: Visitor, urls: list[str]) -> list[str]:
    """The customer of each application, after a sign-in to each."""
    for url in urls:
        visitor.page.goto(f"{url}/who")
        assert visitor.page.evaluate(SIGN_IN) == 200
    shown = []
    for url in urls:
        visitor.page.goto(f"{url}/who")
        shown.append(visitor.page.locator("body").inner_text())
    return shown


@pytest.mark.shows("T82")
@pytest.mark.parametrize("applications", [("__Host-shop", "__Host-admin")], indirect=True)
def test_with_two_cookie_names_both_stay_signed_in(new_visitor: NewVisitor, applications: list[str]) -> None:
    assert signed_in_to(new_visitor(), applications) == ["ana", "bob"]


@pytest.mark.parametrize("applications", [("__Host-session", "__Host-session")], indirect=True)
def test_with_one_cookie_name_the_second_sign_in_takes_the_place_of_the_first(
    new_visitor: NewVisitor, applications: list[str]
) -> None:
    assert signed_in_to(new_visitor(), applications) == ["bob", "bob"]
