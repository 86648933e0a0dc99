"""A stand-in for an identity provider. It believes every name, so no environment with real users gets it.

In your application this is where a password, a passkey or the answer of your identity provider is checked.
"""

from __future__ import annotations

from typing import Final

from session_store import checks
from session_store.errors import InvalidInputError

MAX_NAME_LENGTH: Final = checks.MAX_CUSTOMER_ID_CHARACTERS


class NotAuthenticatedError(Exception):
    """The authentication failed. The message tells the visitor why."""


def authenticate(user_name: str) -> str:
    """The customer id for a name: the name itself, unproved.

    Raises:
        NotAuthenticatedError: the name cannot be a customer id.
    """
    name = user_name.strip()
    if not name:
        raise NotAuthenticatedError("Enter a user name: any will do.")
    if len(name) > MAX_NAME_LENGTH:
        raise NotAuthenticatedError(f"Enter a user name of at most {MAX_NAME_LENGTH} characters.")
    try:
        return checks.check_customer_id(name)
    except InvalidInputError:
        raise NotAuthenticatedError("Use fewer or other characters: letters, digits, spaces and punctuation.") from None
