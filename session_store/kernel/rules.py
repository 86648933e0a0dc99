"""The rules of an application that sessions are put around."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from session_store.model import WebActivity
    from session_store.store import SessionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules for all requests of an application.

    Attributes:
        find_store: makes or finds the store. It is called when something is asked of it, not before.
        required: whether a customer has to be signed in.
        strict: see `SessionStore.validate`.
        max_auth_age: likewise.
        required_acr: likewise.
        activity: see `SessionStore.validate_and_rotate`.
        with_data: likewise.
        csrf: whether a request that changes state needs the browser's word (`check_same_origin`).
        allowed_origins: further origins whose pages may send such requests.
        cookie_only: whether the header `Authorization` does not count. It is another system's.
        max_data_bytes: how much data a handler may put into a session, as compact JSON text in UTF-8. None for
            `max_session_bytes`.
    """

    find_store: Callable[[], SessionStore]
    required: bool = False
    strict: bool = False
    max_auth_age: timedelta | None = None
    required_acr: tuple[str, ...] | None = None
    activity: WebActivity = "recorded"
    with_data: bool = True
    csrf: bool = True
    allowed_origins: frozenset[str] = frozenset()
    cookie_only: bool = False
    max_data_bytes: int | None = None

    @property
    def cookie_name(self) -> str:
        """The session cookie's name, as all users of the table have it."""
        return self.find_store().settings.cookie_name
