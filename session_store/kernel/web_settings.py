"""Settings of the user routes, which travel from the construct to the functions. Bounds on data.

Like those of `session_store.settings`, the constructs write them, the functions read them, both sides check them.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar, cast

from session_store import checks
from session_store.catalog.declared import Flag, Kind, Number, Settings, Text, duration, number, setting
from session_store.data.weights import MAX_ITEM_BYTES, MAX_LARGE_BYTES
from session_store.errors import InvalidInputError
from session_store.model import MAX_ABSOLUTE_TIMEOUT
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Collection

DEFAULT_MAX_AUTH_AGE: Final = timedelta(minutes=15)
DEFAULT_MAX_DATA_BYTES: Final = 16 * 1024
# Of the data of a session under `@session`: what its user and the application keep in it together.
DEFAULT_MAX_SESSION_BYTES: Final = 64 * 1024
_T = TypeVar("_T")
# Without TLS the network could send requests as a page of any origin: `http` is for what does not leave the machine.
_ORIGIN: Final = re.compile(
    r"(https://([a-z0-9.-]+|\[[0-9a-f:]+\])|http://(([a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\]))(:\d{1,5})?"
)


class _JSON(Kind[_T]):
    """A kind whose text is JSON."""

    def write(self, value: _T) -> str:
        return json.dumps(value)

    def read(self, name: str, text: str) -> _T:
        try:
            value = json.loads(text)
        except ValueError:
            raise InvalidInputError(name, "must be JSON", value=text) from None
        if isinstance(value, dict):  # its keys would pass for a list of names
            raise InvalidInputError(name, "must not be a JSON object", value=text)
        return cast("_T", tuple(value) if isinstance(value, list) else value)


class Keys(_JSON[tuple[str, ...]]):
    """Names, none of them empty."""

    unit = "JSON array of keys"

    def check(self, name: str, value: tuple[str, ...]) -> None:  # noqa: D102 - as of every kind
        checks.check_names(name, value)


class _Origins(_JSON[tuple[str, ...]]):
    unit = "JSON array of origins"

    def check(self, name: str, value: tuple[str, ...]) -> None:  # noqa: ARG002 - there is one setting of this kind
        check_origins(value)


class PathPrefix(Text):
    """The beginning of paths: empty, or segments that begin with a slash."""

    unit = "path"
    # No client resolves such segments before it sends them, as it does `.` and `..`.
    form = r"(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+"
    problem = "must be a path like /api, of A-Z a-z 0-9 . _ ~ -"


_MAX_DATA_BYTES: Final = number("SESSION_MAX_DATA_BYTES", "bytes", 1024, MAX_ITEM_BYTES)
_MAX_SESSION_BYTES: Final = Number("")  # an argument, which no variable carries
_MAX_SESSION_BYTES.unit, _MAX_SESSION_BYTES.minimum, _MAX_SESSION_BYTES.maximum = "bytes", 1024, MAX_LARGE_BYTES
ALLOWED_ORIGINS: Final = setting(_Origins("SESSION_ALLOWED_ORIGINS"))
COOKIE_ONLY: Final = setting(Flag("SESSION_COOKIE_ONLY"))


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRouteSettings(Settings):
    """The rules of the user routes.

    Attributes:
        allowed_origins: origins whose pages may change state with the cookie, beside the API's own.
        max_auth_age: how old a sign-in may be to end other sessions.
        data_keys: the top-level keys of a session's data that its user sees and changes. The others are the back
            end's. `$authentication` cannot be among them: it says how the user signed in.
        max_data_bytes: how much the user may keep under these keys, as compact JSON text in UTF-8.
        cookie_only: whether the header `Authorization` does not count.
        prefix: what the paths of the routes begin with.

    Raises:
        InvalidInputError: a value is out of range or malformed.
    """

    allowed_origins: tuple[str, ...] = field(default=(), metadata=ALLOWED_ORIGINS)
    max_auth_age: timedelta = field(
        default=DEFAULT_MAX_AUTH_AGE, metadata=duration("SESSION_MAX_AUTH_AGE", timedelta(0), MAX_ABSOLUTE_TIMEOUT)
    )
    data_keys: tuple[str, ...] = field(default=(), metadata=setting(Keys("SESSION_DATA_KEYS")))
    max_data_bytes: int = field(default=DEFAULT_MAX_DATA_BYTES, metadata=_MAX_DATA_BYTES)
    cookie_only: bool = field(default=False, metadata=COOKIE_ONLY)
    prefix: str | None = field(default=None, metadata=setting(PathPrefix("SESSION_ROUTE_PREFIX")))

    def _check_together(self) -> None:
        checks.check_no_reserved_key("data_keys", self.data_keys)


def check_max_data_bytes(value: int | None) -> int | None:
    """Refuse what is no bound on the data of a session. None leaves it to the store.

    Raises:
        InvalidInputError: it is not a whole number of bytes within the bounds.
    """
    if value is not None:
        _MAX_SESSION_BYTES.check("max_data_bytes", value)
    return value


def max_session_bytes(store_bytes: int) -> int:
    """The bound on the data of a session where the application sets none.

    Args:
        store_bytes: `SessionStore.max_data_bytes`.
    """
    return DEFAULT_MAX_SESSION_BYTES if store_bytes <= MAX_ITEM_BYTES else store_bytes


def check_origins(origins: Collection[str]) -> tuple[str, ...]:
    """Refuse what is not an origin as browsers send it: scheme, host in lower case, port if it is not the default.

    The scheme is `https`, or `http` for the names of this machine (`localhost`, `*.localhost`, 127.0.0.1, [::1]).

    Raises:
        InvalidInputError: naming the first that is not one.
    """
    checked = checks.check_names("allowed_origins", origins)
    for origin in checked:
        if not _ORIGIN.fullmatch(origin):
            problem = (
                "must be origins like https://app.example.com, http for localhost alone: "
                "no path, no slash at the end, no wildcard"
            )
            raise InvalidInputError("allowed_origins", problem, value=origin)
    return checked
