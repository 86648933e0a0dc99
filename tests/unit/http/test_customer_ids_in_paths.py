"""A customer id has one spelling in a path, and no other spelling finds it."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_store import encode_customer_id
from session_store.api.paths import decode_customer_id
from session_store.catalog.routes import BACKEND_ROUTES
from tests.support.customer_ids import ANY_ID, ODD_IDS
from tests.unit.gateway import NO_SESSION, Gateway, match

PLAIN = ["a" * 512, "ABC", "a+b@example.com", "urn:example:a:b", "auth0|5f7c", "us-east-1_a.B", "sessions", "...", "-"]
ENCODED = ["with space", "100%", "a%2Fb", "a&b=c;d", "顧客-一", "~tilde", "~YWJj", "who?", ".", ".."]
ENCODED += ["urn:example:a/b", "/", "trailing/", "a//b", "a/sessions", "a/sessions/b", "a/last-login", "../sessions"]
ENCODED += [each for each in ODD_IDS if each not in PLAIN]


def tilde(customer_id: str) -> str:
    return "~" + base64.urlsafe_b64encode(customer_id.encode()).decode().rstrip("=")


@pytest.mark.parametrize("customer_id", PLAIN + ENCODED)
def test_a_customer_reaches_every_route_under_the_spelling_of_its_id(gateway: Gateway, customer_id: str) -> None:
    segment = customer_id if customer_id in PLAIN else tilde(customer_id)
    assert encode_customer_id(customer_id) == segment

    created = gateway.call("POST", "/sessions", {"customer_id": customer_id}).json["session"]
    url = f"/customers/{segment}"
    last_login = {"customer_id": customer_id, "last_login_time": created["last_login_time"]}
    assert gateway.call("GET", f"{url}/last-login").json == last_login
    assert gateway.call("GET", f"{url}/sessions?limit=10").json == {"sessions": [created], "cursor": None}
    assert gateway.call("GET", f"{url}/sessions/{created['session_id']}").json == created
    assert gateway.call("DELETE", f"{url}/sessions?except={created['session_id']}").json["expired"] == 0
    assert gateway.call("DELETE", f"{url}/sessions").json == {"expired": 1, "cursor": None}
    assert gateway.call("DELETE", url).json == {"purged": 1, "cursor": None}


@given(st.from_regex(ANY_ID, fullmatch=True))
def test_any_id_has_a_spelling_without_what_means_something_in_a_path_or_a_policy(customer_id: str) -> None:
    segment = encode_customer_id(customer_id)

    assert re.fullmatch(r"[A-Za-z0-9._@:|+~-]+", segment)
    assert decode_customer_id(segment) == customer_id


# A second spelling of an id that has a plain one would avoid `Deny .../customers/vip/*`.
@pytest.mark.shows("T60")
@pytest.mark.parametrize("segment", [tilde(customer_id) for customer_id in PLAIN])
def test_an_id_with_a_plain_spelling_is_not_found_by_its_base64url(gateway: Gateway, segment: str) -> None:
    assert_refused(gateway, segment)


@pytest.mark.parametrize("segment", [quote(each, safe="") for each in ENCODED if "/" not in each and "?" not in each])
def test_an_id_without_a_plain_spelling_is_not_found_percent_encoded(gateway: Gateway, segment: str) -> None:
    assert_refused(gateway, segment)


@pytest.mark.shows("T40")
@pytest.mark.parametrize(
    "segment", ["~", "~=", "~YSBi=", "~Y", "~YSBj_", "~_w", "~a b", "~YSBi\n", "~Ki8+", "~漢", "a\n", "="]
)
def test_what_is_no_spelling_of_any_id_is_refused(gateway: Gateway, segment: str) -> None:
    assert_refused(gateway, quote(segment, safe=""))


def assert_refused(gateway: Gateway, segment: str) -> None:
    """By every route of a customer, before any call to AWS."""
    for route in BACKEND_ROUTES:
        if "{customer_id}" in route.path:
            url = route.path.replace("{customer_id}", segment).replace("{session_id}", NO_SESSION)
            reply = gateway.call(route.method, url)
            assert (reply.status, reply.json["errors"][0]["field"]) == (400, "customer_id"), route.key


@pytest.mark.shows("T40", "A13")
def test_a_slash_in_a_path_is_part_of_no_customer_id() -> None:
    for method in ("GET", "DELETE"):
        for path in ("a%2Fb", "a%2Fb/sessions", "a%2Fb/last-login", "a%2Fb%2Fsessions%2Fc"):
            with pytest.raises(LookupError, match="404"):
                match(BACKEND_ROUTES, method, f"/customers/{path}")
