"""Credentials as JSON, in the form of `credential_process`, of `aws iam create-access-key` and of STS."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from session_store.aws.static_credentials import StaticCredentials
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELDS: Final = ("AccessKeyId", "SecretAccessKey", "SessionToken")


def to_json(credentials: StaticCredentials) -> dict[str, str]:
    """The fields that a `credential_process` prints, besides its version."""
    fields = {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": credentials.expires_at and credentials.expires_at.isoformat(),
    }
    return {name: text for name, text in fields.items() if text}


def from_json(fields: Mapping[str, Any]) -> StaticCredentials:
    """The credentials of such fields.

    Raises:
        InvalidInputError: a field is missing, or not as it should be. Also a ValueError.
    """
    texts = {name: _text(fields, name) for name in _FIELDS}
    moment = _moment(fields.get("Expiration"))
    del fields  # so that no traceback with local variables shows it
    wrong = next((name for name, text in texts.items() if text is None), None)
    key_id, secret, token = (text or "" for text in texts.values())
    del texts
    if wrong:
        del key_id, secret, token
        raise InvalidInputError(wrong, "must be a text without blanks at its ends", confidential=True)
    if moment is not None and moment.tzinfo is None:
        del key_id, secret, token
        raise InvalidInputError("Expiration", "must be a time with its zone, such as 2026-01-31T12:00:00Z")
    return StaticCredentials(key_id, secret, token or None, moment)


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    """A field's text, None when it is not acceptable. Only the session token may be missing."""
    value = fields.get(name) or ("" if name == "SessionToken" else None)
    return value if isinstance(value, str) and value == value.strip() else None


def _moment(value: object) -> datetime | None:
    """The moment, one without a zone when it is not acceptable."""
    if value is None or isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.min  # noqa: DTZ901 - without a zone on purpose
