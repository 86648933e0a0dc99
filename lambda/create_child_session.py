"""Entry point of the function behind POST /sessions/{session_id}/children."""

from session_store.api.backend_dispatcher import BackendDispatcher
from session_store.api.dispatcher import lambda_handler
from session_store.catalog.functions import Function

handler = lambda_handler(Function.CREATE_CHILD, BackendDispatcher)
