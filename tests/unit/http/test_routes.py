"""Every route's answer, through the functions' handlers. Each answer is held against the OpenAPI document as well."""

from __future__ import annotations

import inspect
from dataclasses import fields
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from session_store import ChildSession, Session, SessionStore
from session_store.api import backend_handlers, user_handlers
from session_store.aws import connect
from session_store.catalog.routes import BACKEND_ROUTES, USER_ROUTES
from session_store.checks import AUTHENTICATION_KEY
from session_store.kernel import response
from session_store.testing import MovableClock
from tests.support.http_client import whose
from tests.unit.gateway import NO_SESSION, Gateway


@pytest.fixture(autouse=True)
def _fixed_time(session_clock: MovableClock) -> None:
    session_clock.set(datetime.fromisoformat("2026-01-31T23:59:58Z"))


def create(gateway: Gateway, customer_id: str | None = "ABC", **fields: Any) -> tuple[dict[str, Any], str]:
    reply = gateway.call("POST", "/sessions", {**whose(customer_id), **fields})
    assert reply.status == 201
    return reply.json["session"], reply.json["token"]


def create_child(gateway: Gateway, session_id: str, **fields: Any) -> tuple[dict[str, Any], str]:
    reply = gateway.call("POST", f"/sessions/{session_id}/children", fields)
    assert reply.status == 201
    return reply.json["child"], reply.json["token"]


@pytest.mark.shows("N3")
def test_every_route_has_a_handler_and_every_handler_a_route() -> None:
    assert functions_of(backend_handlers) == {route.handler for route in BACKEND_ROUTES}
    assert functions_of(user_handlers) == {route.handler for route in USER_ROUTES}


def functions_of(module: ModuleType) -> set[str]:
    """The public functions that a module defines."""
    members = inspect.getmembers(module, inspect.isfunction)
    return {name for name, each in members if each.__module__ == module.__name__ and not name.startswith("_")}


@pytest.mark.shows("N13")
def test_a_new_session_is_answered_under_the_models_names_with_times_in_utc(gateway: Gateway) -> None:
    session, token = create(gateway, data={"cart": [1, 2.5, "ü"]}, client="Firefox", idle_timeout=60)
    assert session == {
        "session_id": session["session_id"],
        "customer_id": "ABC",
        "session_state": "active",
        "data": {"cart": [1, 2.5, "ü"]},
        **dict.fromkeys(("created_at", "last_login_time", "last_seen_at"), "2026-01-31T23:59:58Z"),
        "expires_at": "2026-02-01T00:00:58Z",
        "absolute_expires_at": "2026-02-01T11:59:58Z",
        "version": session["version"],
        "client": "Firefox",
        "ends_with_browser": False,
    }
    assert token.startswith(f"v1.{session['session_id']}.")


def test_every_attribute_of_a_session_and_of_a_child_is_answered(gateway: Gateway) -> None:
    session, _ = create(gateway)
    child, _ = create_child(gateway, session["session_id"])
    assert set(session) == {field.name for field in fields(Session) if field.compare}
    assert set(child) == {field.name for field in fields(ChildSession)}


def test_a_back_end_chooses_a_cookie_that_ends_with_the_browser(gateway: Gateway) -> None:
    session, token = create(gateway, ends_with_browser=True)
    assert session["ends_with_browser"] is True
    assert gateway.call("POST", "/sessions/introspect", {"token": token}).json["session"] == session


def test_either_timeout_alone_goes_with_the_stores_other_one(gateway: Gateway) -> None:
    session, _ = create(gateway, absolute_timeout=3600)
    assert (session["expires_at"], session["absolute_expires_at"]) == ("2026-02-01T00:29:58Z", "2026-02-01T00:59:58Z")


def test_a_visitors_session_is_made_where_it_is_asked_for_alone(gateway: Gateway) -> None:
    session, token = create(gateway, None)
    assert (session["customer_id"], session["last_login_time"]) == (None, None)
    assert gateway.call("POST", "/sessions/introspect", {"token": token}).json["active"] is True
    assert create(gateway, "ABC", anonymous=False)[0]["customer_id"] == "ABC"


def test_signing_in_over_a_session_names_the_one_that_ended(gateway: Gateway) -> None:
    old, old_token = create(gateway, None, data={"cart": [1]})
    fields = {"customer_id": "ABC", "replaces": old_token, "carry_data": True, "data": {"lang": "de"}}
    reply = gateway.call("POST", "/sessions", fields)
    assert reply.json["replaced_session_id"] == old["session_id"]
    assert reply.json["session"]["data"] == {"cart": [1], "lang": "de"}
    assert gateway.call("GET", f"/sessions/{old['session_id']}").status == 404


