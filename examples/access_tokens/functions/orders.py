"""The application's function: no request reaches it without a good access token."""

import json
from typing import Any

HEADERS = {"content-type": "application/json", "cache-control": "no-store"}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer with what the token says about the caller. The gateway passes every claim as text."""
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    body = {"customer_id": claims["sub"], "tier": claims.get("tier", "standard"), "orders": []}
    return {"statusCode": 200, "headers": HEADERS, "body": json.dumps(body)}
