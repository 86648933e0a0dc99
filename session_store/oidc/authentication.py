"""The provider's word on how a user authenticated, kept with the session under a key of its data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from session_store.operations.authentication import of_sign_in

if TYPE_CHECKING:
    from session_store.data.types import JSONObject
    from session_store.model import ChildSession, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """How the user authenticated with the provider.

    Attributes:
        issuer: the provider.
        acr: the authentication context, None if the provider names none.
        amr: the methods, for instance `("pwd", "otp")`. May be empty.
        auth_time: when, as an aware UTC datetime. None if the provider does not say.
        sid: the provider's own session, None if it does not say.
    """

    issuer: str
    acr: str | None
    amr: tuple[str, ...]
    auth_time: datetime | None
    sid: str | None


def authentication_of(session: Session | ChildSession) -> Authentication | None:
    """How the customer of a session authenticated. None if no provider had a part in it.

    It counts only for the sign-in that it came with, never for a later one that carried the data over.

    Args:
        session: as the store returned it.
    """
    moment = session.last_login_time
    fields: Any = of_sign_in(session.data, None if moment is None else moment.timestamp())
    if not fields or not isinstance(fields.get("iss"), str):
        return None
    seconds = fields.get("auth_time")
    return Authentication(
        issuer=fields["iss"],
        acr=fields.get("acr"),
        amr=tuple(fields.get("amr", ())),
        auth_time=None if seconds is None else datetime.fromtimestamp(seconds, UTC),
        sid=fields.get("sid"),
    )


def kept_fields(authentication: Authentication, now: float, *, sign_in_counts: bool = False) -> JSONObject:
    """The value under the key, without what the provider does not say.

    Args:
        authentication: of the sign-in.
        now: its moment.
        sign_in_counts: see `OidcSignIn`.
    """
    moment = authentication.auth_time
    fields: JSONObject = {
        "iss": authentication.issuer,
        "acr": authentication.acr,
        "amr": list(authentication.amr) or None,
        "auth_time": None if moment is None else int(moment.timestamp()),
        "sid": authentication.sid,
        "at": int(now),
        "counts": True if moment is None and sign_in_counts else None,
    }
    return {name: value for name, value in fields.items() if value is not None}
