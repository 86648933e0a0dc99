"""Credentials that the caller has in hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class StaticCredentials:
    """An access key, or temporary credentials, in place of those that the SDK would find. `repr` shows no secret.

    Attributes:
        access_key_id: the key's name, 20 characters as a rule.
        secret_access_key: what signs requests.
        session_token: of temporary credentials.
        expires_at: when temporary credentials end, as an aware datetime. It counts only for those that a function
            returns: ten minutes earlier the function is asked again.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
