"""A Lambda function behind an HTTP API that counts in the caller's session. It uses only the library."""

from __future__ import annotations

import json
from typing import Any

from session_store import ConflictError, InvalidTokenError, SessionStore, StoreUnavailableError

store = SessionStore.from_environment()  # once per container, not once per call


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Count the visit of a caller with a valid token."""
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    try:
        session = store.validate(token if scheme.lower() == "bearer" else "")
        session = store.increment(session, "visits")
    except InvalidTokenError:
        return _answer(401, {"message": "sign in"})  # the client does not learn why
    except (StoreUnavailableError, ConflictError):
        return _answer(503, {"message": "try again"})  # a fault never signs in, and starts no session
    return _answer(200, {"customer_id": session.customer_id, "visits": session.data["visits"]})


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
