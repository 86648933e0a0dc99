"""Entry point of the function behind the user routes of one session."""

from session_store.api.dispatcher import lambda_handler
from session_store.api.user_dispatcher import UserDispatcher
from session_store.catalog.functions import Function

handler = lambda_handler(Function.USER_SESSION, UserDispatcher)
