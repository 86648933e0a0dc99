"""`/me/sessions`: everything of one customer, as they see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store import InvalidTokenError
from session_store.catalog.route import Route
from session_store.catalog.routes import USER_ROUTES
from tests.support.visitor import Visitor
from tests.unit.user_routes.conftest import Site, send

MY_ROUTES = [route for route in USER_ROUTES if route.path.startswith("/me/")]


def id_of(site: Site, visitor: Visitor) -> str:
    return site.other.validate(visitor.token or "").session_id


def is_signed_in(site: Site, visitor: Visitor) -> bool:
    try:
        site.other.validate(visitor.token or "")
    except InvalidTokenError:
        return False
    return True


# The list of the caller's sessions


@pytest.mark.shows("C11", "7.5.2")
def test_the_list_says_which_of_my_sessions_is_this_one(site: Site) -> None:
    phone = site.signed_in(client="Safari on iPhone", data={"secret": "of the back end"})
    site.scene.clock.advance(1)
    laptop = site.signed_in(client="Firefox on Linux")
    site.signed_in("ben")

    reply = laptop.get("/me/sessions")

    mine = [("Firefox on Linux", True, id_of(site, laptop)), ("Safari on iPhone", False, id_of(site, phone))]
    listed = reply.json["sessions"]
    assert [(each.pop("client"), each.pop("is_current"), each.pop("session_id")) for each in listed] == mine
    assert (reply.status, reply.json["cursor"]) == (200, None)
    times = {"created_at", "last_login_time", "last_seen_at", "expires_at", "absolute_expires_at"}
    assert [set(each) for each in listed] == [times | {"session_state"}] * 2  # and no data


@pytest.mark.parametrize("current", [0, 2], ids=["the oldest", "the newest"])
def test_the_list_comes_in_pages(site: Site, current: int) -> None:
    visitors = []
    for _ in range(3):
        visitors.append(site.signed_in())
        site.scene.clock.advance(1)

    first = visitors[current].get("/me/sessions?limit=2").json
    rest = visitors[current].get(f"/me/sessions?limit=2&cursor={first['cursor']}").json

    listed = [(each["session_id"], each["is_current"]) for each in first["sessions"] + rest["sessions"]]
    this = visitors[current]
    assert listed == [(id_of(site, visitor), visitor is this) for visitor in reversed(visitors)]


def test_the_session_itself_is_listed_although_the_index_does_not_show_it_yet(site: Site) -> None:
    site.signed_in(client="phone")
    site.scene.clock.advance(1)
    visitor = site.signed_in(client="laptop")
    for change in (site.scene.faults.hide_from_index, site.scene.faults.show_in_index):
        change(id_of(site, visitor))
        assert [each["client"] for each in visitor.get("/me/sessions").json["sessions"]] == ["laptop", "phone"]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=x", "customer_id=ben"])
def test_a_bad_parameter_is_named(site: Site, query: str) -> None:
    for method in ("GET", "DELETE"):
        reply = site.signed_in().call(method, f"/me/sessions?{query}")
        assert (reply.status, reply.json["errors"][0]["field"]) == (400, query.partition("=")[0])


@pytest.mark.shows("T44")
def test_a_page_has_25_sessions_at_most(site: Site) -> None:
    visitor = site.signed_in()

    assert visitor.get("/me/sessions?limit=25").status == 200
    assert visitor.get("/me/sessions?limit=26").json["errors"][0]["problem"] == "must be a whole number from 1 to 25"


@pytest.mark.parametrize("route", MY_ROUTES, ids=lambda route: route.operation_id)
def test_only_who_is_signed_in_has_sessions_to_see_and_to_end(site: Site, route: Route) -> None:
    assert send(site.signed_in(None), route).outcome == (403, "anonymous-session")
    assert send(site.visitor(), route).outcome == (401, "session-required")


# Ending them


@pytest.mark.shows("7.5.2")
def test_ending_the_others_keeps_this_one_and_other_peoples(site: Site) -> None:
    phone, laptop, stranger = site.signed_in(), site.signed_in(), site.signed_in("ben")

    reply = laptop.call("DELETE", "/me/sessions")

    assert (reply.status, reply.json, reply.set_cookies) == (200, {"expired": 1, "cursor": None}, ())
    assert [is_signed_in(site, each) for each in (phone, laptop, stranger)] == [False, True, True]


def test_ending_the_others_ends_those_that_the_index_does_not_show_and_they_cannot_do_the_same(site: Site) -> None:
    thief, laptop = site.signed_in(), site.signed_in()
    site.scene.faults.hide_from_index(id_of(site, thief))

    laptop.call("DELETE", "/me/sessions")

    with pytest.raises(InvalidTokenError):
        site.other.validate(thief.token or "", strict=True)
    for url in ("/me/sessions", f"/me/sessions/{id_of(site, laptop)}"):
        assert thief.call("DELETE", url).outcome == (401, "invalid-token")
    assert site.other.validate(laptop.token or "", strict=True).customer_id == "ana"


@pytest.mark.shows("7.5.2", "10.4.9")
def test_one_of_my_sessions_can_be_ended(site: Site) -> None:
    phone, laptop = site.signed_in(), site.signed_in()

    reply = laptop.call("DELETE", f"/me/sessions/{id_of(site, phone)}")

    assert (reply.status, reply.set_cookies) == (204, ())
    assert [is_signed_in(site, each) for each in (phone, laptop)] == [False, True]
    assert len(laptop.get("/me/sessions").json["sessions"]) == 1


def test_ending_this_one_clears_the_cookie(site: Site) -> None:
    visitor = site.signed_in()
    assert (visitor.call("DELETE", f"/me/sessions/{id_of(site, visitor)}").status, visitor.token) == (204, None)


@pytest.mark.shows("T39")
def test_another_users_session_cannot_be_ended_nor_told_from_none(site: Site) -> None:
    ana, ben = site.signed_in("ana"), site.signed_in("ben")

    of_ben = ana.call("DELETE", f"/me/sessions/{id_of(site, ben)}")
    assert of_ben == ana.call("DELETE", "/me/sessions/018f0000-0000-7000-8000-000000000000")
    assert (of_ben.status, is_signed_in(site, ben)) == (204, True)


@pytest.mark.parametrize("session_id", ["x", "a%23b", "%00"])
def test_what_can_be_no_id_is_bad_input(site: Site, session_id: str) -> None:
    reply = site.signed_in().call("DELETE", f"/me/sessions/{session_id}")

    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "session_id")


@pytest.mark.shows("T38", "7.5.2")
@pytest.mark.parametrize("url", ["/me/sessions", "/me/sessions/018f0000-0000-7000-8000-000000000000"])
def test_ending_sessions_takes_a_recent_sign_in(site: Site, url: str) -> None:
    phone, laptop = site.signed_in(), site.signed_in()
    site.scene.clock.advance(timedelta(minutes=15))
    assert laptop.call("DELETE", url).status in {200, 204}
    again = site.signed_in()
    site.scene.clock.advance(1)
    refused = laptop.call("DELETE", url)

    assert refused.outcome == (401, "reauthentication-required")
    assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_user_authentication", max_age="900"'
    assert laptop.get("/me/sessions").status == 200
    assert [is_signed_in(site, each) for each in (again, phone)] == [True, "-" in url]
    assert again.call("DELETE", url).status in {200, 204}


def test_the_application_says_how_recent(site: Site) -> None:
    visitor = site.limited(max_auth_age=timedelta(minutes=2))
    site.scene.clock.advance(timedelta(seconds=121))

    assert visitor.call("DELETE", "/me/sessions").problem == "reauthentication-required"
