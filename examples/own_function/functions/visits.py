"""Your own function, which keeps its visitors' sessions."""

import json
from typing import Any

from session_store import SessionStore
from session_store.web import current_session, session

store = SessionStore.from_environment()  # set by `table.connect`


@session(store=store)
def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Count the visits of each visitor."""
    return {"statusCode": 200, "body": json.dumps({"visits": current_session().increment("visits")})}
