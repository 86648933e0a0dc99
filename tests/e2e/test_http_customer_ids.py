"""Customer ids in paths, through a gateway that decodes them."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest

from session_store.api.paths import encode_customer_id
from tests.support.checked_api import CheckedApi
from tests.support.deployed import Deployed

CUSTOMER_IDS = {
    "e-mail address": "ana+test@example.com",
    "URN with slashes": "urn:example:a/b/c",
    "Japanese": "顧客/一",
    "percent-encoded text": "a%2Fb",
}


@pytest.mark.parametrize("encode", [lambda it: quote(it, safe=""), encode_customer_id], ids=["percent", "base64url"])
@pytest.mark.parametrize("name", CUSTOMER_IDS)
def test_any_customer_id_reaches_its_routes(deployed: Deployed, name: str, encode: object) -> None:
    customer_id = f"{CUSTOMER_IDS[name]}{uuid.uuid4()}"
    assert callable(encode)
    url = f"/customers/{encode(customer_id)}"
    api = CheckedApi(deployed.api)
    session, _ = api.create(customer_id)
    assert session["customer_id"] == customer_id
    assert api.call("GET", f"{url}/sessions").json["sessions"] == [session]
    assert api.call("GET", f"{url}/sessions/{session['session_id']}").json == session
    assert api.call("GET", f"{url}/last-login").json["customer_id"] == customer_id
    assert api.call("DELETE", f"{url}/sessions").json["expired"] == 1
    assert api.call("DELETE", url).json["purged"] == 1


def test_the_base64url_form_reaches_an_id_that_looks_like_a_route(deployed: Deployed) -> None:
    api = CheckedApi(deployed.api)
    victim = f"victim-{uuid.uuid4()}"
    _, token = api.create(victim)
    api.create(f"{victim}/sessions")
    assert api.call("DELETE", f"/customers/{encode_customer_id(f'{victim}/sessions')}/sessions").json["expired"] == 1
    assert api.introspect(token, strict=True)["active"] is True
