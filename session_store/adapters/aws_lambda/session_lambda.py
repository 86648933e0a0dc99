"""The interface of the package session-lambda. `session_store.session_lambda`, its public path, describes it."""

from __future__ import annotations

import json
import os
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, ParamSpec, overload

from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.events import payload_of, request_of
from session_store.adapters.aws_lambda.handlers import context_of, decorated, event_of, prepared
from session_store.adapters.aws_lambda.results import header_fields, render, with_headers
from session_store.adapters.aws_lambda.session_lambda_values import text_of, value_of
from session_store.errors import (
    InvalidInputError,
    InvalidTokenError,
    NoCurrentSessionError,
    SessionNotFoundError,
    SessionRequiredError,
    SessionStoreError,
    StoreConfigurationError,
)
from session_store.kernel.response_headers import SessionHeaders
from session_store.model import MAX_ABSOLUTE_TIMEOUT, Timeouts
from session_store.settings import TABLE_NAME as ANY_TABLE_NAME
from session_store.time_left import LambdaCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.adapters.aws_lambda.events import Payload
    from session_store.model import Session
    from session_store.store import SessionStore

P = ParamSpec("P")

TABLE_NAME: Final = "SESSION_LAMBDA_DYNAMODB_TABLE_NAME"
DEFAULT_HEADER: Final = "session-id"
# The value is stored as JSON text: so it comes back exactly as it was, floats and nulls included.
_KEY: Final = "json"


class SessionStoreNotSet(StoreConfigurationError):  # noqa: N818 - session-lambda's name
    """Nothing names a table: neither an environment variable nor the argument `store`."""


@overload
def session(handler: Callable[P, object], /) -> Callable[P, Any]: ...


@overload
def session(
    handler: None = None,
    /,
    id_key_name: str = DEFAULT_HEADER,
    update: bool = False,  # noqa: FBT001 - as session-lambda has it
    ttl: int = 0,
    *,
    key_name: str | None = None,
    store: SessionStore | None = None,
) -> Callable[[Callable[P, object]], Callable[P, Any]]: ...


def session(  # type: ignore[no-untyped-def]  # the overloads are its type
    handler=None,
    /,
    id_key_name: str = DEFAULT_HEADER,
    update: bool = False,  # noqa: FBT001 - as session-lambda has it
    ttl: int = 0,
    *,
    key_name: str | None = None,
    store: SessionStore | None = None,
):
    """Put a session around a Lambda handler, as session-lambda does.

    The first call that sets a value stores a session, later ones read it and, with `update`, store a value that
    changed: each is one call to the table. Of two calls at once the later value wins. A handler that raises stores
    nothing. A result with `headers` or `statusCode`, also as a JSON string, gets the header and is kept out of caches,
    even where the handler says otherwise. Any other one has no place for it and passes as it is. A store that cannot
    be reached is answered 503, and an event that is no request is an error, as in `session_store.web.session`. If no
    variable names a table, and no store is given, the call raises `SessionStoreNotSet`.

    Args:
        handler: the handler, when used without parentheses.
        id_key_name: name of the header, in any case.
        update: whether later calls store what they set, else the value of the first call stays.
        ttl: seconds that a session lives after the last call under `update` (up to a tenth less), or else after the
            first one. 0 for the 400 days that a session lives at most.
        key_name: another name for `id_key_name`.
        store: the store to use instead of the one that the environment names.

    Raises:
        InvalidInputError: an argument is of the wrong type, or `ttl` is out of range.
    """
    rules = _Rules(
        header=_header_name(key_name or id_key_name),
        update=update,
        timeouts=_timeouts(ttl, update=update),
        find_store=prepared(_store_of_environment) if store is None else lambda: store,
    )
    decorate = partial(decorated, serve=partial(_serve, rules))
    return decorate if handler is None else decorate(handler)


def get_session_data() -> Any:  # noqa: ANN401 - any JSON value; callers know which
    """The session's value in the current call, None in a new session.

    It follows the call into tasks and `asyncio.to_thread`. A thread that you start yourself has no session. Run it in
    `contextvars.copy_context()`.

    Raises:
        NoCurrentSessionError: no handler decorated with this module's `session` is being called.
    """
    return _current().value


