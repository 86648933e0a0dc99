"""`/session`: the caller's own session."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from session_store import InvalidTokenError
from session_store.catalog.route import Route
from session_store.catalog.routes import USER_ROUTES
from tests.support.checked_api import checked
from tests.support.faults import FOREVER
from tests.support.scene import Scene, SignedIn, sign_in
from tests.support.visitor import Visitor, cookie_header, visitor_with
from tests.unit.gateway import UserGateway
from tests.unit.user_routes.conftest import Site, send

BY_EITHER = pytest.mark.parametrize("bearer", [False, True], ids=["cookie", "bearer"])


@BY_EITHER
def test_the_caller_sees_the_session_and_its_version(site: Site, *, bearer: bool) -> None:
    created = site.other.create_session("ana", data={"theme": "dark"}, client="Firefox on Linux")

    reply = site.visitor(created.token, bearer=bearer).get("/session")

    assert (reply.status, reply.headers["etag"], reply.set_cookies) == (200, '"1"', ())
    expected = {"customer_id": "ana", "data": {"theme": "dark"}, "client": "Firefox on Linux"}
    assert reply.json | expected | {"session_id": created.session.session_id} == reply.json
    assert created.token not in reply.text


def test_a_visitor_who_is_not_signed_in_sees_their_session_too(site: Site) -> None:
    assert site.signed_in(None, data={"cart": ["tea"]}).get("/session").json["customer_id"] is None


@BY_EITHER
def test_a_page_that_polls_does_not_keep_the_session_alive_and_sees_when_it_ends(site: Site, *, bearer: bool) -> None:
    created = site.other.create_session("ana")
    visitor = site.visitor(created.token, bearer=bearer)
    site.scene.clock.advance(timedelta(minutes=29))

    assert visitor.get("/session?activity=none").json["expires_at"] == "2040-01-01T00:30:00Z"
    assert visitor.get("/session?activity=read_only").outcome == (400, "invalid-input")
    site.scene.clock.advance(timedelta(minutes=1))

    assert visitor.get("/session?activity=none").outcome == (401, "invalid-token")


def test_a_page_that_polls_gets_the_new_token_that_is_due(site: Site) -> None:
    visitor = site.signed_in()
    site.scene.clock.advance(timedelta(minutes=15))

    assert len(visitor.get("/session?activity=none").set_cookies) == 1


def test_without_a_token_no_customer_is_signed_in(site: Site) -> None:
    reply = site.visitor().get("/session")
    assert (*reply.outcome, reply.headers["www-authenticate"]) == (401, "session-required", "Bearer")
    assert site.scene.faults.calls == []


@BY_EITHER
@pytest.mark.parametrize("token", ["", "garbage", "x" * 5000], ids=["empty", "garbage", "5 KB"])
def test_what_is_no_token_is_refused_without_a_call(site: Site, token: str, *, bearer: bool) -> None:
    assert site.visitor(token, bearer=bearer).get("/session").outcome == (401, "invalid-token")
    assert site.scene.faults.calls == []


def test_a_refusal_leaves_the_cookie_alone(site: Site) -> None:
    """Clearing it would sign out a browser whose other request has just got a new one."""
    visitor = site.signed_in()
    site.other.end_session(site.other.validate(visitor.token or ""))

    reply = visitor.get("/session")

    assert (*reply.outcome, reply.set_cookies) == (401, "invalid-token", ())
    assert reply.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@BY_EITHER
def test_a_childs_token_is_not_the_sessions(site: Site, signed_in: SignedIn, *, bearer: bool) -> None:
    visitor = site.visitor(signed_in.child_token, bearer=bearer)

    requests = (("GET", "/session"), ("POST", "/session/rotate"), ("DELETE", "/session"))
    assert [visitor.call(*request).status for request in requests] == [401, 401, 204]
    assert site.other.validate(signed_in.child_token, child=True).session_id == signed_in.id


def test_the_header_wins_over_the_cookie(site: Site) -> None:
    ana, ben = site.signed_in("ana"), site.signed_in("ben")

    both = {"cookie": cookie_header(ana.token or ""), "authorization": f"bearer {ben.token}"}
    assert site.visitor().get("/session", **both).json["customer_id"] == "ben"
    assert site.visitor().get("/session", **both | {"authorization": "Bearer garbage"}).status == 401


# Changing


@BY_EITHER
def test_a_patch_merges_and_null_deletes(site: Site, *, bearer: bool) -> None:
    created = site.other.create_session("ana", data={"theme": "dark", "cart": {"tea": 1, "milk": 2}})
    visitor = site.visitor(created.token, bearer=bearer)

    reply = visitor.call("PATCH", "/session", {"data": {"cart": {"milk": None}, "lang": "en"}})

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    assert reply.json["data"] == {"theme": "dark", "cart": {"tea": 1}, "lang": "en"}
    assert visitor.get("/session").json == reply.json


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ("", 400, "data"),
        ("{}", 400, "data"),
        ('{"data": [1]}', 400, "data"),
        ("[]", 400, "body"),
        ("{", 400, "body"),
        ('{"data": {}, "session_state": "closing"}', 400, "session_state"),
        ('{"data": {"a": {"": 1}}}', 400, "data"),
        (json.dumps({"data": {"a": "x" * 16_384}}), 413, "data"),
        (json.dumps({"data": {"a": "x" * 410_000}}), 413, None),
    ],
    ids=["no body", "no data", "array", "not an object", "not JSON", "state", "empty key", "16 KB", "410 KB"],
)
def test_a_bad_patch_is_refused_and_nothing_written(site: Site, body: str, status: int, field: str | None) -> None:
    visitor = site.signed_in(data={"a": 1})

    reply = visitor.call("PATCH", "/session", text=body)

    assert reply.status == status
    assert field is None or reply.json["errors"][0]["field"] == field
    assert visitor.get("/session").json["data"] == {"a": 1}


def test_a_form_is_not_a_patch(site: Site) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}

    assert site.signed_in().call("PATCH", "/session", text="data=1", headers=headers).status == 415


def in_between(site: Site, visitor: Visitor, patch: dict[str, Any]) -> None:
    """Another process saves this right before the next save."""
    session_id = site.other.validate(visitor.token or "").session_id
    site.scene.faults.before("UpdateItem", lambda: site.other.update_data(session_id, patch))


def test_of_two_patches_of_the_same_key_the_later_conflicts_unless_it_is_to_win(site: Site) -> None:
    visitor = site.signed_in(data={"a": 0})
    in_between(site, visitor, {"a": 1})
    lost = visitor.call("PATCH", "/session", {"data": {"a": 2}})
    in_between(site, visitor, {"a": 4})
    won = visitor.call("PATCH", "/session", {"data": {"a": 3}, "last_write_wins": True})

    assert lost.outcome == (409, "conflict")
    assert (won.status, won.json["data"]) == (200, {"a": 3})


@pytest.mark.parametrize("if_match", ['"1"', "1", ' "1" '])
def test_data_is_replaced_at_its_version(site: Site, if_match: str) -> None:
    visitor = site.signed_in(data={"theme": "dark"})

    reply = visitor.call("PUT", "/session/data", {"cart": [], "name": None}, headers={"if-match": if_match})

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    assert visitor.get("/session").json["data"] == {"cart": [], "name": None}


def test_a_stale_version_replaces_nothing(site: Site) -> None:
    visitor = site.signed_in(data={"a": 1})
    visitor.call("PATCH", "/session", {"data": {"b": 2}})

    assert visitor.call("PUT", "/session/data", {}, headers={"if-match": '"1"'}).outcome == (412, "precondition-failed")
    assert visitor.get("/session").json["data"] == {"a": 1, "b": 2}


def test_a_save_that_comes_in_between_makes_the_version_stale(site: Site) -> None:
    visitor = site.signed_in()
    in_between(site, visitor, {"a": 1})

    assert visitor.call("PUT", "/session/data", {}, headers={"if-match": '"1"'}).status == 412
    assert visitor.get("/session").json["data"] == {"a": 1}


def test_a_replacement_has_to_say_what_it_replaces(site: Site) -> None:
    assert site.signed_in().call("PUT", "/session/data", {}).outcome == (428, "precondition-required")


@pytest.mark.parametrize("if_match", ["*", 'W/"1"', '"1", "2"', '"0"', "-1", '"1', "one", "9" * 19])
def test_what_is_no_version_is_bad_input(site: Site, if_match: str) -> None:
    reply = site.signed_in().call("PUT", "/session/data", {}, headers={"if-match": if_match})

    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "If-Match")


@pytest.mark.parametrize("body", ["", "[]", "null", "{"])
def test_data_can_only_be_replaced_by_an_object(site: Site, body: str) -> None:
    reply = site.signed_in(data={"a": 1}).call("PUT", "/session/data", text=body, headers={"if-match": "1"})

    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "body")


@pytest.mark.parametrize(
    ("method", "path", "headers"), [("PATCH", "/session", {}), ("PUT", "/session/data", {"if-match": "1"})]
)
def test_a_session_that_ends_meanwhile_is_not_written_and_its_user_is_signed_out(
    site: Site, scene: Scene, method: str, path: str, headers: dict[str, str]
) -> None:
    visitor = site.signed_in()
    session = site.other.validate(visitor.token or "")
    scene.faults.before("UpdateItem", lambda: site.other.end_session(session))

    body: dict[str, Any] = {"data": {}} if method == "PATCH" else {}
    assert visitor.call(method, path, body, headers=headers).outcome == (401, "session-required")
    assert site.other.get_session(session.session_id) is None


# The back end's data


@pytest.fixture
def shop(site: Site) -> Visitor:
    """A customer of an application that leaves them one key of the data."""
    return site.limited({"theme": "dark", "role": "guest"}, data_keys=("theme", "lang"))


def test_the_user_sees_only_the_keys_that_are_theirs(shop: Visitor) -> None:
    assert shop.get("/session").json["data"] == {"theme": "dark"}


@pytest.mark.shows("T43")
@pytest.mark.parametrize("value", ["admin", None])
def test_the_user_changes_only_the_keys_that_are_theirs(site: Site, shop: Visitor, value: Any) -> None:
    patched = shop.call("PATCH", "/session", {"data": {"role": value}})
    replaced = shop.call("PUT", "/session/data", {"role": value}, headers={"if-match": "1"})

    assert [(reply.status, reply.json["errors"][0]["field"]) for reply in (patched, replaced)] == [(400, "data")] * 2
    assert site.other.validate(shop.token or "").data["role"] == "guest"


@pytest.mark.parametrize("said", [{"acr": "gold"}, None], ids=repr)
def test_a_user_cannot_say_how_they_authenticated(site: Site, said: object) -> None:
    kept = {"acr": "silver"}
    visitor = site.limited({"$authentication": kept}, data_keys=("theme",))

    patched = visitor.call("PATCH", "/session", {"data": {"$authentication": said}})
    replaced = visitor.call("PUT", "/session/data", {"$authentication": said}, headers={"if-match": "1"})

    assert (patched.status, replaced.status) == (400, 400)
    assert visitor.call("PUT", "/session/data", {"theme": "dark"}, headers={"if-match": "1"}).status == 200
    assert site.other.validate(visitor.token or "").data == {"$authentication": kept, "theme": "dark"}


def test_a_replacement_keeps_what_is_the_back_ends(site: Site, shop: Visitor) -> None:
    reply = shop.call("PUT", "/session/data", {"lang": "en"}, headers={"if-match": "1"})

    assert reply.json["data"] == {"lang": "en"}
    assert site.other.validate(shop.token or "").data == {"lang": "en", "role": "guest"}


@pytest.mark.shows("T43")
def test_without_being_told_which_keys_are_theirs_the_user_sees_and_changes_none(site: Site) -> None:
    visitor = site.limited({"role": "guest"})

    patched = visitor.call("PATCH", "/session", {"data": {"role": "admin"}})
    replaced = visitor.call("PUT", "/session/data", {"role": "admin"}, headers={"if-match": "1"})

    assert [patched.outcome, replaced.outcome] == [(400, "invalid-input")] * 2
    assert visitor.get("/session").json["data"] == {}
    assert site.other.validate(visitor.token or "").data == {"role": "guest"}


# How much

PUT_BY_VERSION = {"if-match": "1"}


def limited(site: Site, data: dict[str, Any]) -> Visitor:
    """A customer who may keep 1 KB under `ui`."""
    return site.limited(data, data_keys=("ui",), max_data_bytes=1024)


@pytest.mark.parametrize("text", ["x" * 1016, "é" * 507 + "xx"], ids=["ASCII", "not ASCII"])
@pytest.mark.parametrize("escaped", [False, True])
def test_the_user_may_keep_as_much_as_is_allowed_and_no_byte_more(site: Site, text: str, *, escaped: bool) -> None:
    visitor = limited(site, {"role": "x" * 5_000})
    fits, too_much = (json.dumps({"ui": t}, ensure_ascii=escaped) for t in (text[:-1], text))  # {"ui":""} takes nine

    refused = [
        visitor.call("PUT", "/session/data", text=too_much, headers=PUT_BY_VERSION),
        visitor.call("PATCH", "/session", text=f'{{"data": {too_much}}}'),
    ]
    assert [reply.outcome for reply in refused] == [(413, "data-too-large")] * 2
    assert "allowed are 1024" in refused[0].json["detail"]
    assert visitor.call("PUT", "/session/data", text=fits, headers=PUT_BY_VERSION).status == 200
    assert visitor.call("PATCH", "/session", text=f'{{"data": {fits}}}').status == 200


def test_numbers_count_with_the_digits_that_are_stored(site: Site) -> None:
    """Written as `1e37`, a hundred of them would fit, and every change after that be refused."""
    visitor = limited(site, {})
    numbers = f'{{"ui": [{",".join(["1e37"] * 100)}]}}'

    patched = visitor.call("PATCH", "/session", text=f'{{"data": {numbers}}}')
    replaced = visitor.call("PUT", "/session/data", text=numbers, headers=PUT_BY_VERSION)

    assert [patched.outcome, replaced.outcome] == [(413, "data-too-large")] * 2
    assert visitor.get("/session").json["data"] == {}


def test_data_that_were_too_much_already_may_be_changed_but_not_grow(site: Site) -> None:
    """The application keeps some under the user's key, or the limit came later than the data."""
    visitor = limited(site, {"ui": {"text": "x" * 2_000, "theme": "light", "filler": "x" * 500}})

    changes = ({"theme": "night"}, {"filler": None}, {"theme": "x" * 600})
    replies = [visitor.call("PATCH", "/session", {"data": {"ui": change}}) for change in changes]

    assert [reply.status for reply in replies] == [200, 200, 413]
    assert replies[2].problem == "data-too-large"


