"""For code written for the package session-lambda: see `session_store.adapters.aws_lambda.session_lambda`."""

from session_store.adapters.aws_lambda.session_lambda import (
    SessionStoreNotSet,
    get_session_data,
    session,
    set_session_data,
)

__all__ = ["SessionStoreNotSet", "get_session_data", "session", "set_session_data"]
