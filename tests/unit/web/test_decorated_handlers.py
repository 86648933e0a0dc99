"""What `@session` does around a handler: when it reads, what it saves, which headers it adds."""

from __future__ import annotations

import asyncio
import functools
import inspect
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from threading import Barrier
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from session_store import (
    InvalidInputError,
    NoCurrentSessionError,
    SessionStore,
    StoreUnavailableError,
    UnsupportedEventError,
    session_lambda,
)
from session_store.kernel.web_settings import AuthorizerSettings
from session_store.web import SessionHandle, authorizer_handler, current_session, session
from tests.support.browser import Browser, Payload
from tests.support.faults import FOREVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.scene import Scene

OK = {"statusCode": 200, "body": "fine"}


# Reading and saving


def test_tuples_and_other_mappings_are_saved_as_arrays_and_objects(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        data = current_session()
        if "user" in data:
            data["user"] = MappingProxyType({"name": ("Ana", 1)})
        else:
            data["user"] = {"name": "ana", "city": "Rome"}
        return OK

    browser = Browser(handler)
    for _ in range(2):
        browser.get()

    assert scene.another_store().validate(browser.token or "").data == {"user": {"name": ["Ana", 1]}}


def test_visits_are_counted_and_another_browser_starts_at_one(counter: Browser) -> None:
    assert [counter.get().text for _ in range(3)] == ["1", "2", "3"]
    assert Browser(counter.handler).get().text == "1"


def test_a_handler_that_never_touches_the_session_causes_no_call_and_its_result_passes_untouched(scene: Scene) -> None:
    result = {"statusCode": 200, "headers": {}, "body": "static"}
    browser = Browser(session(store=scene.store)(lambda *_: result))
    browser.token = scene.another_store().create_session("ana").token

    assert browser.get().result is result
    assert scene.faults.calls == []


def test_a_request_that_only_reads_is_one_call(counter: Browser, scene: Scene) -> None:
    @session(store=scene.store)
    def show(event: dict[str, Any], context: object) -> dict[str, Any]:
        return {"statusCode": 200, "body": str(current_session()["visits"])}

    counter.get()
    reader = Browser(show, cookies=counter.cookies)
    scene.faults.calls.clear()

    page = reader.get()

    assert (page.text, page.set_cookies) == ("1", [])
    assert scene.faults.operations == ["Query"]


def test_a_request_that_changes_something_is_two_calls(counter: Browser, scene: Scene) -> None:
    counter.get()
    scene.faults.calls.clear()
    counter.get()

    assert scene.faults.operations == ["Query", "UpdateItem"]


def test_setting_what_is_there_already_writes_nothing(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        current_session()["theme"] = {"dark": True, "sizes": [1, 2.5]}

    browser = Browser(handler)
    browser.get()
    scene.faults.calls.clear()
    browser.get()

    assert scene.faults.operations == ["Query"]


@pytest.mark.asvs("7.6.2")
def test_a_visitor_who_is_not_remembered_for_anything_gets_no_session_and_no_cookie(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        return {"statusCode": 200, "body": str(current_session().get("visits"))}

    assert Browser(handler).get().set_cookies == []
    assert scene.faults.calls == []


def test_a_change_deep_inside_is_saved(scene: Scene) -> None:
    @session(store=scene.store)
    def add(event: dict[str, Any], context: object) -> dict[str, Any]:
        cart = current_session().setdefault("cart", {"items": []})
        cart["items"].append("tea")
        return {"statusCode": 200, "body": str(len(cart["items"]))}

    browser = Browser(add)

    assert [browser.get().text for _ in range(3)] == ["1", "2", "3"]


def test_two_requests_that_change_different_keys_both_win(scene: Scene) -> None:
    created = scene.store.create_session(data={"prefs": {"size": 1}, "cart": []})

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["prefs"]["dark"] = True
        scene.another_store().update_data(created.session.session_id, {"prefs": {"size": 2}, "cart": ["tea"]})
        return OK

    browser = Browser(handler)
    browser.token = created.token

    assert browser.get().status == 200
    assert scene.store.validate(created.token).data == {"prefs": {"size": 2, "dark": True}, "cart": ["tea"]}


def test_a_key_that_somebody_else_changed_meanwhile_is_a_conflict_and_nothing_is_lost(scene: Scene) -> None:
    created = scene.store.create_session(data={"name": "Ana"})

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["name"] = "Anna"
        scene.another_store().update_data(created.session.session_id, {"name": "Anne"})
        return OK

    browser = Browser(handler)
    browser.token = created.token
    page = browser.get()

    assert (page.status, page.problem) == (409, "conflict")
    assert "keys" not in page.json  # they are the application's, and not the visitor's to know
    assert scene.store.validate(created.token).data == {"name": "Anne"}


@pytest.mark.parametrize("value", [None, {"phone": None}, {"list": [None, {"deep": None}]}])
def test_a_null_is_kept_like_any_other_value(scene: Scene, value: object) -> None:
    created = scene.store.create_session(data={"profile": {"phone": "1"}, "other": 1})

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        current_session()["profile"] = value

    browser = Browser(handler)
    browser.token = created.token
    browser.get()

    assert scene.store.validate(created.token).data == {"profile": value, "other": 1}


def test_a_null_that_meets_somebody_elses_change_is_a_conflict(scene: Scene) -> None:
    created = scene.store.create_session(data={"name": "Ana"})

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["phone"] = None
        scene.another_store().update_data(created.session.session_id, {"name": "Anne"})
        return OK

    browser = Browser(handler)
    browser.token = created.token

    assert browser.get().problem == "conflict"


def test_true_in_place_of_one_is_a_change(scene: Scene) -> None:
    created = scene.store.create_session(data={"flag": 1, "list": [0]})

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        current_session().update(flag=True, list=[False])

    browser = Browser(handler)
    browser.token = created.token
    browser.get()
    stored = scene.store.validate(created.token).data

    assert (stored["flag"], stored["list"]) == (True, [False])
    assert isinstance(stored["flag"], bool)


# Success and failure


def test_a_handler_that_raises_saves_nothing(scene: Scene) -> None:
    created = scene.store.create_session(data={"visits": 1})

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        current_session()["visits"] = 2
        raise ZeroDivisionError

    browser = Browser(handler)
    browser.token = created.token

    with pytest.raises(ZeroDivisionError):
        browser.get()
    assert scene.store.validate(created.token).data == {"visits": 1}


@pytest.mark.parametrize(("status", "visits"), [(200, 2), (302, 2), (404, 2), (499, 2), (500, 1), ("503", 1), ("?", 1)])
def test_an_answer_with_a_status_of_500_or_above_saves_nothing(scene: Scene, status: object, visits: int) -> None:
    created = scene.store.create_session(data={"visits": 1})

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["visits"] = 2
        return {"statusCode": status}

    handler({"httpMethod": "GET", "headers": {"Cookie": f"__Host-session={created.token}"}}, None)

    assert scene.store.validate(created.token).data == {"visits": visits}


def test_a_result_that_is_not_json_saves_nothing(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> object:
        current_session()["visits"] = 1
        return {"file": b"bytes"}

    with pytest.raises(TypeError, match="bytes is not JSON"):
        Browser(handler).get()
    assert scene.all_rows() == []


def test_an_exception_leaks_nothing_into_the_next_call(scene: Scene) -> None:
    seen = []

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        seen.append(dict(current_session()))
        current_session()["secret"] = "of the one before"
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            Browser(handler).get()
    with pytest.raises(NoCurrentSessionError):
        current_session()
    assert seen == [{}, {}]


def test_data_that_cannot_be_stored_is_the_applications_error(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        current_session()["when"] = {1, 2}

    with pytest.raises(InvalidInputError, match="not set") as error:
        Browser(handler).get()
    assert error.value.pointer == "/when"


# Results


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (None, "null"),
        ("plain text", "plain text"),
        ('{"n": 1}', '{"n": 1}'),
        (42, "42"),
        (4.5, "4.5"),
        (Decimal("4.5"), "4.5"),
        (True, "true"),
        (["a", 1], '["a", 1]'),
        ({"message": "hi"}, '{"message": "hi"}'),
        ({"statusCode": 201, "body": "made"}, "made"),
        ({"statusCode": 204}, ""),
        ({"statusCode": 200, "headers": None, "body": "x"}, "x"),
    ],
    ids=repr,
)
def test_whatever_a_handler_returns_reaches_the_client_with_the_cookie(scene: Scene, result: Any, text: str) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> Any:
        current_session()["visits"] = 1
        return result

    browser = Browser(handler)
    page = browser.get()

    assert (page.text, len(page.set_cookies)) == (text, 1)
    assert browser.token is not None
    if not (isinstance(result, dict) and "statusCode" in result):
        assert (page.status, page.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize("payload", Payload)
def test_every_payload_format_gets_its_cookies_in_the_form_it_takes(scene: Scene, payload: Payload) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        return {"statusCode": 200, "body": str(current_session().increment("visits"))}

    browser = Browser(handler, payload)

    assert [browser.get().text for _ in range(3)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("payload", "own"),
    [
        (Payload.HTTP_API, {"cookies": ["theme=dark"]}),
        (Payload.REST_API, {"headers": {"set-cookie": "theme=dark"}}),
        (Payload.REST_API, {"multiValueHeaders": {"Set-Cookie": ["theme=dark"]}}),
        (Payload.REST_API, {"multiValueHeaders": {"set-cookie": ["theme=dark"]}}),
    ],
)
def test_the_handlers_own_cookies_stay(scene: Scene, payload: Payload, own: dict[str, Any]) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["visits"] = 1
        return {"statusCode": 200, "body": "", **own}

    browser = Browser(handler, payload)
    page = browser.get()

    assert sorted(browser.cookies) == ["__Host-session", "theme"]
    assert len(page.set_cookies) == 2
    assert "set-cookie" not in page.headers


def test_the_handlers_result_object_is_left_alone(scene: Scene) -> None:
    result: dict[str, Any] = {"statusCode": 200, "headers": {"X": "1"}, "cookies": []}

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["visits"] = 1
        return result

    Browser(handler).get()

    assert result == {"statusCode": 200, "headers": {"X": "1"}, "cookies": []}


def test_an_answer_that_depends_on_the_session_is_not_cached_for_others(counter: Browser) -> None:
    headers = counter.get().headers

    assert (headers["cache-control"], headers["vary"]) == ("no-store", "Authorization, Cookie")


def test_an_answer_that_does_without_a_session_that_could_not_be_read_is_not_cached_for_others(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        with suppress(StoreUnavailableError):
            current_session().get("cart")
        return {"statusCode": 200, "body": "nobody is signed in, as far as we can tell"}

    browser = Browser(handler)
    browser.token = scene.another_store().create_session("ana").token
    scene.faults.throttle(times=FOREVER)
    headers = browser.get().headers

    assert (headers["cache-control"], headers["vary"]) == ("no-store", "Authorization, Cookie")


@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
def test_an_answer_with_a_new_token_is_never_cached_whatever_the_handler_says(scene: Scene, payload: Payload) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["visits"] = 1
        if payload is Payload.REST_API:
            return {"statusCode": 200, "multiValueHeaders": {"cache-control": ["public", "max-age=60"]}}
        return {"statusCode": 200, "headers": {"cache-control": "public, max-age=60"}}

    page = Browser(handler, payload).get()

    assert page.headers["cache-control"] == "no-store"
    assert "multiValueHeaders" not in page.result or "cache-control" not in page.result["multiValueHeaders"]


def test_an_answer_to_a_bearer_client_varies_by_the_header_that_its_token_came_in(scene: Scene) -> None:
    token = scene.another_store().create_session("ana").token

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {"Cache-Control": "max-age=60"}, "body": current_session().customer_id}

    page = Browser(handler).get(authorization=f"Bearer {token}")

    assert (page.text, page.headers["vary"]) == ("ana", "Authorization, Cookie")


@pytest.mark.parametrize("action", ["sign_in", "rotate"])
def test_an_answer_with_a_bearer_clients_new_token_is_never_cached(scene: Scene, action: str) -> None:
    token = scene.another_store().create_session("ana").token
    scene.clock.advance(60)

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        visitor = current_session()
        given = visitor.sign_in("ana").token if action == "sign_in" else visitor.rotate().token
        return {"statusCode": 200, "headers": {"Cache-Control": "public, max-age=60"}, "body": given}

    page = Browser(handler).post(authorization=f"Bearer {token}")

    assert scene.another_store().validate(page.text).customer_id == "ana"
    assert page.headers["cache-control"] == "no-store"


VARY = "Accept, Origin, Authorization, Cookie"
REPEATED = {
    "X-Own": ["a", "b"],
    "Vary": ["Accept", "Origin"],
    "Set-Cookie": ["c=1", "d=2"],
    "Content-Type": ["text/css"],
}


@pytest.mark.parametrize("single", [{}, {"X-Single": "1", "content-type": "text/css"}], ids=["lists", "both places"])
def test_repeated_headers_reach_the_client_in_payload_format_1(scene: Scene, single: dict[str, str]) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["visits"] = 1
        return {"statusCode": 200, "headers": single, "multiValueHeaders": REPEATED}

    result = Browser(handler, Payload.REST_API).get().result

    own_cookie = result["multiValueHeaders"]["Set-Cookie"].pop()
    assert own_cookie.startswith("__Host-session=")
    assert result["multiValueHeaders"] == {"X-Own": ["a", "b"], "Set-Cookie": ["c=1", "d=2"]}
    expected = {
        "Content-Type": "text/css",
        "Vary": "Accept, Origin, Authorization, Cookie",
        "Cache-Control": "no-store",
    }
    assert result["headers"] == expected | ({"X-Single": "1"} if single else {})  # a name in both counts once


def test_repeated_headers_reach_the_client_in_payload_format_2(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["visits"] = 1
        return {"statusCode": 200, "headers": {"x-own": "0"}, "multiValueHeaders": REPEATED, "cookies": ["b=0"]}

    page = Browser(handler).get()

    assert [cookie.partition("=")[0] for cookie in page.set_cookies] == ["b", "c", "d", "__Host-session"]
    assert (page.headers["x-own"], page.headers["vary"]) == ("0, a, b", VARY)


# The handler stays what it was


def test_a_decorated_handler_keeps_its_metadata(scene: Scene) -> None:
    def my_handler(event: dict[str, Any], context: object) -> None:
        """Says what it does."""

    decorated = session(store=scene.store)(my_handler)

    assert (decorated.__name__, decorated.__doc__) == ("my_handler", "Says what it does.")
    assert decorated.__module__ == __name__
    assert inspect.signature(decorated) == inspect.signature(my_handler)
    assert inspect.unwrap(decorated) is my_handler


def test_further_arguments_and_names_reach_the_handler(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object, *, flavour: str = "") -> str:
        return f"{event['n']} {context} {flavour}"

    assert handler(event={"n": 1}, context="c", flavour="f") == "1 c f"


def test_the_event_reaches_the_handler_as_it_came(scene: Scene) -> None:
    event = {"version": "2.0", "headers": {"Content-Type": "text/plain"}, "body": "aGk=", "isBase64Encoded": True}

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> bool:
        return event is given and event == dict(before)

    given, before = event, dict(event)
    assert handler(given, None) is True


@pytest.mark.parametrize("event", [None, [], "ping", {}, {"source": "aws.events"}, {"headers": None, "cookies": None}])
def test_an_event_that_is_not_http_is_a_visitor_without_a_session(scene: Scene, event: Any) -> None:
    @session(store=scene.store)
    def handler(event: Any, context: object) -> int:
        return len(current_session())

    assert handler(event, None)["body"] == "0"


OTHER_FORMS = {
    "a load balancer": {"httpMethod": "POST", "requestContext": {"elb": {"targetGroupArn": "arn"}}, "headers": {}},
    "a load balancer, lists": {"httpMethod": "POST", "requestContext": {"elb": {}}, "multiValueHeaders": {}},
    "a WebSocket API": {"requestContext": {"connectionId": "c", "eventType": "CONNECT"}, "headers": {}},
    "VPC Lattice, 1": {"raw_path": "/", "method": "GET", "headers": {}},
    "VPC Lattice, 2": {"version": "2.0", "method": "GET", "requestContext": {"serviceNetworkArn": "arn"}},
    "an unknown service": {"requestContext": {"something": "else"}, "headers": {}},
}


@pytest.mark.parametrize("source", OTHER_FORMS)
@pytest.mark.parametrize(
    "handler_on",
    [
        lambda store: session(store=store)(lambda *_: current_session().sign_in("ana")),
        lambda store: session_lambda.session(store=store)(lambda *_: {"statusCode": 200}),
        lambda store: authorizer_handler(store, AuthorizerSettings()),
    ],
    ids=["decorator", "session-lambda", "authorizer"],
)
def test_a_request_in_another_form_is_refused_and_the_error_says_what_is_supported(
    scene: Scene, source: str, handler_on: Callable[[SessionStore], Callable[..., Any]]
) -> None:
    with pytest.raises(UnsupportedEventError, match=r"payload formats 1\.0 and 2\.0 and function URLs") as refusal:
        handler_on(scene.store)(OTHER_FORMS[source], None)

    assert refusal.value.source == source.partition(",")[0]
    assert scene.faults.calls == []


def test_the_session_is_reachable_anywhere_in_the_call(scene: Scene) -> None:
    def deep_down() -> SessionHandle:
        return current_session()

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> bool:
        return deep_down() is current_session()

    assert handler({}, None) is True


def test_there_is_no_session_outside_of_a_call() -> None:
    with pytest.raises(NoCurrentSessionError, match="@session"):
        current_session()


def test_a_session_that_is_kept_after_its_call_is_of_no_use(counter: Browser, scene: Scene) -> None:
    kept: list[SessionHandle] = []

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        kept.append(current_session())

    Browser(handler).get()

    for use in (lambda: kept[0].get("visits"), lambda: kept[0].sign_in("ana"), lambda: kept[0].is_new):
        with pytest.raises(NoCurrentSessionError, match="over"):
            use()


def test_a_handler_may_call_another_one(counter: Browser, scene: Scene) -> None:
    @session(store=scene.store)
    def outer(event: dict[str, Any], context: object) -> dict[str, Any]:
        before = current_session()
        Browser(counter.handler).get()
        assert current_session() is before
        return OK

    assert Browser(outer).get().status == 200


def test_calls_in_parallel_threads_each_see_their_own_session(scene: Scene) -> None:
    number = 4
    meeting = Barrier(number)

    @session(store=scene.another_store())
    def handler(event: dict[str, Any], context: object) -> str:
        current_session()["name"] = event["name"]
        meeting.wait(timeout=10)
        return str(current_session()["name"])

    with ThreadPoolExecutor(number) as pool:
        results = list(pool.map(lambda name: handler({"name": name}, None), "abcd"))

    assert [result["body"] for result in results] == list("abcd")


def test_async_handlers_work_side_by_side(scene: Scene) -> None:
    @session(store=scene.store)
    async def handler(event: dict[str, Any], context: object) -> str:
        current_session()["name"] = event["name"]
        await asyncio.sleep(0)
        return str(await asyncio.to_thread(lambda: current_session()["name"]))

    async def both() -> tuple[Any, Any]:
        return await asyncio.gather(handler({"name": "a"}, None), handler({"name": "b"}, None))

    assert inspect.iscoroutinefunction(inspect.unwrap(handler))
    assert inspect.iscoroutinefunction(handler)
    assert [result["body"] for result in asyncio.run(both())] == ["a", "b"]


def test_an_async_handler_that_raises_saves_nothing_and_faults_are_answered(scene: Scene) -> None:
    @session(store=scene.store)
    async def handler(event: dict[str, Any], context: object) -> None:
        current_session()["name"] = "lost"
        raise ZeroDivisionError

    @session(store=scene.store, required=True)
    async def private(event: dict[str, Any], context: object) -> None:
        raise AssertionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(handler({}, None))
    assert asyncio.run(private({}, None))["statusCode"] == 401
    assert scene.all_rows() == []


# The store


def test_the_store_is_made_at_the_first_touch_and_once(scene: Scene) -> None:
    made: list[SessionStore] = []

    def make() -> SessionStore:
        made.append(scene.store)
        return scene.store

    @session(store=make)
    def handler(event: dict[str, Any], context: object) -> None:
        if event.get("touch"):
            current_session()["n"] = 1

    handler({}, None)
    assert made == []
    handler({"touch": True}, None)
    handler({"touch": True}, None)
    assert made == [scene.store]


def test_a_session_gives_access_to_its_store(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> bool:
        return current_session().store is scene.store

    assert handler({}, None) is True


@pytest.mark.parametrize("origin", ["https://app.example.com/", "*", "app.example.com", "https://App.example.com"])
def test_an_origin_that_no_browser_sends_is_refused_at_once(origin: str) -> None:
    with pytest.raises(InvalidInputError, match="allowed_origins"):
        session(allowed_origins=[origin])


def test_a_partial_of_a_handler_can_be_decorated(scene: Scene) -> None:
    def handler(greeting: str, event: dict[str, Any], context: object) -> str:
        return greeting

    assert session(store=scene.store)(functools.partial(handler, "hello"))({}, None) == "hello"
