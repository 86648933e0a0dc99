"""Entry point of the function behind the user routes of all of a customer's sessions."""

from session_store.http.routes import Function
from session_store.web.user_routes import lambda_handler

handler = lambda_handler(Function.USER_SESSIONS)
