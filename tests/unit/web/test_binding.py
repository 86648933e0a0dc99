"""A form is good in the session that it was made in: another tab may have signed in as another customer since."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from session_store.web import SessionHandle
from tests.support.reply import Reply
from tests.support.scene import Scene
from tests.support.visitor import Visitor
from tests.unit.web.conftest import Site


def form(handle: SessionHandle) -> str:
    """A page with a form; the answer is what its hidden field holds."""
    return handle.binding


def post(made: str | None) -> Callable[[SessionHandle], Any]:
    """The handler that the form is sent to."""

    def action(handle: SessionHandle) -> None:
        handle.check_binding(made)
        handle["done"] = True

    return action


def page_of(site: Site, visitor: Visitor) -> str:
    return str(site.visit(visitor, form)[1])


def sent(site: Site, visitor: Visitor, made: str | None) -> Reply:
    return site.visit(visitor, post(made))[0]


@pytest.fixture
def alice(site: Site) -> Visitor:
    return site.signed_in("alice")


def test_a_form_is_good_in_its_session_also_after_a_rotation(site: Site, alice: Visitor) -> None:
    made = page_of(site, alice)
    site.visit(alice, lambda handle: handle.rotate())

    assert sent(site, alice, made).status == 200
    assert site.data_of(alice) == {"done": True}


def test_it_costs_no_call(site: Site, scene: Scene, alice: Visitor) -> None:
    made = page_of(site, alice)
    scene.faults.calls.clear()
    site.visit(alice, lambda handle: handle.check_binding(made))

    assert scene.faults.operations == ["Query"]


@pytest.mark.parametrize("customer_id", ["bob", "alice"])
def test_a_form_from_before_a_sign_in_in_another_tab_changes_nothing(
    site: Site, alice: Visitor, customer_id: str
) -> None:
    made = page_of(site, alice)
    site.visit(alice, lambda handle: handle.sign_in(customer_id))

    assert sent(site, alice, made).outcome == (409, "another-session")
    assert site.data_of(alice) == {}


def test_a_form_from_before_a_sign_out_in_another_tab_changes_nothing(site: Site, alice: Visitor) -> None:
    made = page_of(site, alice)
    site.visit(alice, lambda handle: handle.sign_out())

    assert sent(site, alice, made).outcome == (409, "another-session")
    assert alice.token is None


def test_the_answer_says_what_to_do(site: Site, alice: Visitor) -> None:
    problem = sent(site, alice, "of another").json

    assert problem["title"] == "Made in another session"
    assert problem["detail"].endswith("another tab has signed in or out since; load the page again")


def test_a_form_that_brings_nothing_back_is_refused(site: Site, alice: Visitor) -> None:
    for made in (None, ""):
        assert sent(site, alice, made).outcome == (409, "another-session")
        assert sent(site, site.visitor(), made).outcome == (409, "another-session")


# Visitors


def test_a_form_from_before_there_was_a_session_is_good_in_the_one_that_its_own_answer_started(site: Site) -> None:
    visitor = site.visitor()
    _, made = site.visit(visitor, lambda handle: handle.update(n=1), form)

    assert sent(site, visitor, made).status == 200
    assert site.data_of(visitor) == {"n": 1, "done": True}


def test_a_visitors_form_is_not_good_after_a_sign_in(site: Site) -> None:
    for visitor in (site.visitor(), site.signed_in(None)):
        made = page_of(site, visitor)
        site.visit(visitor, lambda handle: handle.sign_in("bob", carry_data=True))

        assert sent(site, visitor, made).outcome == (409, "another-session")
        assert site.data_of(visitor) == {}


def test_a_form_of_one_visitors_session_is_not_good_in_another(site: Site) -> None:
    one, other = site.signed_in(None), site.signed_in(None)

    assert sent(site, other, page_of(site, one)).outcome == (409, "another-session")
