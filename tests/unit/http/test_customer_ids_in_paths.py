from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from session_store import InvalidInputError, SessionStore
from session_store.api.paths import decode_customer_id, encode_customer_id
from session_store.catalog.routes import BACKEND_ROUTES
from tests.unit.gateway import Gateway, match

ORDINARY = [
    *("ABC", "a+b@example.com", "urn:example:a:b", "顧客-一", "with space", "100%", "a%2Fb", "a&b=c;d", "%", "%%41"),
]
WITH_SLASHES = ["urn:example:a/b", "/leading", "trailing/", "a//b", "https://example.com/users/1", "顧客/一"]
ONLY_ENCODED = ["who?", "~tilde", "a/sessions", "a/sessions/b", "a/last-login", "sessions/x", "."]


@pytest.mark.parametrize("customer_id", ORDINARY + WITH_SLASHES)
def test_a_percent_encoded_customer_id_reaches_every_route(gateway: Gateway, customer_id: str) -> None:
    _check_every_route(gateway, quote(customer_id, safe=""), customer_id)


@pytest.mark.parametrize("customer_id", ORDINARY + WITH_SLASHES + ONLY_ENCODED)
def test_a_base64url_customer_id_reaches_every_route(gateway: Gateway, customer_id: str) -> None:
    encoded = "~" + base64.urlsafe_b64encode(customer_id.encode()).decode().rstrip("=")
    assert encode_customer_id(customer_id) == encoded
    _check_every_route(gateway, encoded, customer_id)


def _check_every_route(gateway: Gateway, segment: str, customer_id: str) -> None:
    created = gateway.call("POST", "/sessions", {"customer_id": customer_id}).json["session"]
    url = f"/customers/{segment}"
    last_login = {"customer_id": customer_id, "last_login_time": created["last_login_time"]}
    assert gateway.call("GET", f"{url}/last-login").json == last_login
    assert gateway.call("GET", f"{url}/sessions?limit=10").json == {"sessions": [created], "cursor": None}
    assert gateway.call("GET", f"{url}/sessions/{created['session_id']}").json == created
    assert gateway.call("DELETE", f"{url}/sessions?except={created['session_id']}").json["expired"] == 0
    assert gateway.call("DELETE", f"{url}/sessions").json == {"expired": 1, "cursor": None}
    assert gateway.call("DELETE", url).json == {"purged": 1, "cursor": None}


@pytest.mark.parametrize("segment", ["~=", "~YQ==", "~Y", "~YR", "~_w", "~a b", "~YWJj\n", "~Ki8/", "~漢"])
def test_a_tilde_takes_nothing_but_canonical_base64url_of_utf_8(segment: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        decode_customer_id(segment)
    assert caught.value.field == "customer_id"


@pytest.mark.parametrize("path", ["a/sessions/x/sessions", "a/last-login/b/last-login", "a/sessions/b/last-login"])
def test_a_read_that_could_mean_two_customers_is_refused(gateway: Gateway, path: str) -> None:
    reply = gateway.call("GET", f"/customers/{quote(path.rpartition('/')[0], safe='')}/{path.rpartition('/')[2]}")
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "customer_id")


def test_no_customer_is_erased_where_a_path_names_a_session_of_one(
    gateway: Gateway, session_store: SessionStore
) -> None:
    created = session_store.create_session("a/sessions/b")
    reply = gateway.call("DELETE", "/customers/" + quote("a/sessions/b", safe=""))
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "customer_id")
    assert session_store.get_session(created.session.session_id) is not None


def test_a_path_below_a_customer_that_no_route_has_is_404(gateway: Gateway) -> None:
    route, path_parameters = match(BACKEND_ROUTES, "GET", "/customers/a/b")
    reply = gateway.send(route.function, {"routeKey": route.key, "pathParameters": path_parameters})
    assert (reply.status, reply.json["type"]) == (404, "urn:session-store:problem:no-such-route")


def test_every_route_of_a_customer_has_a_catch_all_for_ids_with_a_slash() -> None:
    of_a_customer = {route.operation_id for route in BACKEND_ROUTES if "{customer_id}" in route.path}

    assert {name for route in BACKEND_ROUTES for name in route.stands_for} == of_a_customer


def test_words_at_the_end_of_a_path_come_before_parameters_and_those_before_nothing() -> None:
    stood_for = {route.method: route.stands_for for route in BACKEND_ROUTES if route.stands_for}

    assert stood_for == {
        "GET": ("getCustomerSessions", "getLastLoginTime", "getCustomerSession"),
        "DELETE": ("endCustomerSessions", "eraseCustomer"),
    }
