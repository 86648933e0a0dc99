"""Checks of what an application says about its provider. Each raises `InvalidInputError`, which names the argument."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from session_store import checks
from session_store.errors import InvalidInputError
from session_store.oidc.apple import AppleClientSecret

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

# With one separator, at the end, no prefix begins another one: two issuers' users never meet in one id.
_PREFIX: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}[:|]")
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")
_OWN_PARAMETERS: Final = frozenset(
    {
        *("response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "request"),
        *("request_uri", "code_challenge", "code_challenge_method", "max_age", "acr_values"),
    }
)


def cookie_secret_of(own: Callable[[], str] | None, client_secret: Callable[[], str] | None) -> Callable[[], str]:
    """The text that seals the cookies of attempts: the application's own, or else the client's secret."""
    if own is not None:
        return checks.check_function("cookie_secret", own)
    if isinstance(client_secret, AppleClientSecret):  # the secret itself changes every few minutes
        return client_secret.private_key
    if client_secret is None:
        raise InvalidInputError("cookie_secret", "must be given where client_secret is not")
    return client_secret


def check_prefix(value: str) -> str:
    """What the customer ids of an issuer begin with."""
    if not isinstance(value, str) or not _PREFIX.fullmatch(value):
        problem = "must be 1 to 64 of A-Z a-z 0-9 . _ ~ - and then : or |, another one for each issuer"
        raise InvalidInputError("customer_prefix", problem, value=value)
    return value


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
    for name in parameters:
        if name in _OWN_PARAMETERS:
            problem = "must leave out what the sign-in itself says"
            raise InvalidInputError("authorization_parameters", problem, value=name)
    return dict(parameters)
