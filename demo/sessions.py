"""The page with a customer's sessions, which can be ended there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from demo import requests
from demo.answers import moment, page, redirect
from demo.devices import UNKNOWN, is_handheld
from demo.html import NOTHING, Html, Template, join
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.model import Session
    from session_store.web import SessionHandle

RECENT: Final = timedelta(minutes=5)
"""How old a sign-in may be for ending sessions and changing the account."""

_SESSIONS: Final = Template("sessions")
_CARD: Final = Template("session")
_HERE: Final = Template("session_here")
_END: Final = Template("session_end")
_END_OTHERS: Final = Template("end_others")
_ALONE: Final = Template("sessions_alone")
_OLDER: Final = Template("sessions_older")
_DESKTOP: Final = Template("icon_desktop")
_HANDHELD: Final = Template("icon_handheld")


@session(required=True, strict=True)
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /sessions."""
    visitor, parameters = current_session(), requests.query(event)
    cursor = parameters.get("cursor")
    found = visitor.store.get_customer_sessions(visitor.customer_id or "", cursor=cursor)  # required: there is one
    others = [each for each in found.sessions if each.session_id != visitor.session_id]
    own = [] if cursor else [visitor.session]
    content = _SESSIONS.fill(
        cards=join(_card(each, visitor) for each in [*own, *others] if each),
        more=_OLDER.fill(cursor=found.cursor) if found.cursor else NOTHING,
        end_others=_END_OTHERS.fill(binding=visitor.binding) if others or cursor or found.cursor else _ALONE.fill(),
        minutes=RECENT // timedelta(minutes=1),
    )
    title = "Where you are signed in"
    return page(title, content, path="/sessions", visitor=visitor, notice=parameters.get("notice"))


@session(strict=True, max_auth_age=RECENT)
def end(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /sessions/end: one of the customer's own. Another customer's stays untouched."""
    visitor, session_id = current_session(), requests.form_of_this_session(event).get("session_id", "")
    visitor.store.end_session(session_id, customer_id=visitor.customer_id)
    return redirect("/sessions", notice="ended")


@session(strict=True, max_auth_age=RECENT)
def end_others(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /sessions/end-others."""
    requests.form_of_this_session(event)
    current_session().sign_out_everywhere(except_here=True)
    return redirect("/sessions", notice="others-ended")


def _card(each: Session, visitor: SessionHandle) -> Html:
    here = each.session_id == visitor.session_id
    device = each.client or UNKNOWN
    return _CARD.fill(
        device=device,
        icon=(_HANDHELD if is_handheld(device) else _DESKTOP).fill(),
        created=moment(each.created_at),
        last_seen=moment(each.last_seen_at),
        ends=moment(each.expires_at),
        session_id=each.session_id,
        action=_HERE.fill() if here else _END.fill(session_id=each.session_id, binding=visitor.binding),
    )
