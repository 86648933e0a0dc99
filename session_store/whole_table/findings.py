"""The things that a verification can find, and what becomes of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """A kind of finding. The value is its name in output."""

    UNREADABLE = "unreadable"
    NO_TTL = "no-ttl"
    LEFTOVERS = "leftovers"
    EARLY_TTL = "early-ttl"
    NO_ROOT = "no-root"
    ROOT_GOES_FIRST = "root-goes-first"
    NO_CUSTOMER = "no-customer"
    REVOKED = "revoked"
    CUSTOMER_GOES_FIRST = "customer-goes-first"
    FROM_THE_FUTURE = "from-the-future"
    NO_OBJECT = "no-object"
    UNUSED_OBJECT = "unused-object"
    NO_INDEX = "no-index"
    NOT_IN_INDEX = "not-in-index"
    INDEX_ALONE = "index-alone"
    INDEX_DIFFERS = "index-differs"


class Meaning(NamedTuple):
    """The meaning of a kind.

    Attributes:
        text: the fault.
        repair: what `--fix` does, empty where it does nothing.
        advice: what to do where it does nothing.
    """

    text: str
    repair: str = ""
    advice: str = ""


_REBUILD: Final = "wait a minute and verify again; if it stays, export, and import into a new table"
MEANINGS: Final = {
    Kind.UNREADABLE: Meaning(
        "the row is none of this version's, and counts as ended",
        advice="a newer version may have written it; erasing its customer deletes it",
    ),
    Kind.NO_TTL: Meaning("the row has no TTL, so that it stays for ever and counts as ended", "ends it, with a TTL"),
    Kind.LEFTOVERS: Meaning("the session has ended, and its row has more than a tombstone's", "removes the rest"),
    Kind.EARLY_TTL: Meaning("DynamoDB would delete the row while the session is alive", "moves the TTL"),
    Kind.NO_ROOT: Meaning("a child session without its root: nothing finds it, not even an erasure", "deletes the row"),
    Kind.ROOT_GOES_FIRST: Meaning("the root's row would go before its child's", "moves the root's TTL"),
    Kind.NO_CUSTOMER: Meaning("the session began under a row of its customer that is gone, and is refused", "ends it"),
    Kind.REVOKED: Meaning("an end of all sessions did not reach it, and it is refused", "ends it"),
    Kind.CUSTOMER_GOES_FIRST: Meaning(
        "the customer's row would go before the session ends, which would end it", "moves the row's TTL"
    ),
    Kind.FROM_THE_FUTURE: Meaning(
        "the customer's generation is in the future: all the sessions are refused",
        advice="the customer's next sign-in makes a new row",
    ),
    Kind.NO_OBJECT: Meaning(
        "the session's data is an object that is gone, and cannot be read", advice="end the session"
    ),
    Kind.UNUSED_OBJECT: Meaning("an object of large data that no row points to", "deletes it"),
    Kind.NO_INDEX: Meaning(
        "the table's index is missing or has other attributes", advice="deploy the table as the constructs make it"
    ),
    Kind.NOT_IN_INDEX: Meaning("the index does not have the row", advice=_REBUILD),
    Kind.INDEX_ALONE: Meaning("the index has a row that the table does not have", advice=_REBUILD),
    Kind.INDEX_DIFFERS: Meaning("the index has other attributes of the row than the table", advice=_REBUILD),
}


class Finding(NamedTuple):
    """A fault of one row, or of the table.

    Attributes:
        kind: of fault.
        partition_key: of the row, the key of an object, or empty for the table.
        sort_key: of the row, else empty.
        detail: more, without any value of the row.
        fixed: whether it was repaired, None when that was not tried.
    """

    kind: Kind
    partition_key: str = ""
    sort_key: str = ""
    detail: str = ""
    fixed: bool | None = None
