"""Sessions for serverless Python on DynamoDB.

from session_store import SessionStore

store = SessionStore("table")
created = store.create_session("customer-1", data={"cart": []})
session = store.validate(created.token)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from session_store.errors import (
    AnotherSessionError,
    ConflictError,
    CrossSiteRequestError,
    DataTooLargeError,
    IdempotencyKeyReusedError,
    InvalidInputError,
    InvalidTokenError,
    NoCurrentSessionError,
    OutcomeUnknownError,
    PreconditionFailedError,
    ProviderSessionEndedError,
    ReauthenticationRequiredError,
    Refusal,
    SessionNotFoundError,
    SessionRequiredError,
    SessionStoreError,
    StoreConfigurationError,
    StoreUnavailableError,
    ThrottledError,
    TokenReuseError,
    UnreadableDataError,
    UnsupportedEventError,
)
from session_store.incidents import Incident, IncidentName
from session_store.model import (
    ChildSession,
    ChildSessionPage,
    CreatedChildSession,
    CreatedSession,
    EndReason,
    Progress,
    Rotation,
    Session,
    SessionPage,
    SessionState,
    Timeouts,
    ValidatedSession,
)
from session_store.settings import SessionSettings, Transport

if TYPE_CHECKING:
    from session_store.api.paths import encode_customer_id
    from session_store.catalog.metrics import Metric
    from session_store.data.types import JSONObject
    from session_store.observing import Observation, Outcome
    from session_store.operations.provider_sessions import ProviderSession
    from session_store.store import SessionStore
else:
    _LOADED_LATER = {
        "JSONObject": "session_store.data.types",
        "Metric": "session_store.catalog.metrics",
        "Observation": "session_store.observing",
        "Outcome": "session_store.observing",
        "ProviderSession": "session_store.operations.provider_sessions",
        "SessionStore": "session_store.store",
        "encode_customer_id": "session_store.api.paths",
    }

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - any member
        """Load the store when it is first asked for: constructs, and code that only catches errors, need no SDK."""
        if name not in _LOADED_LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_LOADED_LATER[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__version__ = "0.1.0"

__all__ = [
    "AnotherSessionError",
    "ChildSession",
    "ChildSessionPage",
    "ConflictError",
    "CreatedChildSession",
    "CreatedSession",
    "CrossSiteRequestError",
    "DataTooLargeError",
    "EndReason",
    "IdempotencyKeyReusedError",
    "Incident",
    "IncidentName",
    "InvalidInputError",
    "InvalidTokenError",
    "JSONObject",
    "Metric",
    "NoCurrentSessionError",
    "Observation",
    "Outcome",
    "OutcomeUnknownError",
    "PreconditionFailedError",
    "Progress",
    "ProviderSession",
    "ProviderSessionEndedError",
    "ReauthenticationRequiredError",
    "Refusal",
    "Rotation",
    "Session",
    "SessionNotFoundError",
    "SessionPage",
    "SessionRequiredError",
    "SessionSettings",
    "SessionState",
    "SessionStore",
    "SessionStoreError",
    "StoreConfigurationError",
    "StoreUnavailableError",
    "ThrottledError",
    "Timeouts",
    "TokenReuseError",
    "Transport",
    "UnreadableDataError",
    "UnsupportedEventError",
    "ValidatedSession",
    "encode_customer_id",
]
