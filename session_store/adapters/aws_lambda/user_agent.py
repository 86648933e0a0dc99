"""What a request says of the device or browser that it comes from, fit to be shown to its user."""

from __future__ import annotations

from session_store.checks import MAX_CLIENT_CHARACTERS
from session_store.errors import conceal_tokens
from session_store.kernel.request import Request


def client_of(event: object) -> str | None:
    """A request's `User-Agent`, as `sign_in` and `create_session` take it for `client`; None when it has none.

    Clients send whatever they like: what cannot be printed becomes a space (control characters, lone surrogates, marks
    that turn the direction of text), a token is left out, and the rest is cut to 512 characters. It is still the
    client's own word: escape it where it is shown, and never decide by it.

    Raises:
        UnsupportedEventError: the request came in a form that is not supported.
    """
    said = Request.from_event(event).headers.get("user-agent", "")
    printable = "".join(character if character.isprintable() else " " for character in said)
    return conceal_tokens(" ".join(printable.split()))[:MAX_CLIENT_CHARACTERS].rstrip() or None
