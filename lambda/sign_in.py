"""Entry point of the function behind the routes of a sign-in with an identity provider."""

from session_store.adapters.aws_lambda import environment
from session_store.oidc.handler import sign_in_handler_from_environment

handler = sign_in_handler_from_environment(store=environment.store())
