"""`SessionHandle`: the session as a handler works with it."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from session_store.kernel.unit_of_work import UnitOfWork
    from session_store.model import CreatedSession, Rotation
    from session_store.store import SessionStore


class SessionHandle(MutableMapping[str, Any]):
    """The visitor's session: a mapping of its data, and what can be done with it.

    Keys are set, changed and deleted as in a dict, also deep inside (`handle["cart"].append("tea")`); that is saved
    when the handler has succeeded. The methods act at once, whatever becomes of the handler afterwards.

    Every access can raise `StoreUnavailableError` or `StoreConfigurationError` (answered 503 unless caught) and
    `InvalidTokenError` (a bad Bearer token, answered 401 unless caught); after its call has ended,
    `NoCurrentSessionError`.
    """

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    # The mapping

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value; callers know which
        return self._work.data[key]

    def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401
        self._work.data[key] = value

    def __delitem__(self, key: str) -> None:
        del self._work.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._work.data)

    def __len__(self) -> int:
        return len(self._work.data)

    # Who and how long

    @property
    def store(self) -> SessionStore:
        """The store behind it, for instance to list a customer's sessions."""
        return self._work.store

    @property
    def is_new(self) -> bool:
        """Whether nothing is stored for this visitor yet."""
        return self._work.session is None

    @property
    def is_signed_in(self) -> bool:
        """Whether it is a customer's live session."""
        return self.customer_id is not None

    @property
    def session_id(self) -> str | None:
        """Its id, None while it is new."""
        session = self._work.session
        return session.session_id if session else None

    @property
    def customer_id(self) -> str | None:
        """Who is signed in; None for an anonymous visitor."""
        session = self._work.session
        return session.customer_id if session else None

    @property
    def last_login_time(self) -> datetime | None:
        """When the customer signed in; None for an anonymous visitor."""
        session = self._work.session
        return session.last_login_time if session else None

    @property
    def expires_at(self) -> datetime | None:
        """When it ends without further activity; None while it is new."""
        session = self._work.session
        return session.expires_at if session else None

    @property
    def absolute_expires_at(self) -> datetime | None:
        """When it ends in any case; None while it is new."""
        session = self._work.session
        return session.absolute_expires_at if session else None

    # What acts at once

    def increment(self, key: str, by: float = 1) -> int | float:
        """Add to a number, atomically, and return the sum. A missing key starts at 0.

        1 WRU, 1 call. Of parallel increments none is lost, and each returns another sum. While the session is new, or
        when the key was assigned in this call, it is a plain addition that is saved with the rest.

        Raises:
            ConflictError: what the key holds is not a number.
            SessionRequiredError: the session ended meanwhile.
        """
        return self._work.increment(key, by)

    def sign_in(
        self,
        customer_id: str,
        *,
        data: Mapping[str, object] | None = None,
        carry_data: bool = False,
        client: str | None = None,
    ) -> CreatedSession:
        """Start a session of the customer, always with a new id; the one before ends in the same transaction.

        The cookie is set, unless the request came with a Bearer token: then hand the token in the answer to the client.

        Args:
            customer_id: who has proved to be who they are, to your own code or your identity provider. None is refused:
                a claim that is missing from a provider's answer signs nobody in.
            data: first content.
            carry_data: keep what is in this session (unsaved changes included), `data` merged over it. Only from an
                anonymous session or the same customer's.
            client: description of the device or browser, at most 512 characters, for "where you are signed in".

        Raises:
            InvalidInputError: an argument is not acceptable.
            ConflictError: the session before kept changing.
        """
        return self._work.sign_in(customer_id, data=data, carry_data=carry_data, client=client)

    def sign_out(self) -> None:
        """End the session and clear the cookie. Without a session only the cookie is cleared."""
        self._work.sign_out()

    def sign_out_everywhere(self, *, except_here: bool = False) -> int:
        """End all sessions of the customer, on every device; returns how many this call ended.

        A session created less than about a second ago may not be counted: it is refused at its next refresh, within a
        tenth of its idle timeout, and at once under `strict=True`.

        Args:
            except_here: keep this one.

        Raises:
            SessionRequiredError: nobody is signed in.
        """
        return self._work.sign_out_everywhere(except_here=except_here)

    def rotate(self) -> Rotation:
        """Replace the token's secret, for instance after a change of rights; the cookie is set.

        The old secret stays good for the store's grace period after the first use of the new one. A token that was
        rotated a moment ago, by a request running in parallel, stays as it is.

        Returns:
            The new token for a client that came with a Bearer token.

        Raises:
            SessionRequiredError: there is no stored session.
        """
        return self._work.rotate()