@pytest.mark.shows("T44")
def test_what_patches_add_up_to_is_bounded(site: Site) -> None:
    visitor = limited(site, {})

    replies = [visitor.call("PATCH", "/session", {"data": {"ui": {f"key-{n}": "x" * 300}}}).status for n in range(5)]

    assert replies == [200, 200, 200, 413, 413]
    assert visitor.call("PATCH", "/session", {"data": {"ui": {"key-0": None}}}).status == 200
    assert visitor.call("PATCH", "/session", {"data": {"ui": {"key-5": "x" * 300}}}).status == 200


@pytest.mark.shows("T44")
def test_patches_at_the_same_time_add_up_to_no_more_either(site: Site) -> None:
    visitor, rival = limited(site, {"ui": {}}), {"ui": {"b": "x" * 600}}
    in_between(site, visitor, rival)

    reply = visitor.call("PATCH", "/session", {"data": {"ui": {"a": "x" * 600}}})

    assert (*reply.outcome, visitor.get("/session").json["data"]) == (413, "data-too-large", rival)


@pytest.mark.shows("T12")
def test_a_body_that_is_far_too_large_is_not_looked_into(site: Site) -> None:
    visitor = limited(site, {})

    for method, path in (("PATCH", "/session"), ("PUT", "/session/data")):
        reply = visitor.call(method, path, text="[" * 30_000, headers=PUT_BY_VERSION)
        assert reply.outcome == (413, "body-too-large")
    assert site.scene.faults.calls == []


