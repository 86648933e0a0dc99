"""The devices on which a customer is signed in. Each can be signed out."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from demo import notices, provider, requests
from demo.answers import moment, redirect, visitors_page
from demo.devices import called, is_handheld
from demo.html import NOTHING, Html, Template, join
from demo.problems import explain
from session_store.model import SessionState
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from session_store.model import ChildSession, ChildSessionPage, Session
    from session_store.web import SessionHandle

RECENT: Final = timedelta(minutes=5)
"""How old a sign-in may be for ending sessions and changing the password."""
_PER_PAGE: Final = 10  # the applications of each device take a read of their own

_SESSIONS: Final = Template("sessions")
_DEVICE: Final = Template("device")
_HERE: Final = Template("device_here")
_PLACE: Final = Template("device_place")
_CLOSING: Final = Template("closing")
_END: Final = Template("device_end")
_APPLICATIONS: Final = Template("applications")
_APPLICATION: Final = Template("application")
_ALONE: Final = Template("sessions_alone")
_OTHERS: Final = Template("sessions_others")
_OLDER: Final = Template("sessions_older")
_END_OTHERS: Final = Template("end_others")
_DESKTOP: Final = Template("icon_desktop")
_HANDHELD: Final = Template("icon_handheld")


@session(required=True, strict=True, on_problem=explain)
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /sessions."""
    visitor, cursor = current_session(), requests.query(event).get("cursor")
    customer_id = visitor.customer_id or ""  # required: there is one
    found = visitor.store.get_customer_sessions(customer_id, limit=_PER_PAGE, cursor=cursor)
    others = [each for each in found.sessions if each.session_id != visitor.session_id]
    listed = [each for each in [None if cursor else visitor.session, *others] if each]
    content = _SESSIONS.fill(
        name=provider.visitors_name(),
        devices=join(_device(each, place, visitor) for each, place in _with_places(listed)),
        more=_OLDER.fill(cursor=found.cursor) if found.cursor else NOTHING,
        others=(_OTHERS if others or cursor or found.cursor else _ALONE).fill(),
    )
    return visitors_page(event, "Where you are signed in", content, path="/sessions")


@session(strict=True, max_auth_age=RECENT, on_problem=explain)
def end(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /sessions/end: one of the customer's own. Another customer's stays untouched."""
    visitor, session_id = current_session(), requests.form_of_this_session(event).get("session_id", "")
    visitor.store.end_session(session_id, customer_id=visitor.customer_id)
    notices.leave("ended")
    return redirect("/sessions")


@session(strict=True, max_auth_age=RECENT, on_problem=explain)
def confirm_end(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /sessions/end-others: asks first."""
    visitor = current_session()
    content = _END_OTHERS.fill(name=provider.visitors_name(), binding=visitor.binding)
    return visitors_page(event, "Sign out other devices", content, path="/sessions")


@session(strict=True, max_auth_age=RECENT, on_problem=explain)
def end_others(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /sessions/end-others: all other sessions, or every one."""
    everywhere = requests.form_of_this_session(event).get("here") == "too"
    current_session().sign_out_everywhere(except_here=not everywhere)
    notices.leave("ended-everywhere" if everywhere else "others-ended")
    return redirect("/sign-in" if everywhere else "/sessions")


def _with_places(listed: list[Session]) -> Iterable[tuple[Session, str]]:
    """Each device with its place in order of first use among those of the same name, empty for the only one."""
    same = Counter(map(_name_of, listed))
    seen: Counter[str] = Counter()
    places = {}
    for each in sorted(listed, key=lambda each: (each.created_at, each.session_id)):
        name = _name_of(each)
        seen[name] += 1
        places[each.session_id] = f"{seen[name]} of {same[name]}" if same[name] > 1 else ""
    return [(each, places[each.session_id]) for each in listed]


def _name_of(each: Session) -> str:
    return called(each.client)


def _device(each: Session, place: str, visitor: SessionHandle) -> Html:
    name, here = _name_of(each), each.session_id == visitor.session_id
    label = ", ".join(filter(None, (name, place)))
    return _DEVICE.fill(
        name=name,
        place=_PLACE.fill(place=place) if place else NOTHING,
        icon=(_HANDHELD if is_handheld(name) else _DESKTOP).fill(),
        state=_state(each),
        first_seen=moment(each.created_at),
        last_active=moment(each.last_seen_at),
        applications=_applications(visitor.store.get_child_sessions(each.session_id)),
        action=_HERE.fill() if here else _END.fill(session_id=each.session_id, binding=visitor.binding, label=label),
    )


def _state(each: Session | ChildSession) -> Html:
    return _CLOSING.fill() if each.session_state is SessionState.CLOSING else NOTHING


def _applications(found: ChildSessionPage | None) -> Html:
    """The child sessions: one for each application that the customer has opened on the device.

    None of a session that has ended since it was listed.
    """
    children = found.children if found else ()
    named = [(each.audience or each.data.get("application", "Application"), _state(each)) for each in children]
    if not named:
        return NOTHING
    return _APPLICATIONS.fill(applications=join(_APPLICATION.fill(name=name, state=state) for name, state in named))
