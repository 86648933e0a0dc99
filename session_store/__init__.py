"""Sessions for serverless Python on DynamoDB.

from session_store import SessionStore

store = SessionStore("table")
created = store.create_session("customer-1", data={"cart": []})
session = store.validate(created.token)
"""

from session_store.errors import (
    ConflictError,
    DataTooLargeError,
    InvalidInputError,
    InvalidTokenError,
    OutcomeUnknownError,
    PreconditionFailedError,
    ReauthenticationRequiredError,
    Refusal,
    SessionNotFoundError,
    SessionStoreError,
    StoreConfigurationError,
    StoreUnavailableError,
    ThrottledError,
    TokenReuseError,
)
from session_store.events import Event, EventName
from session_store.model import (
    ChildSession,
    CreatedChildSession,
    CreatedSession,
    Expired,
    JSONObject,
    JSONValue,
    Purged,
    Rotation,
    Session,
    SessionPage,
    SessionState,
    Timeouts,
)
from session_store.store import SessionStore

__version__ = "0.1.0"

__all__ = [
    "ChildSession",
    "ConflictError",
    "CreatedChildSession",
    "CreatedSession",
    "DataTooLargeError",
    "Event",
    "EventName",
    "Expired",
    "InvalidInputError",
    "InvalidTokenError",
    "JSONObject",
    "JSONValue",
    "OutcomeUnknownError",
    "PreconditionFailedError",
    "Purged",
    "ReauthenticationRequiredError",
    "Refusal",
    "Rotation",
    "Session",
    "SessionNotFoundError",
    "SessionPage",
    "SessionState",
    "SessionStore",
    "SessionStoreError",
    "StoreConfigurationError",
    "StoreUnavailableError",
    "ThrottledError",
    "Timeouts",
    "TokenReuseError",
]