def set_session_data(data: Any) -> None:  # noqa: ANN401
    """Set the session's value: JSON, Decimals, sets and bytes in any mixture. It is stored when the handler returns.

    Raises:
        NoCurrentSessionError: no handler decorated with this module's `session` is being called.
    """
    _current().value = data


@dataclass(slots=True)
class _State:
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    header: str
    update: bool
    timeouts: Timeouts
    find_store: Callable[[], SessionStore]


_CURRENT: Final[ContextVar[_State]] = ContextVar("session_store.session_lambda")


def _current() -> _State:
    try:
        return _CURRENT.get()
    except LookupError:
        problem = "there is no current session: call this from a handler under session_store.session_lambda.session"
        raise NoCurrentSessionError(problem) from None


def _timeouts(ttl: int, *, update: bool) -> Timeouts:
    longest = int(MAX_ABSOLUTE_TIMEOUT.total_seconds())
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 <= ttl <= longest:
        raise InvalidInputError("ttl", f"must be whole seconds from 0 to {longest}", value=ttl)
    idle = timedelta(seconds=ttl or longest)
    return Timeouts(idle=idle, absolute=MAX_ABSOLUTE_TIMEOUT if update else idle)


def _serve(rules: _Rules, handler: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the handler's
        event = event_of(args, kwargs)
        try:
            with LambdaCall(context_of(args, kwargs)):
                token, stored = _load(rules, event)
                state = _State(value_of(str(stored.data.get(_KEY, "null"))) if stored else None)
                outer = _CURRENT.set(state)
                try:
                    result = handler(*args, **kwargs)
                finally:
                    _CURRENT.reset(outer)
                token = _save(rules, token, stored, state.value)
            return _with_header(result, rules.header, token, payload_of(event))
        except SessionStoreNotSet:
            raise
        except SessionStoreError as error:
            from session_store.kernel.failures import response_to  # noqa: PLC0415 - only a request that fails needs it

            return render(response_to(error), payload_of(event))

    return call


def _load(rules: _Rules, event: object) -> tuple[str, Session | None]:
    token = request_of(event).headers.get(rules.header.lower(), "")
    if not token:
        return token, None
    try:
        return token, rules.find_store().validate(token)
    except InvalidTokenError:
        return token, None


def _save(rules: _Rules, token: str, stored: Session | None, value: object) -> str:
    """Store the value where that is called for. Returns the token that the client is to keep, empty for none."""
    if stored is None and value is None:
        return ""
    store = rules.find_store()
    if stored is None:
        return store.create_session(data={_KEY: text_of(value)}, timeouts=rules.timeouts).token
    if rules.update and (text := text_of(value)) != stored.data.get(_KEY, "null"):
        try:
            store.save_changes(stored, {_KEY: text}, last_write_wins=True)
        except SessionNotFoundError:
            raise SessionRequiredError("the session ended while the request was served") from None
    return token


def _with_header(result: Any, name: str, token: str, payload: Payload) -> Any:  # noqa: ANN401
    if isinstance(result, str):
        return _with_header_in_text(result, name, token, payload)
    if not isinstance(result, dict) or not ("headers" in result or "statusCode" in result):
        return result
    own = [(key, value) for key, value in header_fields(result) if key.lower() != name.lower()]
    headers = SessionHeaders(hands_out_token=bool(token), vary=(name,))
    return with_headers(result, headers.added_to([*own, (name, token)] if token else own), payload)


def _with_header_in_text(text: str, name: str, token: str, payload: Payload) -> str:
    try:
        result = json.loads(text)
    except ValueError:
        return text
    answer = _with_header(result, name, token, payload) if isinstance(result, dict) else result
    return text if answer is result else json.dumps(answer)


def _header_name(name: str) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidInputError("id_key_name", "must be the name of a header", value=name)
    return name


def _store_of_environment() -> SessionStore:
    if name := os.environ.get(TABLE_NAME):
        return environment.store(name)
    if not os.environ.get(ANY_TABLE_NAME):
        raise SessionStoreNotSet(f"set the environment variable {TABLE_NAME} or {ANY_TABLE_NAME} to the table's name")
    return environment.store()
