"""A Lambda function behind an HTTP API that keeps a counter in the caller's session, with the library alone."""

from __future__ import annotations

import json
from typing import Any

from session_store import ConflictError, InvalidTokenError, SessionStore, StoreUnavailableError

store = SessionStore.from_environment()  # once per container, not once per call


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Count the visit of a caller with a good token."""
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    try:
        session = store.validate(token if scheme.lower() == "bearer" else "")
        session = store.increment(session, "visits")
    except InvalidTokenError:
        return _answer(401, {"message": "sign in"})  # the client need not know why
    except (StoreUnavailableError, ConflictError):
        return _answer(503, {"message": "try again"})  # a fault is never "signed in", nor a fresh session
    return _answer(200, {"customer_id": session.customer_id, "visits": session.data["visits"]})


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