def test_a_token_that_is_not_valid_replaces_nothing(gateway: Gateway) -> None:
    reply = gateway.call("POST", "/sessions", {"customer_id": "ABC", "replaces": "v1.garbage"})
    assert reply.status == 201
    assert "replaced_session_id" not in reply.json


def test_a_good_token_is_active_with_its_session_strictly_read_or_not(gateway: Gateway) -> None:
    session, token = create(gateway)
    for strict in (True, False):
        reply = gateway.call("POST", "/sessions/introspect", {"token": token, "strict": strict})
        assert (reply.status, reply.json) == (200, {"active": True, "session": session})


def test_a_question_that_is_no_activity_does_not_keep_the_session_alive_and_says_when_it_ends(
    gateway: Gateway, session_clock: MovableClock
) -> None:
    session, token = create(gateway)
    _, child_token = create_child(gateway, session["session_id"])
    session_clock.advance(timedelta(minutes=5))

    def asked(token: str, **fields: Any) -> Any:
        return gateway.call("POST", "/sessions/introspect", {"token": token, **fields}).json

    assert asked(token, activity="none") == {"active": True, "session": session}
    assert asked(child_token, activity="none")["child"]["expires_at"] == session["expires_at"]
    assert asked(token)["session"]["expires_at"] > session["expires_at"]


@pytest.mark.shows("T36")
def test_after_the_first_answer_of_ending_all_no_session_is_active_also_none_that_it_did_not_reach(
    gateway: Gateway, session_clock: MovableClock
) -> None:
    _, token = create(gateway)
    session_clock.advance(1)
    create(gateway)
    assert gateway.call("DELETE", "/customers/ABC/sessions?limit=1").json["expired"] == 1

    bodies = [{"token": token, "strict": False}, {"token": token}]
    assert [gateway.call("POST", "/sessions/introspect", body).json["active"] for body in bodies] == [True, False]


def test_one_call_ends_all_sessions_but_one(gateway: Gateway) -> None:
    kept, _ = create(gateway)
    tokens = [create(gateway)[1] for _ in range(30)]

    ended = gateway.call("DELETE", f"/customers/ABC/sessions?except={kept['session_id']}")

    assert ended.json == {"expired": 30, "cursor": None}
    for token in tokens:
        assert gateway.call("POST", "/sessions/introspect", {"token": token, "strict": False}).json == {"active": False}


def test_a_cursor_of_the_list_ends_nothing(gateway: Gateway) -> None:
    session, _ = create(gateway)
    create(gateway)
    cursor = gateway.call("GET", "/customers/ABC/sessions?limit=1").json["cursor"]

    for url in ("/customers/ABC/sessions", "/customers/ABC"):
        reply = gateway.call("DELETE", f"{url}?cursor={cursor}")
        assert (reply.status, reply.json["errors"][0]["field"]) == (400, "cursor")
    assert gateway.call("GET", f"/sessions/{session['session_id']}").status == 200


def test_a_childs_token_is_active_with_the_child(gateway: Gateway) -> None:
    session, _ = create(gateway)
    child, token = create_child(gateway, session["session_id"], data={"app": "mail"}, customer_id="ABC")
    reply = gateway.call("POST", "/sessions/introspect", {"token": token})
    assert (reply.status, reply.json) == (200, {"active": True, "child": child})


def test_a_token_that_is_not_good_is_inactive_and_nothing_more_is_said(gateway: Gateway) -> None:
    ended, ended_token = create(gateway)
    gateway.call("DELETE", f"/sessions/{ended['session_id']}")
    session, token = create(gateway)
    tampered = f"{token.rpartition('.')[0]}.{'A' * 43}"
    unknown = token.replace(session["session_id"], NO_SESSION)
    for bad in (ended_token, unknown, tampered, "", "garbage", "v2.x", "\ud800", "x" * 100_000):
        reply = gateway.call("POST", "/sessions/introspect", {"token": bad})
        assert (reply.status, reply.text) == (200, '{"active":false}')


def test_a_sign_in_that_is_too_old_is_inactive_and_says_so(gateway: Gateway, session_clock: MovableClock) -> None:
    _, token = create(gateway)
    session_clock.advance(61)
    refused = {"active": False, "reason": "reauthentication_required", "max_age": 60}
    reply = gateway.call("POST", "/sessions/introspect", {"token": token, "max_auth_age": 60})
    assert (reply.status, reply.json) == (200, refused)
    assert gateway.call("POST", "/sessions/introspect", {"token": token, "max_auth_age": 61}).json["active"] is True


