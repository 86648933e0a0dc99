"""The description of a device or browser in a request, fit to be shown to its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.checks import MAX_CLIENT_CHARACTERS
from session_store.errors import conceal_tokens

if TYPE_CHECKING:
    from session_store.kernel.request import Request


def client_of_request(request: Request) -> str | None:
    """A request's `User-Agent`, as `sign_in` and `create_session` take it for `client`, None when it has none.

    Clients send all kinds of text. Characters that cannot be printed become spaces (control characters, lone
    surrogates, marks that turn the direction of text), a token is left out, and the rest is cut to 512 characters. It
    is still the client's own word. Escape it where it is shown, and never decide by it.
    """
    said = request.headers.get("user-agent", "")
    printable = "".join(character if character.isprintable() else " " for character in said)
    return conceal_tokens(" ".join(printable.split()))[:MAX_CLIENT_CHARACTERS].rstrip() or None
