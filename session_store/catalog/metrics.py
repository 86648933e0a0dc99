"""The metrics that functions write into their logs, and observers get as counts: each name once, with its meaning.

The dashboard, `session-store watch` and the table in the documents read them from here. The names of incidents are
metrics, too, and those of `object_metrics`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from session_store.model import EndReason

NAMESPACE: Final = "SessionStore"
DIMENSION: Final = "TableName"
"""The one dimension: an alarm covers all functions on a table."""


class Metric(StrEnum):
    """Something that is counted. The value is the metric's name."""

    CREATED = "Created"
    """Sessions that were started, visitors' included."""
    CHILD_CREATED = "ChildCreated"
    """Child sessions that were started."""
    VALIDATED = "Validated"
    """Validations that found a live session."""
    VALIDATION_REFUSED = "ValidationRefused"
    """Validations that refused a token. The line's `refusal` says why."""
    REFRESHED = "Refreshed"
    """Sessions that activity has extended, at most every 5 minutes each."""
    ROTATED = "Rotated"
    """New tokens that were used for the first time."""
    ENDED = "Ended"
    """Sessions that were ended, for any of the seven reasons below. One that expires is not counted."""
    ENDED_SIGNED_OUT = "EndedSignedOut"
    """Those that their users ended."""
    ENDED_REPLACED = "EndedReplaced"
    """Those that a sign-in replaced."""
    ENDED_OPERATOR = "EndedOperator"
    """Those that an operator ended, or a back end that says so."""
    ENDED_ALL_ENDED = "EndedAllEnded"
    """Those that were ended with all of their customer's."""
    ENDED_SESSION_LIMIT = "EndedSessionLimit"
    """Those that a sign-in ended because of `max_sessions_per_customer`."""
    ENDED_PROVIDER = "EndedProviderLogout"
    """Those whose customer an identity provider has signed out."""
    ENDED_THEFT = "EndedTheft"
    """Those of which a token was stolen."""
    CHILD_ENDED = "ChildEnded"
    """Child sessions that were ended by themselves, not with their session."""
    CONFLICTS = "Conflicts"
    """Calls that failed because others had changed the same."""
    RETRIES = "Retries"
    """Requests to DynamoDB that were sent again after a fault, or for the rest of a batch."""
    TRANSPORT_LEFT = "TransportLeft"
    """Replies in a form that the library's own transport does not read. The process goes on with botocore."""
    READ_UNITS = "ReadUnits"
    """Read request units, of table and index."""
    WRITE_UNITS = "WriteUnits"
    """Write request units, of table and index."""
    CACHE_HITS = "ValidationCacheHits"
    """Validations that the cache answered."""
    CACHE_MISSES = "ValidationCacheMisses"
    """Validations that asked the table, where the cache might have answered."""
    CACHE_FAULTS = "ValidationCacheFaults"
    """Calls of the cache that failed, and entries in it that the library did not make."""
    THROTTLED = "Throttled"
    """Requests that got 503 because the table, S3 or KMS throttled."""
    UNAVAILABLE = "Unavailable"
    """Requests that got 503 because DynamoDB, S3 or KMS failed."""
    FAILED = "Failed"
    """Requests that failed by a wrong configuration, data that cannot be read, or our error."""
    LIFECYCLE_EVENTS = "LifecycleEvents"
    """Lifecycle events that the event bus has accepted."""
    CHANGES_PARKED = "ChangesParked"
    """Changes of the table that gave no event, and are in the parking queue."""
    CHANGES_UNDONE = "ChangesUndone"
    """Changes of the table that come again, because the event bus, the queue or S3 did not take what they need."""

    @classmethod
    def of_end(cls, reason: EndReason) -> Metric:
        """The metric of the sessions that end for a reason."""
        return cls[f"ENDED_{reason.name}"]
