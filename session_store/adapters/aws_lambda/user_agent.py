"""The client's description, from a function's event."""

from __future__ import annotations

from session_store.adapters.aws_lambda.events import request_of
from session_store.kernel.user_agent import client_of_request


def client_of(event: object) -> str | None:
    """A request's `User-Agent`, as `sign_in` and `create_session` take it for `client`, None when it has none.

    Clients send all kinds of text. Characters that cannot be printed become spaces (control characters, lone
    surrogates, marks that turn the direction of text), a token is left out, and the rest is cut to 512 characters. It
    is still the client's own word. Escape it where it is shown, and never decide by it.

    Raises:
        UnsupportedEventError: the event is no request, or one in a form that is not supported.
    """
    return client_of_request(request_of(event))
