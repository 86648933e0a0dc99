"""Entry point of the function behind POST /session/token."""

from session_store.api.dispatcher import lambda_handler
from session_store.api.user_token_dispatcher import UserTokenDispatcher
from session_store.catalog.functions import Function

handler = lambda_handler(Function.USER_MINT, UserTokenDispatcher)