# Rotation


@pytest.mark.shows("3.3.4")
def test_a_rotation_hands_out_the_new_token_in_the_cookie_alone(site: Site) -> None:
    visitor = site.signed_in()
    old = visitor.token
    site.scene.clock.advance(100)

    reply = visitor.call("POST", "/session/rotate")

    cookie = f"__Host-session={visitor.token}; Max-Age={12 * 3600 - 100}; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert (reply.status, reply.json, reply.set_cookies) == (200, {"rotated": True}, (cookie,))
    assert (visitor.token == old, visitor.get("/session").status) == (False, 200)


def test_a_cookie_that_ends_with_the_browser_does_so_after_a_rotation(site: Site) -> None:
    visitor = site.signed_in(ends_with_browser=True)

    reply = visitor.call("POST", "/session/rotate")

    assert reply.set_cookies == (f"__Host-session={visitor.token}; Path=/; Secure; HttpOnly; SameSite=Lax",)


def test_a_rotation_hands_out_the_new_token_in_the_body_to_bearer_callers(site: Site) -> None:
    visitor = site.signed_in()
    visitor.bearer = True

    reply = visitor.call("POST", "/session/rotate")

    assert (reply.json["rotated"], reply.set_cookies) == (True, ())
    assert site.visitor(reply.json["token"], bearer=True).get("/session").status == 200


