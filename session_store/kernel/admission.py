"""Who is let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.errors import SessionRequiredError

if TYPE_CHECKING:
    from session_store.model import Session


def require_customer(session: Session | None) -> tuple[Session, str]:
    """The session of a customer, and whose it is.

    Raises:
        SessionRequiredError: nobody is, or there is no session.
    """
    if session is None:
        raise SessionRequiredError("nobody is signed in")
    if session.customer_id is None:
        raise SessionRequiredError(f"nobody is signed in to session {session.session_id}")
    return session, session.customer_id
