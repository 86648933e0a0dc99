"""Entry point of the function behind POST /sessions/{session_id}/token."""

from session_store.api.dispatcher import lambda_handler
from session_store.api.token_dispatcher import TokenDispatcher
from session_store.catalog.functions import Function

handler = lambda_handler(Function.MINT, TokenDispatcher)
