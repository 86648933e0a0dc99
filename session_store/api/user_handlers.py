"""The user routes' handlers, one per operation, under its name."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from session_store.api.call import DEFAULT_LIMIT
from session_store.checks import check_limit
from session_store.errors import InvalidInputError, InvalidTokenError, SessionRequiredError
from session_store.kernel.problems import PreconditionRequiredError
from session_store.kernel.response import Answer, session_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.api.user_visit import Visit
    from session_store.model import Session, SessionPage

MAX_LISTED: Final = 25  # on one page: each of them is read whole
# The fields of a session in the list.
LISTED: Final = (
    *("session_id", "session_state", "client", "created_at", "last_login_time", "last_seen_at"),
    *("expires_at", "absolute_expires_at"),
)
_OK: Final = 200
_IF_MATCH: Final = "If-Match"
_VERSION: Final = re.compile(r'"([1-9][0-9]{0,17})"|([1-9][0-9]{0,17})')


def get_my_session(visit: Visit) -> Answer:
    """GET /session."""
    return visit.shown(visit.session(visit.call.activity()))


def update_my_session(visit: Visit) -> Answer:
    """PATCH /session: a merge patch for the data."""
    data = visit.call.data()
    if data is None:
        raise InvalidInputError("data", "must be given", confidential=True)
    visit.check_data(data, is_patch=True)
    last_write_wins = visit.call.flag("last_write_wins")
    session = visit.session()
    return visit.shown(visit.store.update_data(session, data, last_write_wins=last_write_wins, check=visit.check_size))


def replace_my_data(visit: Visit) -> Answer:
    """PUT /session/data: the body is the new data."""
    data, version = visit.check_data(visit.call.body), _required_version(visit.exchange.request.headers)
    visit.check_size(data)
    session = visit.session()
    return visit.shown(visit.store.replace_data(session, visit.kept_data(session) | data, version=version))


def rotate_my_token(visit: Visit) -> Answer:
    """POST /session/rotate. A caller with the token in the header gets the new one in the body."""
    visit.session()  # a child session's token stops here
    token = visit.exchange.token.rotate().token
    body: dict[str, Any] = {"rotated": token is not None}
    if token is not None and not visit.by_cookie:
        body["token"] = token
    return Answer(_OK, body)


def sign_out(visit: Visit) -> Answer:
    """DELETE /session. The same answer when it had ended already. A fault leaves the cookie, for another try."""
    with suppress(InvalidTokenError, SessionRequiredError):  # then there is nothing (left) to end
        visit.exchange.token.end(visit.session)
    visit.leave()
    return Answer()


def get_my_sessions(visit: Visit) -> Answer:
    """GET /me/sessions."""
    limit = check_limit(visit.call.number("limit", DEFAULT_LIMIT), maximum=MAX_LISTED)
    cursor = visit.call.query.get("cursor")
    session, customer_id = visit.customer()
    page = visit.store.get_customer_sessions(customer_id, limit=limit, cursor=cursor)
    listed = page.sessions if cursor else _with_current(page, session)
    return Answer(_OK, {"sessions": [_listed(each, session) for each in listed], "cursor": page.cursor})


def end_my_other_sessions(visit: Visit) -> Answer:
    """DELETE /me/sessions."""
    limit, cursor = visit.call.optional_number("limit"), visit.call.query.get("cursor")
    session, customer_id = visit.recent_customer()
    ended = visit.store.end_customer_sessions(
        customer_id, except_session_id=session.session_id, limit=limit, cursor=cursor
    )
    return Answer(_OK, {"expired": ended.count, "cursor": ended.cursor})


def end_my_session(visit: Visit) -> Answer:
    """DELETE /me/sessions/{session_id}. The same response if it had ended already, or is another user's."""
    session_id = visit.call.path["session_id"]
    session, customer_id = visit.recent_customer()
    visit.store.end_session(session_id, customer_id=customer_id)
    if session_id == session.session_id:
        visit.leave()
    return Answer()


def _required_version(headers: Mapping[str, str]) -> int:
    """The version in `If-Match`, with or without the quotes of an entity tag."""
    text = headers.get(_IF_MATCH.lower())
    if text is None:
        raise PreconditionRequiredError
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise InvalidInputError(_IF_MATCH, 'must be one version, as in the ETag of GET /session: "3"', value=text)
    return int(match[1] or match[2])


def _with_current(page: SessionPage, session: Session) -> tuple[Session, ...]:
    """The first page. The index does not show a session at once that was just started."""
    newest = page.sessions[0].session_id if page.sessions else ""
    return (session, *page.sessions) if session.session_id > newest else page.sessions


def _listed(session: Session, current: Session) -> dict[str, Any]:
    """A session in the list of "where you are signed in". Its data is not part of it."""
    shown = session_json(session)
    return {name: shown[name] for name in LISTED} | {"is_current": session.session_id == current.session_id}
