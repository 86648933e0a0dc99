"""The home page: a visit counter that is kept in the session."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from demo import requests
from demo.answers import moment, page
from demo.html import NOTHING, Html, Template
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.web import SessionHandle

_HOME: Final = Template("home")
_STORED: Final = Template("home_stored")
_NEW: Final = Template("home_new")
_PREVIOUS: Final = Template("home_previous")
PREVIOUS: Final = "previous_session_id"


@session
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /."""
    visitor = current_session()
    over = visitor.is_new and requests.presents_session(event)
    visits = visitor.increment("visits")
    idle_end, end = _ends(visitor)
    content = _HOME.fill(
        visits=visits,
        times="once" if visits == 1 else f"{visits} times",
        idle_end=moment(idle_end),
        end=moment(end),
        facts=_facts(visitor),
    )
    notice = "session-over" if over else requests.query(event).get("notice")
    return page("Home", content, path="/", visitor=visitor, notice=notice)


def _ends(visitor: SessionHandle) -> tuple[datetime, datetime]:
    """When the session ends without activity, and when in any case. One that begins with this answer, too, has both."""
    if visitor.expires_at and visitor.absolute_expires_at:
        return visitor.expires_at, visitor.absolute_expires_at
    now = datetime.fromtimestamp(int(visitor.store.clock.now()), UTC)
    return now + visitor.store.timeouts.idle, now + visitor.store.timeouts.absolute


def _facts(visitor: SessionHandle) -> Html:
    if visitor.is_new:
        return _NEW.fill()
    previous = visitor.get(PREVIOUS)
    return _STORED.fill(
        session_id=visitor.session_id,
        previous=_PREVIOUS.fill(session_id=previous) if previous else NOTHING,
        owner=visitor.customer_id or "a visitor, not signed in",
        cookie=requests.COOKIE_NAME,
    )
