"""Every kind of handler can be decorated. The event is found, and in it the cookie and the request's origin."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import pytest

from session_store import UnsupportedEventError
from session_store.web import current_session, session
from tests.support.lambda_events import behind, get
from tests.support.scene import Scene
from tests.support.visitor import visitor_with


def answer(*_: object) -> dict[str, Any]:
    return {"statusCode": 200, "body": str(current_session().customer_id)}


async def answer_later(*_: object) -> dict[str, Any]:
    return answer()


def logged(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator of another library, which hands on what it is called with."""

    @wraps(handler)
    def call(*args: Any, **kwargs: Any) -> Any:
        return handler(*args, **kwargs)

    return call


def pages_of(decorate: Callable[[Any], Any]) -> type[Any]:
    """A class with decorated methods; as a mapping, it could be taken for the event itself."""

    class Pages(dict[str, Any]):
        @decorate
        def show(self, *_: object) -> Any:
            assert isinstance(self, Pages)
            return answer()

        @classmethod
        @decorate
        def of_class(cls, *_: object) -> Any:
            assert issubclass(cls, Pages)
            return answer()

        @decorate
        @classmethod
        def of_class_above(cls, *_: object) -> Any:
            assert issubclass(cls, Pages)
            return answer()

        @staticmethod
        @decorate
        def static(*_: object) -> Any:
            return answer()

        @decorate
        @staticmethod
        def static_above(*_: object) -> Any:
            return answer()

        @logged
        @decorate
        @logged
        def between_others(self, *_: object) -> Any:
            return answer()

        @decorate
        def __call__(self, *_: object) -> Any:
            return answer()

        @decorate
        async def later(self, *_: object) -> Any:
            return answer()

    return Pages


def of_the_class(pages: type[Any]) -> Callable[..., Any]:
    """A method as a class further down calls it: `Pages.show(self, event, context)`."""
    return partial(pages.show, pages())


class CallableObject:
    def __call__(self, *_: object) -> Any:
        return answer()


class AsyncCallable:
    async def __call__(self, *_: object) -> Any:
        return answer()


KINDS: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "function": lambda decorate: decorate(lambda *_: answer()),
    "method": lambda decorate: pages_of(decorate)().show,
    "method, of the class": lambda decorate: of_the_class(pages_of(decorate)),
    "class method": lambda decorate: pages_of(decorate).of_class,
    "class method, decorated above": lambda decorate: pages_of(decorate)().of_class_above,
    "static method": lambda decorate: pages_of(decorate).static,
    "static method, decorated above": lambda decorate: pages_of(decorate)().static_above,
    "method among decorators": lambda decorate: pages_of(decorate)().between_others,
    "decorated __call__": lambda decorate: pages_of(decorate)(),
    "async method": lambda decorate: pages_of(decorate)().later,
    "bound method": lambda decorate: decorate(pages_of(lambda method: method)().show),
    "partial": lambda decorate: decorate(partial(answer, "first")),
    "async partial": lambda decorate: decorate(partial(answer_later, "first")),
    "callable object": lambda decorate: decorate(CallableObject()),
    "async callable object": lambda decorate: decorate(AsyncCallable()),
    "partial of an async callable object": lambda decorate: decorate(partial(AsyncCallable())),
}


def sender(handler: Callable[..., Any]) -> Any:
    """Sends requests to a handler, and waits for the result of an async one."""

    return behind(lambda event, context: waited_for(handler(event, context)))


def waited_for(result: Any) -> Any:
    return asyncio.run(result) if inspect.iscoroutine(result) else result


@pytest.mark.shows("T16")
@pytest.mark.parametrize("kind", KINDS)
def test_a_live_cookie_counts_and_a_request_from_another_site_is_refused(scene: Scene, kind: str) -> None:
    browser = visitor_with(sender(KINDS[kind](session(store=scene.store))), scene.other.create_session("ana").token)

    assert browser.get().text == "ana"
    assert browser.post(sec_fetch_site="same-origin").text == "ana"
    assert browser.post(sec_fetch_site="cross-site").outcome == (403, "cross-site-request")


@pytest.mark.parametrize("kind", KINDS)
def test_where_a_customer_is_required_a_visitor_does_not_get_through(scene: Scene, kind: str) -> None:
    send = sender(KINDS[kind](session(store=scene.store, required=True)))

    assert visitor_with(send, None).get().outcome == (401, "session-required")


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_request_among_its_arguments_no_kind_of_handler_is_called(scene: Scene, kind: str) -> None:
    handler = KINDS[kind](session(store=scene.store))

    for event in ("ping", {}, {"source": "aws.events"}):
        with pytest.raises(UnsupportedEventError):
            waited_for(handler(event, None))


@pytest.mark.parametrize("event", [{"event": get()}, {"event": get(), "context": None}])
def test_the_event_may_be_named(scene: Scene, event: dict[str, Any]) -> None:
    def named(**_: object) -> Any:
        return answer()

    assert session(store=scene.store)(named)(**event)["statusCode"] == 200


@pytest.mark.parametrize("named", [{}, {"order_id": "1"}])
def test_a_route_of_a_framework_that_was_decorated_by_mistake_says_what_to_decorate(named: dict[str, str]) -> None:
    route = session(lambda **_: answer())

    with pytest.raises(UnsupportedEventError, match="decorate the one that Lambda calls, not a route's"):
        route(**named)
