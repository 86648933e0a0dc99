"""Entry point of the function that API Gateway asks about an application's requests."""

from session_store.adapters.aws_lambda.authorizer import authorizer_handler

handler = authorizer_handler()
