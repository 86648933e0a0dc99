"""`@session`: a session around a plain Lambda handler."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, overload

from session_store import checks
from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.events import payload_of, request_of
from session_store.adapters.aws_lambda.handlers import context_of, decorated, event_of, is_async, prepared
from session_store.adapters.aws_lambda.results import Result, render
from session_store.errors import InvalidInputError, SessionStoreError
from session_store.kernel import web_settings
from session_store.kernel.exchange import Exchange
from session_store.kernel.rules import Rules
from session_store.time_left import LambdaCall

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import timedelta

    from session_store.adapters.aws_lambda.on_problem import Problem
    from session_store.model import WebActivity
    from session_store.store import SessionStore

P = ParamSpec("P")
Answer: TypeAlias = "Callable[[Exchange, SessionStoreError, Mapping[str, Any]], dict[str, Any]]"


@overload
def session(handler: Callable[P, object], /) -> Callable[P, Any]: ...


@overload
def session(
    *,
    store: SessionStore | Callable[[], SessionStore] | None = None,
    required: bool = False,
    strict: bool = False,
    max_auth_age: timedelta | None = None,
    required_acr: str | Collection[str] | None = None,
    activity: WebActivity = "recorded",
    csrf: bool = True,
    allowed_origins: Collection[str] = (),
    cookie_only: bool = False,
    max_data_bytes: int | None = None,
    on_problem: Callable[[Problem, Any], object] | None = None,
) -> Callable[[Callable[P, object]], Callable[P, Any]]: ...


def session(  # type: ignore[no-untyped-def]  # the overloads are its type
    handler=None,
    /,
    *,
    store: SessionStore | Callable[[], SessionStore] | None = None,
    required: bool = False,
    strict: bool = False,
    max_auth_age: timedelta | None = None,
    required_acr: str | Collection[str] | None = None,
    activity: WebActivity = "recorded",
    csrf: bool = True,
    allowed_origins: Collection[str] = (),
    cookie_only: bool = False,
    max_data_bytes: int | None = None,
    on_problem: Callable[[Problem, Any], object] | None = None,
):
    """Put a session around a Lambda handler. `current_session()` is it, anywhere in the call.

    For payload format 2.0 and 1.0 of API Gateway, and function URLs. Functions, methods (above or below `@classmethod`
    and `@staticmethod`), partials and other callable objects can be decorated, plain and `async` ones. The event is
    their first argument, of a method the second. An event that is no request (a schedule's, an invocation by hand), or
    a request in another form (a load balancer's, a WebSocket API's), raises `UnsupportedEventError` without calling the
    handler. A result without `statusCode` is read as in payload format 2.0: a text is the body of a 200, any other
    value its JSON.

    - Reads the session at its first use, 1 RRU. A handler that never uses it causes no call to AWS.
    - Saves only the changes, when the handler has returned, 1 WRU. A handler that raises or answers with status 500 or
      above saves nothing. An anonymous visitor's session is stored once it has data.
    - Sets the cookie when there is a new token: at sign-in, for a visitor's first data, and at rotation, which is
      automatic if the store has a `rotation_interval`. Clears the cookie at sign-out only. A response to a request with
      an old cookie could arrive after the response to a sign-in, and would sign out again.
    - A response that depends on the session gets `Vary: Authorization, Cookie` and `Cache-Control: no-store`. A
      handler's own `Cache-Control` stays, unless the response carries a token. Its other headers stay, repeated ones
      too.
    - Takes a token from `Authorization: Bearer` or from the cookie that the store's settings name (`__Host-session`).
      The header wins. A bad or ended cookie means an anonymous visitor, a bad Bearer token is answered 401.

    It answers these problems by itself, as problem details (RFC 9457):

    - 401 if a sign-in is needed, or was needed until it ended while the handler ran
    - 403 for a cross-site request
    - 409 if others changed the same key meanwhile (the error names it, the response does not), or for a form of another
      session
    - 413 if the session would hold too much data
    - 503, with Retry-After if that helps, if the store cannot be reached

    The handler sees the typed error first, and may catch it, unless it comes from the save. With `on_problem` the
    application answers instead. Errors of the application's own, such as data that is not JSON, are raised.

    Args:
        handler: the handler, when used without parentheses.
        store: the store, or what makes it at first use. By default the one that the environment describes, once per
            process: in Lambda it is made when the handler is decorated, and counts incidents as metrics. Elsewhere it
            logs them.
        required: answer 401, without calling the handler, unless a customer is signed in.
        strict: see `SessionStore.validate`.
        max_auth_age: answer 401 when the sign-in is older. Implies `required`.
        required_acr: answer 401 when the identity provider named no such authentication context, see
            `SessionStore.validate`. Implies `required`.
        activity: `none` for requests that pages make by themselves, as when they poll. They do not keep the session
            alive. See `SessionStore.validate`.
        csrf: refuse requests that change state (any method but GET, HEAD, OPTIONS and TRACE) unless the browser says
            that they come from this origin, or from an allowed one. Requests with a Bearer token need no such proof.
        allowed_origins: further origins whose pages may send such requests, as in the header `Origin`
            (`https://app.example.com`, with `http` those of this machine alone).
        cookie_only: ignore the header `Authorization`, where another system's tokens come in it.
        max_data_bytes: how much data the session may hold, as compact JSON text in UTF-8, 1,024 bytes to 16 MB. By
            default 64 KB, of a store with large data 16 MB. Only additions are refused. A session that holds more
            already can be read, and made smaller.
        on_problem: a plain function that is called with the `Problem` and the event whenever the decorator would answer
            by itself. It returns a result as a handler does, for instance `problem.result` with further headers, or a
            page. None leaves the response as it is. The session's headers are added to its result. Its exceptions are
            not caught.

    Raises:
        InvalidInputError: an argument is of the wrong type or out of range.
    """
    rules = Rules(
        find_store=_finder(store),
        required=checks.check_flag("required", required) or max_auth_age is not None or required_acr is not None,
        strict=checks.check_flag("strict", strict),
        max_auth_age=checks.check_max_auth_age(max_auth_age),
        required_acr=None if required_acr is None else _check_required_acr(required_acr),
        activity=checks.check_activity(activity),
        csrf=checks.check_flag("csrf", csrf),
        allowed_origins=frozenset(web_settings.check_origins(allowed_origins)),
        cookie_only=checks.check_flag("cookie_only", cookie_only),
        max_data_bytes=web_settings.check_max_data_bytes(max_data_bytes),
    )
    answer = _own_answer if on_problem is None else partial(_hooked_answer, _check_hook(on_problem))
    decorate = partial(decorated, serve=partial(_serve, rules, answer))
    return decorate if handler is None else decorate(handler)


def _serve(rules: Rules, answer: Answer, handler: Callable[..., Any]) -> Callable[..., Any]:
    if is_async(handler):
        return _serve_async(rules, answer, handler)

    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the handler's
        event = event_of(args, kwargs)
        with LambdaCall(context_of(args, kwargs)), Exchange(rules, request_of(event)) as exchange:
            try:
                exchange.admit()
                return _finish(exchange, handler(*args, **kwargs), event)
            except SessionStoreError as error:
                return answer(exchange, error, event)

    return call


def _serve_async(rules: Rules, answer: Answer, handler: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the handler's
        event = event_of(args, kwargs)
        with LambdaCall(context_of(args, kwargs)), Exchange(rules, request_of(event)) as exchange:
            try:
                exchange.admit()
                return _finish(exchange, await handler(*args, **kwargs), event)
            except SessionStoreError as error:
                return answer(exchange, error, event)

    return call


def _finish(exchange: Exchange, returned: Any, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as the handler's
    """Save, and put the session's headers on the result. One that the session has no part in passes untouched."""
    if not exchange.token.used:
        return returned
    result = Result(returned)  # before anything is saved: it may be none
    headers = exchange.finish(result.status)
    return returned if headers is None else result.with_headers(headers.added_to(result.headers), payload_of(event))


def _own_answer(exchange: Exchange, error: SessionStoreError, event: Mapping[str, Any]) -> dict[str, Any]:
    return render(exchange.fail(error), payload_of(event))


def _hooked_answer(hook: Callable[[Problem, Any], object], *failed: Any) -> dict[str, Any]:  # noqa: ANN401
    from session_store.adapters.aws_lambda.on_problem import answered_by  # noqa: PLC0415 - only a request that fails pays

    return answered_by(hook, *failed)


def _check_hook(hook: Callable[[Problem, Any], object]) -> Callable[[Problem, Any], object]:
    if is_async(checks.check_function("on_problem", hook)):
        raise InvalidInputError("on_problem", "must be a plain function, not an async one", value=hook)
    return hook


def _check_required_acr(value: str | Collection[str]) -> tuple[str, ...]:
    from session_store.operations.authentication import check_required_acr  # noqa: PLC0415 - few pages need it

    return check_required_acr(value)


@cache
def made_by(factory: Callable[[], SessionStore]) -> SessionStore:
    """The store of a factory: one in a process, however many handlers name the factory."""
    return factory()


def _finder(store: SessionStore | Callable[[], SessionStore] | None) -> Callable[[], SessionStore]:
    if store is None:
        return prepared(environment.store)
    if callable(store):
        return partial(made_by, store)
    checked = checks.check_methods("store", store, "validate_and_rotate")
    return lambda: checked