def test_a_sign_in_that_is_too_weak_is_inactive_and_hears_all_that_would_do(
    gateway: Gateway, session_clock: MovableClock
) -> None:
    now = int(session_clock.now())
    _, token = create(gateway, data={AUTHENTICATION_KEY: {"at": now, "acr": "silver", "auth_time": now}})
    asked = {"token": token, "max_auth_age": 300}
    for acrs in (["gold", "silver"], None):
        reply = gateway.call("POST", "/sessions/introspect", {**asked, "required_acr": acrs})
        assert reply.json["active"] is True
    refused = {"active": False, "reason": "reauthentication_required", "acr_values": ["gold", "other"], "max_age": 300}
    reply = gateway.call("POST", "/sessions/introspect", {**asked, "required_acr": ["gold", "other"]})
    assert (reply.status, reply.json) == (200, refused)


@pytest.mark.parametrize("bad", ["gold", [], [""], [1], [["gold"]], {"gold": 1}, ["two words"], ["g" * 129]], ids=repr)
def test_a_malformed_acr_is_an_error_of_the_request_whatever_the_token(gateway: Gateway, bad: object) -> None:
    for token in (create(gateway)[1], "garbage"):
        reply = gateway.call("POST", "/sessions/introspect", {"token": token, "required_acr": bad})
        assert (*reply.outcome, reply.json["errors"][0]["field"]) == (400, "invalid-input", "required_acr")


def test_an_update_merges_and_answers_the_session(gateway: Gateway) -> None:
    session, _ = create(gateway, data={"a": 1, "b": {"c": 2, "d": 3}})
    url = f"/sessions/{session['session_id']}"
    reply = gateway.call("PATCH", url, {"data": {"a": None, "b": {"c": 4}}})
    assert (reply.status, reply.json["data"]) == (200, {"b": {"c": 4, "d": 3}})
    assert reply.json["version"] > session["version"]
    assert gateway.call("GET", url).json == reply.json


def test_a_session_set_to_closing_is_shown_but_its_token_is_inactive(gateway: Gateway) -> None:
    session, token = create(gateway, data={"a": 1})
    url = f"/sessions/{session['session_id']}"
    assert gateway.call("PATCH", url, {"session_state": "closing"}).json["session_state"] == "closing"
    assert gateway.call("GET", url).json["data"] == {"a": 1}
    assert gateway.call("POST", "/sessions/introspect", {"token": token}).json == {"active": False}


@pytest.mark.parametrize("body", [{}, {"last_write_wins": True}, {"data": None}, {"session_state": None}, None])
def test_an_update_of_nothing_is_400(gateway: Gateway, body: dict[str, Any] | None) -> None:
    session, _ = create(gateway)
    assert gateway.call("PATCH", f"/sessions/{session['session_id']}", body).status == 400


@pytest.mark.parametrize("state", ["active", "ended", "", "CLOSING"])
def test_a_session_can_be_set_to_closing_only(gateway: Gateway, state: str) -> None:
    session, _ = create(gateway)
    reply = gateway.call("PATCH", f"/sessions/{session['session_id']}", {"data": {"a": 1}, "session_state": state})
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "session_state")
    assert gateway.call("GET", f"/sessions/{session['session_id']}").json == session


def test_ending_a_session_is_204_each_time(gateway: Gateway) -> None:
    session, _ = create(gateway)
    replies = [gateway.call("DELETE", f"/sessions/{session['session_id']}") for _ in range(2)]
    assert [(reply.status, reply.text) for reply in replies] == [(204, ""), (204, "")]
    assert gateway.call("GET", f"/sessions/{session['session_id']}").status == 404
    assert gateway.call("DELETE", f"/sessions/{NO_SESSION}").status == 204


@pytest.mark.parametrize(
    ("url", "default"),
    [
        ("/sessions/{session_id}", "signed_out"),
        ("/sessions/{session_id}/children/{child_session_id}", "signed_out"),
        ("/customers/ABC/sessions", "all_ended"),
    ],
)
@pytest.mark.parametrize("reason", ["operator", "theft", None])
def test_a_back_end_says_why_a_session_ends(
    gateway: Gateway, session_store: SessionStore, url: str, default: str, reason: str | None
) -> None:
    session, _ = create(gateway)
    child, _ = create_child(gateway, session["session_id"])
    query = "" if reason is None else f"?reason={reason}"

    assert gateway.call("DELETE", url.format(**child) + query).status in {200, 204}

    rows = connect("dynamodb").scan(TableName=session_store.table_name)["Items"]
    assert [row["end_reason"]["S"] for row in rows if "end_reason" in row] == [reason or default]


