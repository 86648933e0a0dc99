"""Entry point of the function that API Gateway asks about an application's requests."""

from session_store.web.authorizer import authorizer_handler

handler = authorizer_handler()
