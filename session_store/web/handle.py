"""`SessionHandle`: the session as a handler works with it."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from session_store.model import CreatedSession, JSONValue
    from session_store.store import SessionStore


class SessionHandle(MutableMapping[str, Any]):
    """The visitor's session: a mapping of its data, and what can be done with it.

    Keys are set, changed and deleted as in a dict, also deep inside (`handle["cart"].append("tea")`); that is saved
    when the handler has succeeded. Methods that are named act at once, whatever becomes of the handler afterwards.

    Every access can raise `StoreUnavailableError` (answered 503 unless caught) and `InvalidTokenError` (a bad Bearer
    token, answered 401 unless caught); after its call has ended, `NoCurrentSessionError`.
    """

    # The mapping

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value; callers know which
        raise NotImplementedError

    def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401
        raise NotImplementedError

    def __delitem__(self, key: str) -> None:
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    # Who and how long

    @property
    def store(self) -> SessionStore:
        """The store behind it, for instance to list a customer's sessions."""
        raise NotImplementedError

    @property
    def is_new(self) -> bool:
        """Whether nothing is stored for this visitor yet."""
        raise NotImplementedError

    @property
    def is_signed_in(self) -> bool:
        """Whether it is a customer's live session."""
        raise NotImplementedError

    @property
    def session_id(self) -> str | None:
        """Its id, None while it is new."""
        raise NotImplementedError

    @property
    def customer_id(self) -> str | None:
        """Who is signed in; None for an anonymous visitor."""
        raise NotImplementedError

    @property
    def last_login_time(self) -> datetime | None:
        """When the customer signed in; None for an anonymous visitor."""
        raise NotImplementedError

    @property
    def expires_at(self) -> datetime | None:
        """When it ends without further activity; None while it is new."""
        raise NotImplementedError

    @property
    def absolute_expires_at(self) -> datetime | None:
        """When it ends in any case; None while it is new."""
        raise NotImplementedError

    # What acts at once

    def increment(self, key: str, by: float = 1) -> int | float:
        """Add to a number, atomically, and return the sum. A missing key starts at 0.

        1 WRU, 1 call. Of parallel increments none is lost, and each returns another sum. While the session is new, or
        the key was assigned in this call, it is a plain addition that is saved with the rest.

        Raises:
            ConflictError: what the key holds is not a number.
            SessionRequiredError: the session ended meanwhile.
        """
        raise NotImplementedError

    def sign_in(
        self,
        customer_id: str,
        *,
        data: Mapping[str, JSONValue] | None = None,
        carry_data: bool = False,
        client: str | None = None,
    ) -> CreatedSession:
        """Start a session of the customer, always with a new id; the one before ends in the same transaction.

        The cookie is set, unless the request came with a Bearer token: then hand the token in the answer to the client.

        Args:
            customer_id: who has proved to be who they are, to your own code or your identity provider.
            data: first content.
            carry_data: keep what is in this session (unsaved changes included), `data` merged over it. Only from an
                anonymous session or the same customer's.
            client: description of the device or browser, at most 512 characters, for "where you are signed in".

        Raises:
            ConflictError: the session before kept changing.
        """
        raise NotImplementedError

    def sign_out(self) -> None:
        """End the session and clear the cookie. Without a session only the cookie is cleared."""
        raise NotImplementedError

    def sign_out_everywhere(self, *, except_here: bool = False) -> int:
        """End all sessions of the customer, on every device; returns how many the index showed.

        A session created less than about a second ago may be missed by the index: it is refused at its next refresh,
        within a tenth of its idle timeout, and at once under `strict=True`.

        Args:
            except_here: keep this one.

        Raises:
            SessionRequiredError: nobody is signed in.
        """
        raise NotImplementedError

    def rotate(self) -> None:
        """Replace the token's secret, for instance after a change of rights; the cookie is set.

        The old secret stays good for the store's grace period after the first use of the new one.

        Raises:
            SessionRequiredError: there is no stored session.
        """
        raise NotImplementedError
