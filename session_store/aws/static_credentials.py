"""Credentials that the caller has in hand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StaticCredentials:
    """An access key, or temporary credentials, in place of the SDK's search for some. `repr` shows no secret.

    Attributes:
        access_key_id: the key's name, 20 characters as a rule.
        secret_access_key: what signs requests.
        session_token: of temporary credentials.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
