"""`Session-Binding`: what a page asks for is done in the session that it was made in, or not at all."""

from __future__ import annotations

import pytest

from session_store.catalog.route import Route
from session_store.catalog.routes import USER_ROUTES
from tests.unit.user_routes.conftest import Site, send

EVERY_CHANGE = pytest.mark.parametrize(
    "route", [route for route in USER_ROUTES if route.method != "GET"], ids=lambda route: route.operation_id
)


@pytest.mark.shows("T81")
@EVERY_CHANGE
@pytest.mark.parametrize("other", ["alice", "bob"])
def test_a_page_of_another_session_changes_nothing(site: Site, route: Route, other: str) -> None:
    made = site.other.create_session(other).session.session_id
    bob = site.signed_in("bob", data={"a": 1})
    rows = site.scene.all_rows()

    for binding in (made, "new", "", "x"):
        reply = send(bob, route, **{"session-binding": binding or " "})
        assert (*reply.outcome, reply.set_cookies) == (409, "another-session", ())

    assert site.scene.all_rows() == rows


@EVERY_CHANGE
def test_a_page_of_this_session_is_served_and_one_that_does_not_say(site: Site, route: Route) -> None:
    for is_said in (True, False):
        visitor = site.signed_in("bob")
        own = visitor.get("/session").json["session_id"]
        assert send(visitor, route, **({"session-binding": own} if is_said else {})).status in {200, 204}


def test_a_page_of_a_visitor_may_have_been_made_before_there_was_a_session(site: Site) -> None:
    visitor = site.signed_in(None)

    assert visitor.call("PATCH", "/session", {"data": {"a": 1}}, headers={"session-binding": "new"}).status == 200
