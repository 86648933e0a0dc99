"""Checks of what an application says about its provider. Each raises `InvalidInputError`, which names the argument.

The constructs import them, so nothing here needs PyJWT.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from session_store import checks
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

DEFAULT_PREFIX: Final = "/auth"
DEFAULT_LEEWAY: Final = timedelta(seconds=30)
DEFAULT_LOGOUT_TOKEN_LIFE: Final = timedelta(minutes=2)
MAX_LOGOUT_TOKEN_LIFE: Final = timedelta(hours=1)
RESPONSE_MODES: Final = ("query", "form_post")
LOGOUTS: Final = ("standard", "cognito")
# With one separator, at the end, no prefix begins another one: two issuers' users never meet in one id.
_PREFIX: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}[:|]")
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")
_APPLE_ID: Final = re.compile(r"[A-Za-z0-9]{10}")
# As Secrets Manager takes names and ARNs.
_SECRET_ID: Final = re.compile(r"[\w/+=.@:-]{1,640}", re.ASCII)
_OWN_PARAMETERS: Final = frozenset(
    {
        *("response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "request"),
        *("request_uri", "code_challenge", "code_challenge_method", "max_age", "acr_values"),
    }
)


def check_prefix(value: str) -> str:
    """The beginning of the customer ids of an issuer."""
    if not isinstance(value, str) or not _PREFIX.fullmatch(value):
        problem = "must be 1 to 64 of A-Z a-z 0-9 . _ ~ - and then : or |, another one for each issuer"
        raise InvalidInputError("customer_prefix", problem, value=value)
    return value


def check_apple_id(name: str, value: str) -> str:
    """The id of a team, or of a key, in Apple's developer account."""
    if not isinstance(value, str) or not _APPLE_ID.fullmatch(value):
        raise InvalidInputError(name, "must be Apple's id of 10 letters and digits", value=value)
    return value


def check_secret_id(name: str, value: str) -> str:
    """The name or the ARN of a secret in Secrets Manager."""
    if not isinstance(value, str) or not _SECRET_ID.fullmatch(value):
        raise InvalidInputError(name, "must be the name or the ARN of a secret", value=value, confidential=True)
    return value


def check_kept_claims(value: Collection[str]) -> tuple[str, ...]:
    """Names of claims, which become keys of a session's data."""
    names = checks.check_names("kept_claims", value)
    checks.check_no_reserved_key("kept_claims", names)
    return names


def scope_of(scopes: Collection[str]) -> str:
    """The scopes as a request has them."""
    names = checks.check_names("scopes", scopes)
    if not all(map(_SCOPE.fullmatch, names)):
        raise InvalidInputError("scopes", "must be names without spaces", value=names)
    return " ".join(dict.fromkeys(("openid", *names)))


def check_choice(name: str, value: Any, allowed: tuple[str, ...]) -> Any:  # noqa: ANN401 - one of them
    """One of a few texts."""
    if value not in allowed:
        raise InvalidInputError(name, f"must be {' or '.join(allowed)}", value=value)
    return value


def check_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """Further parameters of each authorization request."""
    for name, value in parameters.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise InvalidInputError("authorization_parameters", "must be texts by name", value=name)
        if name in _OWN_PARAMETERS:
            problem = "must leave out what the sign-in itself says"
            raise InvalidInputError("authorization_parameters", problem, value=name)
    return dict(parameters)
