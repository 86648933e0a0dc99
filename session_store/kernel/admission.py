"""Admission: a customer where one is required."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.errors import SessionRequiredError

if TYPE_CHECKING:
    from session_store.model import Session


def require_customer(session: Session | None) -> tuple[Session, str]:
    """The session of a customer, and whose it is.

    Raises:
        SessionRequiredError: no customer is signed in, or there is no session.
    """
    if session is None:
        raise SessionRequiredError("no customer is signed in")
    if session.customer_id is None:
        raise SessionRequiredError(f"no customer is signed in to session {session.session_id}")
    return session, session.customer_id
