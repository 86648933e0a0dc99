"""Step-up: how, and how long ago, a session's user authenticated. Loaded by the validations that ask for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from session_store import checks
from session_store.errors import InvalidInputError, ReauthenticationRequiredError
from session_store.operations.context import seconds

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import timedelta

    from session_store.data.types import JSONObject
    from session_store.storage.records import SessionRecord

MAX_ACR_CHARACTERS: Final = 128
ACR_PATTERN: Final = r"[!#-\[\]-~]+"  # they go into headers, and into lists with spaces between them
_ACR: Final = re.compile(ACR_PATTERN)
# Between the callback's look at its clock and the session's own time. Of the data that a later sign-in by other means
# carries over, the key counts no more.
_APART_SECONDS: Final = 10


def check_acrs(field: str, value: Collection[str]) -> tuple[str, ...]:
    """Authentication contexts. There may be none.

    Raises:
        InvalidInputError: one is malformed.
    """
    acrs = checks.check_names(field, value)
    if not all(len(acr) <= MAX_ACR_CHARACTERS and _ACR.fullmatch(acr) for acr in acrs):
        problem = f'must be texts of 1 to {MAX_ACR_CHARACTERS} printable characters without space, " and \\'
        raise InvalidInputError(field, problem, value=value)
    return acrs


def check_required_acr(value: str | Collection[str]) -> tuple[str, ...]:
    """The acceptable authentication contexts, at least one. A lone text is one of them.

    Raises:
        InvalidInputError: there is none, or one is malformed.
    """
    acrs = check_acrs("required_acr", (value,) if isinstance(value, str) else value)
    if not acrs:
        raise InvalidInputError("required_acr", "must name at least one acr", value=value)
    return acrs


def of_sign_in(data: JSONObject, signed_in_at: float | None) -> JSONObject | None:
    """The provider's words about the sign-in of a session. None if no provider had a part in it.

    Args:
        data: of the session.
        signed_in_at: when, in epoch seconds. None for a visitor's session.

    Returns:
        The fields, empty if they cannot be read. Then nothing is known of the user's authentication.
    """
    if signed_in_at is None or checks.AUTHENTICATION_KEY not in data:
        return None
    fields: Any = data[checks.AUTHENTICATION_KEY]
    if not isinstance(fields, dict) or not _is_number(fields.get("at")):
        return {}
    return fields if -1 <= signed_in_at - fields["at"] <= _APART_SECONDS else None


def require(record: SessionRecord, max_auth_age: timedelta | None, acrs: tuple[str, ...], now: int) -> None:
    """Refuse a session whose user authenticated too long ago, or in another way.

    Raises:
        ReauthenticationRequiredError: too long ago, or in another way, or that is not known.
    """
    data, signed_in_at = record.data.read(), record.last_login_time
    if acrs and (of_sign_in(data, signed_in_at) or {}).get("acr") not in acrs:
        lack = "the sign-in has no acr of required_acr"
        raise ReauthenticationRequiredError(record.session_id, lack, acrs, max_auth_age)
    if max_auth_age is None:
        return
    moment = authenticated_at(data, signed_in_at)
    if moment is None or now - moment > seconds(max_auth_age):
        lack = "the age of the sign-in is not known" if moment is None else "the sign-in is older than max_auth_age"
        raise ReauthenticationRequiredError(record.session_id, lack, acrs, max_auth_age)


def authenticated_at(data: JSONObject, signed_in_at: float | None) -> float | None:
    """The earlier one of a session's sign-in and the provider's `auth_time`. None if that is not known.

    A provider signs in without asking while its own session lasts, so that the password may be days older than the
    sign-in here. The application may say that it takes the sign-in in its place. The provider's clock may also be
    ahead, which must not make the sign-in younger.

    Args:
        data: of the session.
        signed_in_at: when, in epoch seconds. None for a visitor's session.
    """
    said = of_sign_in(data, signed_in_at)
    if signed_in_at is None or said is None or said.get("counts") is True:
        return signed_in_at
    auth_time: Any = said.get("auth_time")
    return min(signed_in_at, auth_time) if _is_number(auth_time) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
