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

from session_store import inputs
from session_store.errors import InvalidInputError, StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOWED_ORIGINS: Final = "SESSION_ALLOWED_ORIGINS"  # JSON array
MAX_AUTH_AGE: Final = "SESSION_MAX_AUTH_AGE"  # seconds
DATA_KEYS: Final = "SESSION_DATA_KEYS"  # JSON array; not set: all
CONTEXT_DATA_KEYS: Final = "SESSION_CONTEXT_DATA_KEYS"  # JSON array
STRICT: Final = "SESSION_STRICT"  # JSON boolean
BEARER_ONLY: Final = "SESSION_BEARER_ONLY"  # JSON boolean
ALLOW_ANONYMOUS: Final = "SESSION_ALLOW_ANONYMOUS"  # JSON boolean

DEFAULT_MAX_AUTH_AGE: Final = timedelta(minutes=15)
# What the authorizer passes on by itself: a data key of the same name would be taken for it.
CONTEXT_KEYS: Final = ("session_id", "customer_id")
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRouteSettings:
    """The rules of the user routes.

    Attributes:
        allowed_origins: origins whose pages may change state with the cookie, beside the API's own.
        max_auth_age: how old a sign-in may be to end other sessions.
        data_keys: the top-level keys of a session's data that its user sees and changes; None for all.

    Raises:
        InvalidInputError: a value is out of range or malformed.
    """

    allowed_origins: tuple[str, ...] = ()
    max_auth_age: timedelta = DEFAULT_MAX_AUTH_AGE
    data_keys: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_origins(self.allowed_origins)
        inputs.check_max_auth_age(self.max_auth_age)
        _check_keys("data_keys", self.data_keys or ())

    def environment(self) -> dict[str, str]:
        """The settings as environment variables."""
        environment = {
            ALLOWED_ORIGINS: json.dumps(self.allowed_origins),
            MAX_AUTH_AGE: json.dumps(self.max_auth_age // timedelta(seconds=1)),
        }
        return environment if self.data_keys is None else environment | {DATA_KEYS: json.dumps(self.data_keys)}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> UserRouteSettings:
        """Read what `environment` wrote; what is not set has its default.

        Raises:
            StoreConfigurationError: a variable is malformed.
        """
        keys = _read(environment, DATA_KEYS, None)
        seconds = _read(environment, MAX_AUTH_AGE, DEFAULT_MAX_AUTH_AGE // timedelta(seconds=1))
        return cls(
            allowed_origins=tuple(_read(environment, ALLOWED_ORIGINS, ())),
            max_auth_age=timedelta(seconds=seconds),
            data_keys=None if keys is None else tuple(keys),
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
        _check_keys("context_data_keys", self.context_data_keys)
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
            StoreConfigurationError: a variable is malformed.
        """
        return cls(
            allowed_origins=tuple(_read(environment, ALLOWED_ORIGINS, ())),
            context_data_keys=tuple(_read(environment, CONTEXT_DATA_KEYS, ())),
            strict=_read(environment, STRICT, default=False),
            bearer_only=_read(environment, BEARER_ONLY, default=False),
            allow_anonymous=_read(environment, ALLOW_ANONYMOUS, default=False),
        )


def check_origins(origins: tuple[str, ...]) -> None:
    """Refuse what is not an origin as browsers send it: scheme, host in lower case, port if it is not the default.

    Raises:
        InvalidInputError: naming the first that is not one.
    """
    for origin in origins:
        if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
            problem = "must be origins like https://app.example.com: no path, no slash at the end, no wildcard"
            raise InvalidInputError("allowed_origins", problem, value=origin)


def _check_keys(field: str, keys: tuple[str, ...]) -> None:
    for key in keys:
        if not isinstance(key, str) or not key:
            raise InvalidInputError(field, "must be names of keys", value=key)


def _read(environment: Mapping[str, str], name: str, default: Any) -> Any:  # noqa: ANN401 - any setting's
    text = environment.get(name)
    if not text:
        return default
    try:
        return json.loads(text)
    except ValueError:
        raise StoreConfigurationError(f"environment variable {name}: expected JSON, got {text!r}") from None
