"""One handler per operation, under its name: read the call, make one call of the store, map the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store import checks, tokens
from session_store.api.call import DEFAULT_LIMIT
from session_store.errors import (
    InvalidInputError,
    InvalidTokenError,
    ReauthenticationRequiredError,
    SessionNotFoundError,
)
from session_store.kernel.response import Answer, page_json, session_json, time_json
from session_store.model import EndReason, SessionState, Timeouts

if TYPE_CHECKING:
    from session_store.api.call import Call
    from session_store.model import Session
    from session_store.store import SessionStore

_OK: Final = 200
_CREATED: Final = 201
_INACTIVE: Final = Answer(_OK, {"active": False})


def create_session(store: SessionStore, call: Call) -> Answer:
    """POST /sessions. A customer id that is missing by mistake makes no visitor's session. That has to be asked for."""
    customer_id, anonymous = call.text("customer_id"), call.flag("anonymous")
    if customer_id is None and not anonymous:
        raise InvalidInputError("customer_id", 'must be given; for a visitor\'s session say "anonymous": true')
    if customer_id is not None and anonymous:
        raise InvalidInputError("anonymous", "must not be true beside a customer_id")
    created = store.create_session(
        customer_id,
        data=call.data(),
        client=call.text("client"),
        timeouts=_timeouts(store, call),
        replaces=call.token("replaces"),
        carry_data=call.flag("carry_data"),
        idempotency_key=call.idempotency_key,
        ends_with_browser=call.flag("ends_with_browser"),
    )
    body = {"session": session_json(created.session), "token": created.token}
    if created.replaced_session_id is not None:
        body["replaced_session_id"] = created.replaced_session_id
    return Answer(_CREATED, body)


def introspect_token(store: SessionStore, call: Call) -> Answer:
    """POST /sessions/introspect. A token that is not good is an answer, not an error."""
    token = call.token("token")
    if token is None:
        raise InvalidInputError("token", "must be given", confidential=True)
    # What is malformed is an error of the request, also beside a token that is not good.
    audience = checks.check_optional_id("audience", call.text("audience"))
    acrs = call.texts("required_acr")
    if acrs is not None:
        from session_store.operations.authentication import check_required_acr  # noqa: PLC0415 - few requests name some

        check_required_acr(acrs)
    asked: Any = {
        "strict": call.flag("strict", default=True),
        "max_auth_age": call.seconds("max_auth_age", minimum=0),
        "required_acr": acrs,
        "activity": call.activity(),
    }
    try:
        if tokens.parse(token).is_child or audience is not None:
            child = store.validate(token, child=True, audience=audience, **asked)
            return Answer(_OK, {"active": True, "child": session_json(child)})
        session = store.validate(token, **asked)
    except InvalidTokenError:
        return _INACTIVE
    except ReauthenticationRequiredError as error:
        return _step_up(error)
    return Answer(_OK, {"active": True, "session": session_json(session)})


def get_session(store: SessionStore, call: Call) -> Answer:
    """GET /sessions/{session_id}."""
    session_id = call.path["session_id"]
    return _session_or_not_found(store.get_session(session_id), session_id)


def update_session(store: SessionStore, call: Call) -> Answer:
    """PATCH /sessions/{session_id}: a merge patch for the data, the state `closing`, or both in one write."""
    data, state = call.data(), call.text("session_state")
    if data is None and state is None:
        raise InvalidInputError("data", "must be given, or session_state, or both", confidential=True)
    if state not in (None, SessionState.CLOSING):
        problem = f'can only be set to "{SessionState.CLOSING.value}"; DELETE ends a session'
        raise InvalidInputError("session_state", problem, value=state)
    session = store.update_data(
        call.path["session_id"],
        data or {},
        last_write_wins=call.flag("last_write_wins"),
        closing=state is not None,
    )
    return Answer(_OK, session_json(session))


def extend_session(store: SessionStore, call: Call) -> Answer:
    """POST /sessions/{session_id}/extend."""
    return Answer(_OK, session_json(store.extend_session(call.path["session_id"])))


def end_session(store: SessionStore, call: Call) -> Answer:
    """DELETE /sessions/{session_id}. The same answer when it had ended already."""
    store.end_session(call.path["session_id"], reason=call.query.get("reason", EndReason.SIGNED_OUT))
    return Answer()


