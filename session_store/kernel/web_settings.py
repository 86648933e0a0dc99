"""Settings of the user routes and of the authorizer, which travel from the constructs to the functions.

Beside `session_store.settings`: `session_store.cdk` writes them with `environment`, the functions read them with
`from_environment`. Both sides check them.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from session_store import checks
from session_store.errors import InvalidInputError
from session_store.settings import naming_variables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ALLOWED_ORIGINS: Final = "SESSION_ALLOWED_ORIGINS"  # JSON array
MAX_AUTH_AGE: Final = "SESSION_MAX_AUTH_AGE"  # seconds
DATA_KEYS: Final = "SESSION_DATA_KEYS"  # JSON array
MAX_DATA_BYTES: Final = "SESSION_MAX_DATA_BYTES"
CONTEXT_DATA_KEYS: Final = "SESSION_CONTEXT_DATA_KEYS"  # JSON array
STRICT: Final = "SESSION_STRICT"  # JSON boolean
BEARER_ONLY: Final = "SESSION_BEARER_ONLY"  # JSON boolean
ALLOW_ANONYMOUS: Final = "SESSION_ALLOW_ANONYMOUS"  # JSON boolean
_VARIABLES: Final = {
    "allowed_origins": ALLOWED_ORIGINS,
    "max_auth_age": MAX_AUTH_AGE,
    "data_keys": DATA_KEYS,
    "max_data_bytes": MAX_DATA_BYTES,
    "context_data_keys": CONTEXT_DATA_KEYS,
    "strict": STRICT,
    "bearer_only": BEARER_ONLY,
    "allow_anonymous": ALLOW_ANONYMOUS,
}

DEFAULT_MAX_AUTH_AGE: Final = timedelta(minutes=15)
DEFAULT_MAX_DATA_BYTES: Final = 16 * 1024
# What the authorizer passes on by itself: a data key of the same name would be taken for it.
CONTEXT_KEYS: Final = ("session_id", "customer_id")
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRouteSettings:
    """The rules of the user routes.

    Attributes:
        allowed_origins: origins whose pages may change state with the cookie, beside the API's own.
        max_auth_age: how old a sign-in may be to end other sessions.
        data_keys: the top-level keys of a session's data that its user sees and changes; the others are the back
            end's.
        max_data_bytes: how much the user may keep under these keys, as compact JSON text in UTF-8.

    Raises:
        InvalidInputError: a value is out of range or malformed.
    """

    allowed_origins: tuple[str, ...] = ()
    max_auth_age: timedelta = DEFAULT_MAX_AUTH_AGE
    data_keys: tuple[str, ...] = ()
    max_data_bytes: int = DEFAULT_MAX_DATA_BYTES

    def __post_init__(self) -> None:
        check_origins(self.allowed_origins)
        checks.check_max_auth_age(self.max_auth_age)
        checks.check_names("data_keys", self.data_keys)
        checks.check_max_data_bytes(self.max_data_bytes)

    def environment(self) -> dict[str, str]:
        """The settings as environment variables."""
        return {
            ALLOWED_ORIGINS: json.dumps(self.allowed_origins),
            MAX_AUTH_AGE: json.dumps(self.max_auth_age // timedelta(seconds=1)),
            DATA_KEYS: json.dumps(self.data_keys),
            MAX_DATA_BYTES: json.dumps(self.max_data_bytes),
        }

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> UserRouteSettings:
        """Read what `environment` wrote; what is not set has its default.

        Raises:
            StoreConfigurationError: a variable, which the message names, is malformed or out of range.
        """
        with naming_variables(_VARIABLES):
            return cls(
                allowed_origins=_read(environment, "allowed_origins", ()),
                max_auth_age=_duration(_read(environment, "max_auth_age", DEFAULT_MAX_AUTH_AGE.total_seconds())),
                data_keys=_read(environment, "data_keys", ()),
                max_data_bytes=_read(environment, "max_data_bytes", DEFAULT_MAX_DATA_BYTES),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizerSettings:
    """The rules of the authorizer.

    Attributes:
        allowed_origins: origins whose pages may change state with the cookie, beside the API's own.
        context_data_keys: the top-level keys of a session's data that are passed on to the application.
        strict: see `SessionStore.validate`.
        bearer_only: whether the cookie does not count.
        allow_anonymous: whether a visitor's session will do, which nobody is signed in to.

    Raises:
        InvalidInputError: a value is malformed.
    """

    allowed_origins: tuple[str, ...] = ()
    context_data_keys: tuple[str, ...] = ()
    strict: bool = False
    bearer_only: bool = False
    allow_anonymous: bool = False

    def __post_init__(self) -> None:
        check_origins(self.allowed_origins)
        checks.check_names("context_data_keys", self.context_data_keys)
        checks.check_flag("strict", self.strict)
        checks.check_flag("bearer_only", self.bearer_only)
        checks.check_flag("allow_anonymous", self.allow_anonymous)
        for key in CONTEXT_KEYS:
            if key in self.context_data_keys:
                raise InvalidInputError("context_data_keys", f"must not contain {', '.join(CONTEXT_KEYS)}", value=key)

    def environment(self) -> dict[str, str]:
        """The settings as environment variables."""
        return {
            ALLOWED_ORIGINS: json.dumps(self.allowed_origins),
            CONTEXT_DATA_KEYS: json.dumps(self.context_data_keys),
            STRICT: json.dumps(self.strict),
            BEARER_ONLY: json.dumps(self.bearer_only),
            ALLOW_ANONYMOUS: json.dumps(self.allow_anonymous),
        }

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> AuthorizerSettings:
        """Read what `environment` wrote; what is not set has its default.

        Raises:
            StoreConfigurationError: a variable, which the message names, is malformed.
        """
        with naming_variables(_VARIABLES):
            return cls(
                allowed_origins=_read(environment, "allowed_origins", ()),
                context_data_keys=_read(environment, "context_data_keys", ()),
                strict=_read(environment, "strict", default=False),
                bearer_only=_read(environment, "bearer_only", default=False),
                allow_anonymous=_read(environment, "allow_anonymous", default=False),
            )


def check_origins(origins: Collection[str]) -> tuple[str, ...]:
    """Refuse what is not an origin as browsers send it: scheme, host in lower case, port if it is not the default.

    Raises:
        InvalidInputError: naming the first that is not one.
    """
    checked = checks.check_names("allowed_origins", origins)
    for origin in checked:
        if not _ORIGIN.fullmatch(origin):
            problem = "must be origins like https://app.example.com: no path, no slash at the end, no wildcard"
            raise InvalidInputError("allowed_origins", problem, value=origin)
    return checked


def _read(environment: Mapping[str, str], field: str, default: Any) -> Any:  # noqa: ANN401 - any setting's
    """A setting as it was written; its class checks it."""
    text = environment.get(_VARIABLES[field])
    if not text:
        return default
    try:
        value = json.loads(text)
    except ValueError:
        raise InvalidInputError(field, "must be JSON", value=text) from None
    if isinstance(value, dict):  # its keys would pass for a list of names
        raise InvalidInputError(field, "must not be a JSON object", value=text)
    return tuple(value) if isinstance(value, list) else value


def _duration(seconds: Any) -> timedelta:  # noqa: ANN401 - what somebody has written
    try:
        return timedelta(seconds=seconds)
    except (TypeError, ValueError, OverflowError):  # ValueError: of NaN, which Python's JSON has
        raise InvalidInputError("max_auth_age", "must be a number of seconds", value=seconds) from None
