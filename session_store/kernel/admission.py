"""Admission: a customer where one is required, and the session that a page was made in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.errors import AnotherSessionError, SessionRequiredError

if TYPE_CHECKING:
    from session_store.model import Session

_NONE_YET: Final = "new"  # no id looks like it


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


def binding_of(session: Session | None) -> str:
    """The text that ties a page to its session: the id, which is no secret and outlives every rotation."""
    return session.session_id if session else _NONE_YET


def check_binding(given: str | None, session: Session | None) -> None:
    """Refuse a request of a page that was made in another session.

    A page that was made before there was a session is good in any visitor's. Its own answer may have started it.

    Args:
        given: what the page kept, None when the request does not say.
        session: the request's.

    Raises:
        AnotherSessionError: it is another one.
    """
    is_visitors = session is None or session.customer_id is None
    if given != binding_of(session) and not (given == _NONE_YET and is_visitors):
        raise AnotherSessionError(
            "the page was made in another session than this request's: "
            "another tab has signed in or out since; load the page again"
        )