def create_child_session(store: SessionStore, call: Call) -> Answer:
    """POST /sessions/{session_id}/children."""
    created = store.create_child_session(
        call.path["session_id"],
        customer_id=call.text("customer_id"),
        audience=call.text("audience"),
        data=call.data(),
    )
    return Answer(_CREATED, {"child": session_json(created.child), "token": created.token})


def get_child_sessions(store: SessionStore, call: Call) -> Answer:
    """GET /sessions/{session_id}/children."""
    session_id = call.path["session_id"]
    page = store.get_child_sessions(
        session_id, limit=call.number("limit", DEFAULT_LIMIT), cursor=call.query.get("cursor")
    )
    if page is None:
        raise SessionNotFoundError(session_id)
    return Answer(_OK, page_json("children", page.children, page.cursor))


def end_child_session(store: SessionStore, call: Call) -> Answer:
    """DELETE /sessions/{session_id}/children/{child_session_id}. The same answer when it had ended already."""
    session_id, child_session_id = call.path["session_id"], call.path["child_session_id"]
    store.end_child_session(session_id, child_session_id, reason=call.query.get("reason", EndReason.SIGNED_OUT))
    return Answer()


def get_session_by_child(store: SessionStore, call: Call) -> Answer:
    """GET /children/{child_session_id}/session."""
    child_session_id = call.path["child_session_id"]
    return _session_or_not_found(store.get_session_by_child(child_session_id), child_session_id)


def get_customer_sessions(store: SessionStore, call: Call) -> Answer:
    """GET /customers/{customer_id}/sessions."""
    page = store.get_customer_sessions(
        call.path["customer_id"], limit=call.number("limit", DEFAULT_LIMIT), cursor=call.query.get("cursor")
    )
    return Answer(_OK, page_json("sessions", page.sessions, page.cursor))


def get_customer_session(store: SessionStore, call: Call) -> Answer:
    """GET /customers/{customer_id}/sessions/{session_id}."""
    session_id = call.path["session_id"]
    return _session_or_not_found(store.get_session(session_id, customer_id=call.path["customer_id"]), session_id)


def get_last_login_time(store: SessionStore, call: Call) -> Answer:
    """GET /customers/{customer_id}/last-login."""
    customer_id = call.path["customer_id"]
    moment = store.get_last_login_time(customer_id)
    return Answer(_OK, {"customer_id": customer_id, "last_login_time": time_json(moment)})


def end_customer_sessions(store: SessionStore, call: Call) -> Answer:
    """DELETE /customers/{customer_id}/sessions."""
    ended = store.end_customer_sessions(
        call.path["customer_id"],
        except_session_id=call.query.get("except"),
        reason=call.query.get("reason", EndReason.ALL_ENDED),
        limit=call.optional_number("limit"),
        cursor=call.query.get("cursor"),
    )
    return Answer(_OK, {"expired": ended.count, "cursor": ended.cursor})


def erase_customer(store: SessionStore, call: Call) -> Answer:
    """DELETE /customers/{customer_id}."""
    erased = store.erase_customer(
        call.path["customer_id"], limit=call.number("limit", DEFAULT_LIMIT), cursor=call.query.get("cursor")
    )
    return Answer(_OK, {"purged": erased.count, "cursor": erased.cursor})


def _step_up(error: ReauthenticationRequiredError) -> Answer:
    """The caller asked for it, and has to know what helps: the same that RFC 9470 says in a header, by its names."""
    body: dict[str, Any] = {"active": False, "reason": "reauthentication_required"}
    if error.required_acr:
        body["acr_values"] = list(error.required_acr)
    if error.max_auth_age is not None:
        body["max_age"] = int(error.max_auth_age.total_seconds())
    return Answer(_OK, body)


def _session_or_not_found(session: Session | None, asked_for: str) -> Answer:
    if session is None:
        raise SessionNotFoundError(asked_for)
    return Answer(_OK, session_json(session))


def _timeouts(store: SessionStore, call: Call) -> Timeouts | None:
    idle, absolute = call.seconds("idle_timeout"), call.seconds("absolute_timeout")
    if idle is None and absolute is None:
        return None
    defaults = store.timeouts
    return Timeouts(idle=idle or defaults.idle, absolute=absolute or defaults.absolute)
