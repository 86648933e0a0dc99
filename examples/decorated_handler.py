"""A Lambda function behind an HTTP API with sessions in a cookie: count visits, sign in, sign out.

The function needs the table's name and rules (`service.table.connect(function, service.settings)`) and, on the table,
`grant_validate` (reading), `grant_create_session` (a visitor's first data), `grant_update_data`, `grant_increment`,
`grant_sign_in` and `grant_end_session` (signing out).
"""

from __future__ import annotations

import json
from typing import Any

from session_store import SessionStore
from session_store.web import client_of, current_session, session

store = SessionStore.from_environment()  # when the function starts, not in the first request


@session(store=store)
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer one request."""
    page = PAGES.get(event["routeKey"])
    return page(event) if page else answer(404, {"message": "there is no such page"})


def show(_event: dict[str, Any]) -> dict[str, Any]:
    """GET /: count the visit. Two quick reloads both count."""
    visitor = current_session()
    visits = visitor.increment("visits")
    return answer(200, {"visits": visits, "customer": visitor.customer_id, "cart": visitor.get("cart", [])})


def add_to_cart(event: dict[str, Any]) -> dict[str, Any]:
    """POST /cart: change a list inside the data. It is saved after the handler returns."""
    current_session().setdefault("cart", []).append(json.loads(event["body"])["item"])
    return answer(200, {"cart": current_session()["cart"]})


def sign_in(event: dict[str, Any]) -> dict[str, Any]:
    """POST /sign-in: start a new session, with the visitor's cart."""
    customer_id = check_password(json.loads(event["body"]))
    if customer_id is None:
        return answer(401, {"message": "wrong name or password"})
    current_session().sign_in(customer_id, carry_data=True, client=client_of(event))
    return answer(200, {"customer": customer_id})


def sign_out(_event: dict[str, Any]) -> dict[str, Any]:
    """POST /sign-out: end the session at once."""
    current_session().sign_out()
    return answer(200, {"message": "good bye"})


def check_password(form: dict[str, str]) -> str | None:
    """Stands for your identity provider."""
    return form["name"] if form.get("password") == "correct horse" else None


def answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """JSON. The decorator adds the cookie and keeps the response out of caches."""
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


PAGES = {"GET /": show, "POST /cart": add_to_cart, "POST /sign-in": sign_in, "POST /sign-out": sign_out}
