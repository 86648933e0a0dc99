"""A deny list, for services that cannot wait until an ended session's tokens have run out.

EventBridge calls `handler` for each `session.ended`. Services ask `is_denied` after `verify`. An entry is needed no
longer than a token is good, so the list stays short.
"""

import os
import time
from typing import Any

import boto3

from session_store.events import SessionEnded, read_event

TABLE = os.environ.get("DENIED_TABLE", "denied-sessions")  # its key is `session_id`, its TTL attribute `ttl`
LONGEST = 5 * 60 + 60  # the issuer's `ttl`, and how far clocks may be apart, in seconds


def handler(event: dict[str, Any], _context: object) -> None:
    """Remember an ended session. A repeated event changes nothing."""
    match read_event(event):
        case SessionEnded(session_id=session_id):
            item = {"session_id": {"S": session_id}, "ttl": {"N": str(int(time.time()) + LONGEST)}}
            boto3.client("dynamodb").put_item(TableName=TABLE, Item=item)


def is_denied(session_id: str) -> bool:
    """Whether the session of a verified token has ended. It takes about a second until that is known."""
    key = {"session_id": {"S": session_id}}
    return "Item" in boto3.client("dynamodb").get_item(TableName=TABLE, Key=key, ConsistentRead=True)