@BY_EITHER
def test_once_a_new_token_is_in_use_the_one_before_keeps_its_secret(site: Site, *, bearer: bool) -> None:
    first = site.signed_in()
    second = site.visitor(first.token, bearer=bearer)
    first.call("POST", "/session/rotate")
    first.get("/session")

    reply = second.call("POST", "/session/rotate")

    assert (reply.status, reply.json, reply.set_cookies) == (200, {"rotated": False}, ())
    assert second.get("/session").status == 200


# Rotation without being asked


@pytest.fixture
def rotating(site: Site) -> UserGateway:
    return site.gateway(rotation_interval=timedelta(minutes=10))


@pytest.fixture
def rotated(site: Site, rotating: UserGateway) -> Visitor:
    """A customer whose token is due."""
    visitor = visitor_with(checked(rotating.send), site.signed_in().token)
    site.scene.clock.advance(timedelta(minutes=10))
    return visitor


ROTATING = {
    route.operation_id: route for route in USER_ROUTES if route.operation_id not in {"rotateMyToken", "signOut"}
}


@pytest.mark.parametrize("route", ROTATING.values(), ids=ROTATING)
def test_a_token_that_was_kept_for_the_interval_is_rotated_along_the_way(rotated: Visitor, route: Route) -> None:
    old = rotated.token

    reply = send(rotated, route)

    assert (reply.status in {200, 204}, len(reply.set_cookies), rotated.token == old) == (True, 1, False)
    assert rotated.get("/session").set_cookies == ()


