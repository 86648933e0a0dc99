"""What the tour changes in the table behind the functions' backs."""

from __future__ import annotations

import time
from typing import Any

from session_store.attribute_values import number, string
from session_store.items import customer_key, session_key

_AN_HOUR = 3600


def put_generation(client: Any, table_name: str, customer_id: str) -> None:
    """Raise a customer's generation, as an end-all does before it ends the sessions."""
    item = customer_key(customer_id) | {
        "entity_type": string("customer"),
        "customer_id": string(customer_id),
        "generation": number(int((time.time() + _AN_HOUR) * 1000)),
    }
    client.put_item(TableName=table_name, Item=item)


def make_refresh_due(client: Any, table_name: str, session_id: str, customer_id: str) -> None:
    """Move a session's last use far back."""
    client.update_item(
        TableName=table_name,
        Key=session_key(session_id, customer_id),
        UpdateExpression="SET last_seen_at = :long_ago",
        ExpressionAttributeValues={":long_ago": number(1)},
    )