@pytest.mark.parametrize("url", [f"/sessions/{NO_SESSION}", "/customers/ABC/sessions"])
def test_an_unknown_reason_is_400_and_the_known_ones_are_named(gateway: Gateway, url: str) -> None:
    reply = gateway.call("DELETE", f"{url}?reason=bored")

    assert (reply.status, reply.json["errors"][0]["field"], "operator" in reply.text) == (400, "reason", True)


@pytest.mark.parametrize("audience", ["shop", "mail", None])
def test_a_childs_token_is_active_for_its_audience_alone(gateway: Gateway, audience: str | None) -> None:
    session, token = create(gateway)
    child, childs_token = create_child(gateway, session["session_id"], audience="shop")
    bodies = [{"token": each, "audience": audience} for each in (childs_token, token)]
    replies = [gateway.call("POST", "/sessions/introspect", body).json["active"] for body in bodies]
    assert child["audience"] == "shop"
    assert replies == [audience == "shop", audience is None]


@pytest.mark.parametrize("token", ["no token", f"v1.{NO_SESSION}.{'A' * 22}.{'A' * 43}"])
def test_a_malformed_audience_is_400_also_beside_a_token_that_is_not_good(gateway: Gateway, token: str) -> None:
    reply = gateway.call("POST", "/sessions/introspect", {"token": token, "audience": ""})

    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "audience")


def test_children_are_listed_found_and_ended(gateway: Gateway) -> None:
    session, _ = create(gateway)
    url = f"/sessions/{session['session_id']}/children"
    first, _ = create_child(gateway, session["session_id"])
    second, token = create_child(gateway, session["session_id"])
    assert gateway.call("GET", url).json == {"children": [first, second], "cursor": None}
    assert gateway.call("GET", f"/children/{second['child_session_id']}/session").json == session
    for _ in range(2):
        assert gateway.call("DELETE", f"{url}/{second['child_session_id']}").status == 204
    assert gateway.call("GET", url).json == {"children": [first], "cursor": None}
    assert gateway.call("GET", f"/children/{second['child_session_id']}/session").status == 404
    assert gateway.call("POST", "/sessions/introspect", {"token": token}).json == {"active": False}


def test_a_customers_sessions_come_in_pages_newest_first(gateway: Gateway) -> None:
    created = [create(gateway, "ABC")[0] for _ in range(3)]
    create(gateway, "XYZ")
    first = gateway.call("GET", "/customers/ABC/sessions?limit=2").json
    rest = gateway.call("GET", f"/customers/ABC/sessions?limit=2&cursor={first['cursor']}").json
    assert first["sessions"] + rest["sessions"] == created[::-1]
    assert rest["cursor"] is None


