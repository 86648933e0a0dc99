"""Sessions for serverless Python on DynamoDB.

from session_store import SessionStore

store = SessionStore("table")
created = store.create_session("customer-1", data={"cart": []})
session = store.validate(created.token)
"""

from typing import TYPE_CHECKING

from session_store.data.types import JSONObject
from session_store.errors import (
    ConflictError,
    CrossSiteRequestError,
    DataTooLargeError,
    InvalidInputError,
    InvalidTokenError,
    NoCurrentSessionError,
    OutcomeUnknownError,
    PreconditionFailedError,
    ReauthenticationRequiredError,
    Refusal,
    SessionNotFoundError,
    SessionRequiredError,
    SessionStoreError,
    StoreConfigurationError,
    StoreUnavailableError,
    ThrottledError,
    TokenReuseError,
    UnsupportedEventError,
)
from session_store.incidents import Incident, IncidentName
from session_store.model import (
    ChildSession,
    CreatedChildSession,
    CreatedSession,
    Progress,
    Rotation,
    Session,
    SessionPage,
    SessionState,
    Timeouts,
)

if TYPE_CHECKING:
    from session_store.store import SessionStore
else:

    def __getattr__(name: str) -> type:
        """Load the store when it is first asked for: the constructs, and whoever only catches errors, need no SDK."""
        if name != "SessionStore":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from session_store.store import SessionStore  # noqa: PLC0415 - that is the point

        return SessionStore

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__version__ = "0.1.0"

__all__ = [
    "ChildSession",
    "ConflictError",
    "CreatedChildSession",
    "CreatedSession",
    "CrossSiteRequestError",
    "DataTooLargeError",
    "Incident",
    "IncidentName",
    "InvalidInputError",
    "InvalidTokenError",
    "JSONObject",
    "NoCurrentSessionError",
    "OutcomeUnknownError",
    "PreconditionFailedError",
    "Progress",
    "ReauthenticationRequiredError",
    "Refusal",
    "Rotation",
    "Session",
    "SessionNotFoundError",
    "SessionPage",
    "SessionRequiredError",
    "SessionState",
    "SessionStore",
    "SessionStoreError",
    "StoreConfigurationError",
    "StoreUnavailableError",
    "ThrottledError",
    "Timeouts",
    "TokenReuseError",
    "UnsupportedEventError",
]
