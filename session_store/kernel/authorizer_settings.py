"""Settings of the authorizer, which travel from its construct to the function."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from session_store import checks
from session_store.catalog.declared import Flag, Kind, Settings, duration, setting
from session_store.errors import InvalidInputError
from session_store.kernel.web_settings import ALLOWED_ORIGINS, COOKIE_ONLY, Keys
from session_store.model import MAX_ABSOLUTE_TIMEOUT
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from session_store.model import WebActivity

# The names that the authorizer itself passes on. A data key of the same name would be taken for one of them.
CONTEXT_KEYS: Final = ("session_id", "customer_id", "expires_at")


class _Activity(Kind["WebActivity"]):
    """Whether a request counts as activity."""

    unit = "`recorded` or `none`"

    def check(self, name: str, value: WebActivity) -> None:  # noqa: ARG002 - there is one setting of this kind
        checks.check_activity(value)

    def write(self, value: WebActivity) -> str:
        return value

    def read(self, name: str, text: str) -> WebActivity:  # noqa: ARG002 - `check` refuses all others
        return cast("WebActivity", text)


class _Acrs(Keys):
    unit = "JSON array of acr values"

    def check(self, name: str, value: tuple[str, ...]) -> None:
        super().check(name, value)
        from session_store.operations.authentication import check_required_acr  # noqa: PLC0415 - few applications name some

        check_required_acr(value)


_MAX_AUTH_AGE: Final = duration("SESSION_AUTHORIZER_MAX_AUTH_AGE", timedelta(0), MAX_ABSOLUTE_TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizerSettings(Settings):
    """The rules of the authorizer.

    Attributes:
        allowed_origins: origins whose pages may change state with the cookie, beside the API's own.
        context_data_keys: the top-level keys of a session's data that are passed on to the application.
        strict: see `SessionStore.validate`.
        activity: `recorded`, or `none`: requests do not keep a session alive.
        bearer_only: whether the cookie does not count.
        cookie_only: whether the header `Authorization` does not count.
        allow_anonymous: whether a visitor's session will do, in which no customer is signed in.
        max_auth_age: see `SessionStore.validate`.
        required_acr: likewise.

    Raises:
        InvalidInputError: a value is malformed, or no token counts at all.
    """

    allowed_origins: tuple[str, ...] = field(default=(), metadata=ALLOWED_ORIGINS)
    context_data_keys: tuple[str, ...] = field(default=(), metadata=setting(Keys("SESSION_CONTEXT_DATA_KEYS")))
    strict: bool = field(default=False, metadata=setting(Flag("SESSION_STRICT")))
    activity: WebActivity = field(default="recorded", metadata=setting(_Activity("SESSION_ACTIVITY")))
    bearer_only: bool = field(default=False, metadata=setting(Flag("SESSION_BEARER_ONLY")))
    cookie_only: bool = field(default=False, metadata=COOKIE_ONLY)
    allow_anonymous: bool = field(default=False, metadata=setting(Flag("SESSION_ALLOW_ANONYMOUS")))
    max_auth_age: timedelta | None = field(default=None, metadata=_MAX_AUTH_AGE)
    required_acr: tuple[str, ...] | None = field(default=None, metadata=setting(_Acrs("SESSION_REQUIRED_ACR")))

    @property
    def reads_data(self) -> bool:
        """Whether the authorizer looks at sessions' data. How a user authenticated is a part of it."""
        return bool(self.context_data_keys or self.required_acr) or self.max_auth_age is not None

    def _check_together(self) -> None:
        if self.bearer_only and self.cookie_only:
            raise InvalidInputError("cookie_only", "must be False with bearer_only=True: no token would count")
        for key in CONTEXT_KEYS:
            if key in self.context_data_keys:
                raise InvalidInputError("context_data_keys", f"must not contain {', '.join(CONTEXT_KEYS)}", value=key)
