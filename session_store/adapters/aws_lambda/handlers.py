"""Handlers that a decorator takes, with event and context among the arguments that they are called with."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from session_store.adapters.aws_lambda.events import method_of
from session_store.errors import InvalidInputError, SessionStoreError, UnsupportedEventError
from session_store.settings import INITIALIZATION, writes_request_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from session_store.store import SessionStore


def decorated(handler: Any, serve: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Any:  # noqa: ANN401
    """A handler with something around it. A static method and a class method stay what they are.

    Args:
        handler: a function, a method, or another object that can be called.
        serve: makes the function that is called in the handler's place.

    Raises:
        InvalidInputError: it cannot be called.
        StoreConfigurationError: the variable that switches the lines of requests on is malformed.
    """
    if isinstance(handler, staticmethod | classmethod):
        return type(handler)(decorated(handler.__func__, serve))
    if not callable(handler):
        raise InvalidInputError("handler", "must be a function: give the store as @session(store=...)", value=handler)
    served = serve(handler)
    if writes_request_lines():
        from session_store.adapters.aws_lambda.own_lines import with_lines  # noqa: PLC0415 - for those that write some

        served = with_lines(served, event_of, is_awaited=is_async(served))
    return wraps(handler)(served)


def prepared(find_store: Callable[[], SessionStore]) -> Callable[[], SessionStore]:
    """What finds a store, called once at import in Lambda. If it fails, the first request says so.

    At import a small function has a whole processor, in a request its share:
    https://serverlessland.com/content/service/lambda/guides/effectively-running-java-on-serverless/init-heavy-lifting

    Args:
        find_store: makes the store at its first call.
    """
    if INITIALIZATION in os.environ:  # an application's tests may set a function's name
        with suppress(SessionStoreError):
            find_store()
    return find_store


def is_async(handler: Callable[..., Any]) -> bool:
    """Whether its result has to be awaited. Of an object that can be called, whether that of its `__call__` has."""
    while isinstance(handler, partial):
        handler = handler.func
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)


def event_of(arguments: Sequence[object], named: Mapping[str, object]) -> Any:  # noqa: ANN401 - as it came
    """The event among a handler's arguments: the first one, or behind a method's object or class the second.

    If none of them is a request, it is the first one, which `request_of` refuses.

    Raises:
        UnsupportedEventError: there is no event among them, as of a route's function in a framework.
    """
    if not arguments and "event" not in named:
        raise UnsupportedEventError(
            problem="the function was called without an event: decorate the one that Lambda calls, not a route's"
        )
    given = [*arguments[:2], named.get("event")]
    for each in given:
        if isinstance(each, Mapping) and method_of(each):
            return each
    return given[0]


def context_of(arguments: Sequence[object], named: Mapping[str, object]) -> object:
    """Lambda's context among a handler's arguments: the one of that name, or else the last one."""
    return named.get("context", arguments[-1] if arguments else None)
