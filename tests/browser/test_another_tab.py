"""Two tabs of one browser: a page that is still open in one, while the other signs in as another customer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewVisitor
from tests.support.chromium import Visitor


def press_in(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


@pytest.fixture
def alices(visitor: Visitor, name: str) -> Page:
    """Alice's page for the deletion of her account, in a tab of its own, confirmed; the visitor has another tab."""
    visitor.sign_in(f"alice {name}")
    tab = visitor.context.new_page()
    tab.goto("/account/delete")
    tab.get_by_role("checkbox").check()
    return tab


@pytest.mark.shows("T81")
def test_a_page_of_alices_does_nothing_to_bob_who_has_signed_in_since(
    new_visitor: NewVisitor, visitor: Visitor, alices: Page, name: str
) -> None:
    elsewhere = new_visitor()
    elsewhere.sign_in(f"bob {name}")
    visitor.sign_in(f"bob {name}")

    press_in(alices, "Delete account")

    alices.get_by_role("heading", name="Another account is signed in").wait_for()
    assert visitor.open("/account") == 200
    assert visitor.who == f"Signed in as bob {name}"
    assert elsewhere.open("/account") == 200

    alices.get_by_role("link", name="Open the page again").click()
    alices.get_by_text(f"Signed in as bob {name}").wait_for()
    alices.get_by_role("checkbox").check()
    press_in(alices, "Delete account")
    alices.get_by_role("status").wait_for()
    assert elsewhere.open("/account") == 401


def test_alices_page_still_works_while_the_other_tab_only_looks_around(visitor: Visitor, alices: Page) -> None:
    for path in ("/", "/sessions", "/account"):
        assert visitor.open(path) == 200

    press_in(alices, "Delete account")

    alices.get_by_text("Your account is deleted").wait_for()