def test_a_page_that_lambda_could_not_hand_on_is_cut_short_and_its_cursor_goes_on(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = [create(gateway, "ABC", data={"a": "x" * 1000})[0] for _ in range(3)]
    monkeypatch.setattr(response, "MAX_ANSWER_CHARACTERS", 4500)
    first = gateway.call("GET", "/customers/ABC/sessions").json
    assert first["sessions"] == [created[2], created[1]]
    rest = gateway.call("GET", f"/customers/ABC/sessions?cursor={first['cursor']}").json
    assert (rest["sessions"], rest["cursor"]) == ([created[0]], None)


def test_children_are_listed_in_pages_that_are_cut_short_likewise(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = create(gateway)
    url = f"/sessions/{session['session_id']}/children"
    created = [create_child(gateway, session["session_id"], data={"a": "x" * 1000})[0] for _ in range(4)]
    assert gateway.call("GET", f"{url}?limit=3").json["children"] == created[:3]
    monkeypatch.setattr(response, "MAX_ANSWER_CHARACTERS", 4500)

    first = gateway.call("GET", url).json
    rest = gateway.call("GET", f"{url}?cursor={first['cursor']}").json

    assert first["children"] == created[:2]
    assert rest == {"children": created[2:], "cursor": None}


def test_a_session_is_a_customers_or_it_is_404(gateway: Gateway) -> None:
    session, _ = create(gateway, "ABC")
    assert gateway.call("GET", f"/customers/ABC/sessions/{session['session_id']}").json == session
    assert gateway.call("GET", f"/customers/XYZ/sessions/{session['session_id']}").status == 404


def test_a_last_login_that_is_not_known_is_null(gateway: Gateway) -> None:
    reply = gateway.call("GET", "/customers/unknown/last-login")
    assert (reply.status, reply.json) == (200, {"customer_id": "unknown", "last_login_time": None})


def test_a_session_is_extended_by_its_id_up_to_its_absolute_end(gateway: Gateway, session_clock: MovableClock) -> None:
    session, _ = create(gateway, idle_timeout=600, absolute_timeout=900)
    url = f"/sessions/{session['session_id']}"
    session_clock.advance(60)
    extended = gateway.call("POST", f"{url}/extend")
    session_clock.advance(300)

    assert gateway.call("POST", f"{url}/extend").json["expires_at"] == session["absolute_expires_at"]
    assert extended.status == 200
    moved = {"last_seen_at", "expires_at"}
    assert {name for name, value in extended.json.items() if value != session[name]} == moved


@pytest.mark.shows("7.4.5")
def test_ending_all_sessions_can_spare_one_and_goes_on_by_cursor(gateway: Gateway) -> None:
    created = [create(gateway, "ABC")[0]["session_id"] for _ in range(3)]
    query = f"except={created[0]}&limit=2"
    first = gateway.call("DELETE", f"/customers/ABC/sessions?{query}").json
    assert first["expired"] == 2
    assert first["cursor"] is not None
    rest = gateway.call("DELETE", f"/customers/ABC/sessions?{query}&cursor={first['cursor']}").json
    assert rest == {"expired": 0, "cursor": None}
    assert [gateway.call("GET", f"/sessions/{it}").status for it in created] == [200, 404, 404]


def test_sparing_a_session_that_is_not_the_customers_ends_nothing_and_is_404(gateway: Gateway) -> None:
    session, _ = create(gateway, "ABC")
    assert gateway.call("DELETE", f"/customers/ABC/sessions?except={NO_SESSION}").status == 404
    assert gateway.call("GET", f"/sessions/{session['session_id']}").status == 200


def test_erasing_a_customer_leaves_no_session_and_no_last_login(gateway: Gateway) -> None:
    session, _ = create(gateway, "ABC")
    create_child(gateway, session["session_id"])
    assert gateway.call("DELETE", "/customers/ABC").json == {"purged": 2, "cursor": None}
    assert gateway.call("GET", f"/sessions/{session['session_id']}").status == 404
    assert gateway.call("GET", "/customers/ABC/last-login").json["last_login_time"] is None


@pytest.mark.parametrize(
    "request_line",
    [
        *(f"{method} /sessions/{NO_SESSION}" for method in ("GET", "PATCH")),
        *(f"{method} /sessions/{NO_SESSION}/children" for method in ("GET", "POST")),
        f"POST /sessions/{NO_SESSION}/extend",
        *(f"GET /children/{NO_SESSION}/session", f"GET /customers/ABC/sessions/{NO_SESSION}"),
    ],
)
def test_what_is_not_there_is_404_and_named(gateway: Gateway, request_line: str) -> None:
    method, _, url = request_line.partition(" ")
    reply = gateway.call(method, url, None if method == "GET" or url.endswith("/extend") else {"data": {}})
    assert reply.outcome == (404, "session-not-found")
    assert NO_SESSION in reply.json["detail"]


@pytest.mark.shows("T20")
def test_no_answer_may_be_cached_or_taken_for_another_type(gateway: Gateway) -> None:
    session, _ = create(gateway)
    urls = [f"/sessions/{session['session_id']}", f"/sessions/{NO_SESSION}", "/customers/ABC/last-login?x=1"]
    replies = [gateway.call("GET", url) for url in urls] + [gateway.call("DELETE", urls[0])]
    assert [reply.status for reply in replies] == [200, 404, 400, 204]
    for reply in replies:
        assert (reply.headers["cache-control"], reply.headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_no_answer_holds_a_hash_or_a_key_of_the_table(gateway: Gateway, session_store: SessionStore) -> None:
    session, token = create(gateway)
    texts = [gateway.call("POST", "/sessions/introspect", {"token": token}).text]
    texts += [gateway.call("GET", f"/customers/ABC/sessions{rest}").text for rest in ("", f"/{session['session_id']}")]
    for text in texts:
        for word in ("hash", "generation", "suuid#", "c#", token):
            assert word not in text
