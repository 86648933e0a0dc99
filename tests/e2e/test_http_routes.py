"""The back-end routes through a gateway, which decodes paths. `tests/unit/http` tests each route."""

from __future__ import annotations

import base64
import uuid
from urllib.parse import quote

import pytest

from session_store import encode_customer_id
from session_store.catalog.routes import BACKEND_ROUTES
from tests.support.checked_api import CheckedApi
from tests.support.customer_ids import GUEST, NAME_ID
from tests.support.deployed import Deployed


def test_a_session_is_created_read_changed_and_ended(api: CheckedApi, customer: str) -> None:
    session, token = api.create(customer, data={"cart": ["a"], "lang": "de"}, client="Firefox", idle_timeout=600)
    url = f"/sessions/{session['session_id']}"
    assert api.call("GET", url).json == session
    assert api.introspect(token) == {"active": True, "session": session}
    assert api.introspect(token, strict=True, max_auth_age=60)["active"] is True
    assert api.introspect(token, required_acr=["gold"]) == {
        "active": False,
        "reason": "reauthentication_required",
        "acr_values": ["gold"],
    }

    changed = api.call("PATCH", url, {"data": {"lang": None, "cart": ["a", "b"]}}).json
    assert changed["data"] == {"cart": ["a", "b"]}
    assert api.call("GET", url).json == changed
    assert api.call("POST", f"{url}/extend").json["expires_at"] >= changed["expires_at"]

    assert [api.call("DELETE", url).status for _ in range(2)] == [204, 204]
    assert api.call("GET", url).status == 404
    assert api.introspect(token) == {"active": False}


def test_children_are_created_listed_found_and_ended(api: CheckedApi, customer: str) -> None:
    session, _ = api.create(customer)
    url = f"/sessions/{session['session_id']}/children"
    child, token = api.create_child(session["session_id"], data={"app": "mail"}, customer_id=customer)
    other, _ = api.create_child(session["session_id"])
    first = api.call("GET", f"{url}?limit=1").json
    assert first == {"children": [child], "cursor": child["child_session_id"]}
    assert api.call("GET", f"{url}?cursor={first['cursor']}").json == {"children": [other], "cursor": None}
    assert api.introspect(token) == {"active": True, "child": child}
    owner = f"/children/{child['child_session_id']}/session"
    assert api.call("GET", owner).json == session

    assert api.call("DELETE", f"{url}/{child['child_session_id']}").status == 204
    assert api.call("GET", url).json == {"children": [other], "cursor": None}
    assert api.call("GET", owner).status == 404
    assert api.introspect(token) == {"active": False}


def test_a_customers_sessions_are_listed_in_pages_newest_first(api: CheckedApi, customer: str) -> None:
    created = [api.create(customer)[0] for _ in range(3)]
    url = f"/customers/{customer}"
    first = api.call("GET", f"{url}/sessions?limit=2").json
    rest = api.call("GET", f"{url}/sessions?limit=2&cursor={first['cursor']}").json
    assert first["sessions"] + rest["sessions"] == created[::-1]
    assert api.call("GET", f"{url}/sessions/{created[0]['session_id']}").json == created[0]
    assert api.call("GET", f"/customers/another/sessions/{created[0]['session_id']}").status == 404
    assert api.call("GET", f"{url}/last-login").json == {
        "customer_id": customer,
        "last_login_time": created[2]["last_login_time"],
    }


CUSTOMER_IDS = {
    "e-mail address": "ana+test@example.com",
    "URN with slashes": "urn:example:a/b/c",
    "Japanese": "顧客/一",
    "percent-encoded text": "a%2Fb",
    "path of another customer's sessions": "ABC/sessions",
    "an identity provider's": "auth0|",
    "a guest's in Entra ID": GUEST,
    "SAML NameID": NAME_ID,
}


@pytest.mark.parametrize("name", CUSTOMER_IDS)
def test_any_customer_id_reaches_its_routes(api: CheckedApi, name: str) -> None:
    customer_id = f"{CUSTOMER_IDS[name]}{uuid.uuid4()}"
    url = f"/customers/{quote(encode_customer_id(customer_id))}"
    session, _ = api.create(customer_id)
    assert session["customer_id"] == customer_id
    assert api.call("GET", f"{url}/sessions").json["sessions"] == [session]
    assert api.call("GET", f"{url}/sessions/{session['session_id']}").json == session
    assert api.call("GET", f"{url}/last-login").json["customer_id"] == customer_id
    assert api.call("DELETE", f"{url}/sessions").json["expired"] == 1
    assert api.call("DELETE", url).json["purged"] == 1


def test_a_sign_in_that_is_sent_again_leaves_one_session(api: CheckedApi, customer: str) -> None:
    key = {"Idempotency-Key": f'"{uuid.uuid4()}"'}
    first, second = (api.call("POST", "/sessions", {"customer_id": customer}, headers=key) for _ in range(2))

    assert (first.status, second.status) == (201, 201)
    assert [api.introspect(each.json["token"])["active"] for each in (first, second)] == [False, True]
    assert api.call("POST", "/sessions", {"customer_id": customer, "client": "x"}, headers=key).status == 422


def test_no_other_spelling_of_a_customer_id_is_found(deployed: Deployed, api: CheckedApi, customer: str) -> None:
    _, token = api.create(customer)
    with_slash = f"company/{customer}"
    _, other = api.create(with_slash)
    for segment in (f"~{base64.urlsafe_b64encode(customer.encode()).decode().rstrip('=')}", quote(with_slash, safe="")):
        for method, tail in (("GET", "/last-login"), ("DELETE", "/sessions"), ("DELETE", "")):
            assert deployed.api.request(method, f"/customers/{segment}{tail}").status in {400, 404}

    assert [api.introspect(each, strict=True)["active"] for each in (token, other)] == [True, True]


def test_an_unsigned_call_is_refused(deployed: Deployed) -> None:
    unsigned = CheckedApi(deployed.url, None, has_gateways_answers=True)
    for route in BACKEND_ROUTES:
        url = route.path.format(session_id="x", child_session_id="y", customer_id="z")
        assert unsigned.call(route.method, url, {}).status == 403, route.key
