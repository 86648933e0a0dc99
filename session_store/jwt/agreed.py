"""The agreement of issuers and verifiers: addresses, and algorithms."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from session_store.errors import InvalidInputError

Algorithm: TypeAlias = Literal["RS256", "ES256"]
ALGORITHMS: Final = ("RS256", "ES256")
DISCOVERY_PATH: Final = "/.well-known/openid-configuration"
MAX_LEEWAY: Final = timedelta(minutes=5)
"""How far the clocks of issuer and verifier may be apart at most."""
KEYS_PATH: Final = "/.well-known/jwks.json"
# Verifiers compare issuers as texts: no slash at the end, which some would add and others take away. Without TLS the
# network could send keys of its own, so `http` is for what does not leave the machine.
_HOST: Final = r"[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\]"
LOOPBACK: Final = r"([a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\]"
_ADDRESS: Final = re.compile(rf"(https://({_HOST})|http://({LOOPBACK}))(:\d{{1,5}})?(/[\w.~$-]+)*")
_MAX_CHARACTERS: Final = 255


def check_algorithm(name: str, value: str) -> None:
    """Refuse what is no algorithm of signatures that issuers and verifiers agree on.

    Raises:
        InvalidInputError: naming the argument.
    """
    if value not in ALGORITHMS:
        raise InvalidInputError(name, f"must be {' or '.join(ALGORITHMS)}", value=value)


def check_address(name: str, value: str) -> str:
    """Refuse what is not the `https` address of an issuer or a document, or `http` of this machine.

    Raises:
        InvalidInputError: naming the argument.
    """
    if not isinstance(value, str) or len(value) > _MAX_CHARACTERS or not _ADDRESS.fullmatch(value):
        problem = (
            "must be an address like https://api.example.com, http for localhost alone: "
            "host in lower case, no query, no slash at the end, at most 255 characters"
        )
        raise InvalidInputError(name, problem, value=value, confidential="@" in str(value))  # a password, perhaps
    return value
