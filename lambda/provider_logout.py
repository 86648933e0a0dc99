"""Entry point of the function behind POST /auth/backchannel-logout."""

from session_store.adapters.aws_lambda import environment
from session_store.oidc.logout_handler import backchannel_logout_handler
from session_store.oidc.logouts import LogoutVerifier

handler = backchannel_logout_handler(LogoutVerifier.from_environment(), store=environment.store())
