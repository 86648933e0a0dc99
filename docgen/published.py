"""The published schema for session management: the operation that it names for each of its access patterns.

From aws-samples/aws-dynamodb-examples, `schema_design/SchemaExamples/SessionManagement`, read at commit f215ac6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOURCE: Final = (
    "https://github.com/aws-samples/aws-dynamodb-examples/blob/"
    "f215ac6649ba5fc92cbe801b82467db9a0b67459/schema_design/SchemaExamples/SessionManagement/README.md"
)
_TABLE: Final = "table"
_INDEX: Final = "index"

LAST_LOGIN: Final = (
    "**Last login.** The published ids are random, so the index does not sort a customer's sessions by time. The query "
    "returns the session with the smallest id, which may be an old one. Here ids are UUIDv7 and sort by time, and the "
    "query reads backwards: the first entry is the newest sign-in."
)
LIMIT: Final = (
    "**Limit 1.** The published schema adds the limit because an index may hold the same key values more than once. In "
    "this index no two entries share both keys, because it swaps the keys of the table. A customer has one entry for "
    "each session. The limit keeps the query from reading all of them, and it is right only with the order above."
)


@dataclass(frozen=True, slots=True)
class Published:
    """One row of the published table.

    Attributes:
        operation: of DynamoDB.
        target: the table or its index.
        keys: the conditions on the keys, with the attributes' names.
        note: where this project differs, and why.
    """

    operation: str
    target: str
    keys: str
    note: str = ""


PUBLISHED: Final = {
    "createSession": Published(
        "PutItem",
        _TABLE,
        "`PK` = session id, `SK` = customer id",
        "The write here has a condition, so that it never replaces a session.",
    ),
    "getSessionBySessionId": Published(
        "GetItem",
        _TABLE,
        "`PK` = session id, `SK` = customer id",
        "A GetItem needs both keys. A caller that knows the session id alone gets a Query here.",
    ),
    "expireSession": Published(
        "DeleteItem",
        _TABLE,
        "`PK` = session id, `SK` = customer id",
        "A late write brings a deleted row back. Here the row stays as a tombstone, and every write has a condition.",
    ),
    "getChildSessionsBySessionId": Published(
        "Query",
        _TABLE,
        "`PK` = session id, `SK` begins with `child#`",
        "Here the query reads the session's state, too.",
    ),
    "getSessionByChildSessionId": Published(
        "Query",
        _INDEX,
        "`SK` = child session id, and `SK` begins with `child#`",
        "A Query takes the partition key of an index by equality alone, so the second condition is left out here.",
    ),
    "getLastLoginTimeByCustomerId": Published(
        "Query", _INDEX, "`SK` = customer id, Limit 1", f"{LAST_LOGIN}\n\n{LIMIT}"
    ),
    "getSessionIdByCustomerId": Published(
        "Query",
        _INDEX,
        "`SK` = customer id, `PK` = session id",
        "Both keys are known, so a strongly consistent GetItem on the table does. The index may lag.",
    ),
    "getSessionsByCustomerId": Published(
        "Query",
        _INDEX,
        "`SK` = customer id",
        "The index may lag. Here every session that it shows is read from the table before it is listed.",
    ),
}