def test_a_refused_request_rotates_nothing(rotated: Visitor) -> None:
    assert rotated.call("PUT", "/session/data", {}, headers={"if-match": "7"}).set_cookies == ()


# Signing out


@BY_EITHER
def test_signing_out_ends_the_session_on_the_server(site: Site, *, bearer: bool) -> None:
    token = site.signed_in().token or ""

    reply = site.visitor(token, bearer=bearer).call("DELETE", "/session")

    cookies = () if bearer else ("__Host-session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax",)
    assert (reply.status, reply.set_cookies) == (204, cookies)
    with pytest.raises(InvalidTokenError):
        site.other.validate(token)


def test_signing_out_ends_the_childs_sessions_too(site: Site, signed_in: SignedIn) -> None:
    site.visitor(signed_in.token).call("DELETE", "/session")

    with pytest.raises(InvalidTokenError):
        site.other.validate(signed_in.child_token, child=True)


def test_signing_out_twice_is_fine_and_clears_any_cookie(site: Site) -> None:
    visitor = site.signed_in()
    stale = site.visitor(visitor.token)
    visitor.call("DELETE", "/session")

    assert (visitor.token, visitor.call("DELETE", "/session").status) == (None, 204)
    assert (stale.call("DELETE", "/session").status, stale.token) == (204, None)
    garbage = site.visitor("garbage")
    assert (garbage.call("DELETE", "/session").status, garbage.token) == (204, None)


def test_a_session_whose_data_cannot_be_read_can_be_signed_out(site: Site) -> None:
    visitor = site.signed_in()
    site.scene.make_unreadable()

    assert visitor.call("GET", "/session").status == 503
    assert (visitor.call("DELETE", "/session").status, visitor.token) == (204, None)
    assert {row["session_state"] for row in site.scene.all_rows() if "session_state" in row} == {"ended"}


def test_a_sign_out_that_fails_keeps_the_cookie_for_another_try(site: Site) -> None:
    visitor = site.signed_in()
    site.scene.faults.throttle("UpdateItem", times=FOREVER)

    reply = visitor.call("DELETE", "/session")
    assert (*reply.outcome, reply.set_cookies) == (503, "throttled", ())
    site.scene.faults.clear()
    assert (visitor.call("DELETE", "/session").status, visitor.token) == (204, None)


# Faults


@pytest.mark.parametrize("route", USER_ROUTES, ids=lambda route: route.operation_id)
def test_a_throttled_table_is_503_and_never_a_session(site: Site, route: Route) -> None:
    visitor = site.signed_in()
    site.scene.faults.throttle(times=FOREVER)

    reply = send(visitor, route)

    assert (*reply.outcome, reply.set_cookies) == (503, "throttled", ())
    assert int(reply.headers["retry-after"]) >= 1


def test_no_answer_and_no_log_holds_a_token_but_where_one_is_handed_out(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = site.gateway()
    secret = sign_in(site.other).token
    visitor = visitor_with(checked(gateway.send), secret)
    replies = [
        visitor.get("/session"),
        visitor.get("/me/sessions"),
        visitor.call("PATCH", "/session", {"data": [secret]}),
        visitor.call("PATCH", "/session", {"data": {"a": {secret: {"": 1}}}}),
        visitor.call("PUT", "/session/data", {secret: 1}, headers={"if-match": secret}),
        visitor.call("DELETE", f"/me/sessions/{secret}"),
    ]
    site.scene.faults.throttle(times=FOREVER)
    replies.append(visitor.get("/session"))

    said = [reply.text for reply in replies] + gateway.lines + [caplog.text]
    assert not [text for text in said if secret.rpartition(".")[2] in text]
