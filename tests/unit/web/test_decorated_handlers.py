"""`@session` around a handler: its reads, its saves and the headers that it adds."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from types import MappingProxyType
from typing import Any
from unittest.mock import Mock

import pytest

from session_store import (
    InvalidInputError,
    NoCurrentSessionError,
    SessionStore,
    StoreUnavailableError,
    UnsupportedEventError,
    session_lambda,
)
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.web import SessionHandle, authorizer_handler, current_session, session
from tests.support.faults import FOREVER
from tests.support.lambda_events import Payload, behind, get
from tests.support.scene import Scene
from tests.support.visitor import Visitor, visitor_with
from tests.unit.web.conftest import Action, Site, count

# Reading and saving


def test_tuples_and_other_mappings_are_saved_as_arrays_and_objects(site: Site) -> None:
    browser = site.signed_in(user={"name": "ana", "city": "Rome"})
    site.visit(browser, lambda handle: handle.update(user=MappingProxyType({"name": ("Ana", 1)})))

    assert site.data_of(browser) == {"user": {"name": ["Ana", 1]}}


def test_a_handler_that_never_touches_the_session_causes_no_call_and_its_result_passes_untouched(scene: Scene) -> None:
    result = {"statusCode": 200, "headers": {}, "body": "static"}
    handler = session(store=scene.store)(lambda *_: result)
    browser = visitor_with(behind(handler), scene.other.create_session("ana").token)

    assert browser.get().result is result
    assert scene.faults.calls == []


def test_a_page_that_polls_does_not_keep_the_session_alive_and_can_say_when_it_ends(site: Site) -> None:
    browser = site.signed_in()
    polls = site.page(lambda handle: str(handle.expires_at), browser.token, activity="none")
    site.scene.clock.advance(29 * 60)

    assert polls.get().result["body"] == "2040-01-01 00:30:00+00:00"
    site.scene.clock.advance(60)
    assert polls.get().result["body"] == "None"


@pytest.mark.shows("7.6.2")
def test_a_visitor_who_is_not_remembered_for_anything_gets_no_session_and_no_cookie(site: Site) -> None:
    assert site.page(lambda handle: handle.get("visits")).get().set_cookies == []
    assert site.scene.faults.calls == []


def test_two_requests_that_change_different_keys_both_win(site: Site) -> None:
    def action(handle: SessionHandle) -> None:
        handle["prefs"]["dark"] = True
        site.other.update_data(str(handle.session_id), {"prefs": {"size": 2}, "cart": ["tea"]})

    browser = site.signed_in(prefs={"size": 1}, cart=[])

    assert site.visit(browser, action)[0].status == 200
    assert site.data_of(browser) == {"prefs": {"size": 2, "dark": True}, "cart": ["tea"]}


def test_a_change_of_a_key_that_another_request_changed_is_a_conflict_and_nothing_is_lost(site: Site) -> None:
    def action(handle: SessionHandle) -> None:
        handle["name"] = "Anna"
        site.other.update_data(str(handle.session_id), {"name": "Anne"})

    browser = site.signed_in(name="Ana")
    page, _ = site.visit(browser, action)

    # The keys are the application's, and not the visitor's to know.
    assert (*page.outcome, "keys" in page.json) == (409, "conflict", False)
    assert site.data_of(browser) == {"name": "Anne"}


@pytest.mark.parametrize("value", [None, {"phone": None}, {"list": [None, {"deep": None}]}])
def test_a_null_is_kept_like_any_other_value(site: Site, value: object) -> None:
    browser = site.signed_in(profile={"phone": "1"}, other=1)
    site.visit(browser, lambda handle: handle.update(profile=value))

    assert site.data_of(browser) == {"profile": value, "other": 1}


@pytest.mark.parametrize("value", [None, {"a": None}], ids=["null", "null inside"])
def test_a_null_goes_with_changes_of_other_keys(site: Site, value: object) -> None:
    def action(handle: SessionHandle) -> None:
        handle["phone"] = value
        site.other.update_data(str(handle.session_id), {"name": "Anne"})

    browser = site.signed_in(name="Ana")

    assert site.visit(browser, action)[0].status == 200
    assert site.data_of(browser) == {"name": "Anne", "phone": value}


# Values that may be used once


def test_a_value_that_another_request_has_taken_is_not_there(site: Site) -> None:
    def action(handle: SessionHandle) -> None:
        assert handle["state"] == "xyz"
        assert site.other.take(str(handle.session_id), "state") == "xyz"
        assert (handle.take("state"), handle.take("none", 0)) == (None, 0)

    assert site.visit(site.signed_in(state="xyz"), action)[0].status == 200


def test_a_taken_value_is_gone_though_the_handler_fails_and_may_be_set_anew(site: Site) -> None:
    browser = site.signed_in(state="xyz", name="Ana")

    def fail(handle: SessionHandle) -> dict[str, int]:
        assert handle.take("state") == "xyz"
        assert "state" not in handle
        return {"statusCode": 500}

    site.visit(browser, fail)
    assert site.data_of(browser) == {"name": "Ana"}

    def again(handle: SessionHandle) -> None:
        handle["state"] = "assigned"
        assert handle.take("state") == "assigned"
        handle["name"] = handle.take("name") + "!"

    assert site.visit(browser, again)[0].status == 200
    assert site.data_of(browser) == {"name": "Ana!"}


def test_a_number_is_assigned_after_it_was_counted_beside_others_changes(site: Site) -> None:
    def action(handle: SessionHandle) -> None:
        site.other.update_data(str(handle.session_id), {"name": "Anne"})
        handle["visits"] = handle.increment("visits") * 10

    browser = site.signed_in(visits=1, name="Ana")

    assert site.visit(browser, action)[0].status == 200
    assert site.data_of(browser) == {"visits": 20, "name": "Anne"}


# Values that cannot be stored


@pytest.mark.parametrize(
    "value", [Decimal("12.50"), datetime.now(UTC), {"a"}, b"x", object()], ids=lambda v: type(v).__name__
)
def test_what_cannot_be_stored_fails_where_it_is_assigned_and_names_the_key(site: Site, value: object) -> None:
    def action(handle: SessionHandle) -> None:
        with pytest.raises(InvalidInputError, match="under the key 'profile'") as refused:
            handle["profile"] = {"deep": [{"points": value}]}
        assert refused.value.pointer == "/profile/deep/0/points"
        with pytest.raises(InvalidInputError, match=r"at level 1\)$"):
            handle["ana@example.com"] = value  # such a key is data

    browser = site.signed_in(name="Ana")

    assert site.visit(browser, action)[0].status == 200
    assert site.data_of(browser) == {"name": "Ana"}


def test_what_was_put_into_a_value_later_names_the_key_at_the_save(site: Site) -> None:
    with pytest.raises(InvalidInputError, match="under the key 'cart'"):
        site.visit(site.signed_in(cart=[]), lambda handle: handle["cart"].append(Decimal("12.50")))


RESERVED = "$authentication"


@pytest.mark.parametrize(
    "write",
    [
        lambda handle: handle.update({RESERVED: {"acr": "gold"}}),
        lambda handle: handle.setdefault(RESERVED, {"acr": "gold"}),
        lambda handle: handle.increment(RESERVED),
        lambda handle: handle.sign_in("ana", data={RESERVED: {"acr": "gold"}}),
    ],
    ids=["update", "setdefault", "increment", "sign_in"],
)
def test_a_handler_cannot_say_how_its_user_authenticated(site: Site, write: Callable[[SessionHandle], Any]) -> None:
    for browser in (site.visitor(), site.signed_in()):
        with pytest.raises(InvalidInputError, match="to the library"):
            site.visit(browser, write)


def test_a_handler_keeps_how_its_user_authenticated(site: Site) -> None:
    said = {"acr": "silver"}
    browser = site.visitor(site.other.create_session("ana", data={RESERVED: said, "n": 1}).token)

    def action(handle: SessionHandle) -> tuple[dict[str, Any], object, object]:
        seen = dict(handle), handle.pop(RESERVED, None), handle.take(RESERVED)
        handle.clear()
        handle["m"] = 2
        return seen

    assert site.visit(browser, action)[1] == ({"n": 1}, None, None)
    assert site.data_of(browser) == {RESERVED: said, "m": 2}
    site.visit(browser, lambda handle: [handle.sign_in("ana", carry_data=True)])
    assert site.data_of(browser) == {RESERVED: said, "m": 2}


# Success and failure


@pytest.mark.parametrize(
    ("status", "visits"), [(200, 2), (302, 2), (404, 2), (499, 2), (500, 1), ("503", 1), ("?", 1), (None, 1)]
)
def test_an_answer_with_a_status_of_500_or_above_saves_nothing(site: Site, status: object, visits: int) -> None:
    token = site.other.create_session(data={"visits": 1}).token
    handler = site.handler(lambda handle: count(handle) | {"statusCode": status})

    handler({"httpMethod": "GET", "headers": {"Cookie": f"__Host-session={token}"}}, None)

    assert site.other.validate(token).data == {"visits": visits}


def test_a_handler_that_raises_saves_nothing_and_leaks_nothing_into_the_next_call(site: Site) -> None:
    seen = []

    def action(handle: SessionHandle) -> None:
        seen.append(dict(handle))
        handle["visits"] = 2
        raise ZeroDivisionError

    browser = site.signed_in(visits=1)
    for each in (browser, browser, site.visitor()):
        with pytest.raises(ZeroDivisionError):
            site.visit(each, action)
    with pytest.raises(NoCurrentSessionError, match="@session"):
        current_session()
    assert seen == [{"visits": 1}, {"visits": 1}, {}]


def test_a_result_that_is_not_json_saves_nothing(site: Site) -> None:
    with pytest.raises(TypeError, match="bytes is not JSON"):
        site.page(lambda handle: {"visits": count(handle), "file": b"bytes"}).get()
    assert site.scene.all_rows() == []


def test_data_that_cannot_be_stored_is_the_applications_error(site: Site) -> None:
    with pytest.raises(InvalidInputError, match="not set") as error:
        site.page(lambda handle: handle.update(when={1, 2})).get()
    assert error.value.pointer == "/when"


# Results


@pytest.mark.parametrize(
    ("result", "text"),
    [
        *((None, "null"), (True, "true"), (42, "42"), (4.5, "4.5"), (Decimal("4.5"), "4.5")),
        *(("plain text", "plain text"), ('{"n": 1}', '{"n": 1}')),
        (["a", 1], '["a", 1]'),
        ({"message": "hi"}, '{"message": "hi"}'),
        ({"statusCode": 201, "body": "made"}, "made"),
        ({"statusCode": 204}, ""),
        ({"statusCode": 200, "headers": None, "body": "x"}, "x"),
    ],
    ids=repr,
)
def test_any_result_of_a_handler_reaches_the_client_with_the_cookie(site: Site, result: Any, text: str) -> None:
    browser = counting(site, result)
    page = browser.get()
    assert (page.text, len(page.set_cookies), browser.token is None) == (text, 1, False)
    if not (isinstance(result, dict) and "statusCode" in result):
        assert (page.status, page.headers["content-type"]) == (200, "application/json")


def counting(site: Site, result: Any, payload: Payload = Payload.HTTP_API) -> Visitor:
    """On a page that begins a session and returns this."""
    return site.page(lambda handle: (count(handle), result)[1], payload=payload)


@pytest.mark.parametrize("payload", Payload)
def test_every_payload_format_gets_its_cookies_in_the_form_it_takes(site: Site, payload: Payload) -> None:
    browser = site.page(count, payload=payload)

    assert [browser.get().text for _ in range(3)] == ["1", "2", "3"]
    assert Visitor(browser.send).get().text == "1"


@pytest.mark.parametrize(
    ("payload", "own"),
    [
        (Payload.HTTP_API, {"cookies": ["theme=dark"]}),
        (Payload.REST_API, {"headers": {"set-cookie": "theme=dark"}}),
        (Payload.REST_API, {"multiValueHeaders": {"Set-Cookie": ["theme=dark"]}}),
        (Payload.REST_API, {"multiValueHeaders": {"set-cookie": ["theme=dark"]}}),
    ],
)
def test_the_handlers_own_cookies_stay(site: Site, payload: Payload, own: dict[str, Any]) -> None:
    browser = counting(site, {"statusCode": 200, "body": "", **own}, payload)
    page = browser.get()
    assert sorted(browser.cookies) == ["__Host-session", "theme"]
    assert (len(page.set_cookies), "set-cookie" in page.headers) == (2, False)


def test_the_handlers_result_object_is_left_alone(site: Site) -> None:
    result: dict[str, Any] = {"statusCode": 200, "headers": {"X": "1"}, "cookies": []}

    counting(site, result).get()

    assert result == {"statusCode": 200, "headers": {"X": "1"}, "cookies": []}


def test_an_answer_that_does_without_a_session_that_could_not_be_read_is_not_cached_for_others(site: Site) -> None:
    def action(handle: SessionHandle) -> str:
        with suppress(StoreUnavailableError):
            handle.get("cart")
        return "not signed in, as far as we can tell"

    browser = site.page(action, site.other.create_session("ana").token)
    site.scene.faults.throttle(times=FOREVER)
    headers = browser.get().headers

    assert (headers["cache-control"], headers["vary"]) == ("no-store", "Authorization, Cookie")


@pytest.mark.shows("T14")
@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
def test_an_answer_with_a_new_token_is_never_cached_even_if_the_handler_says_otherwise(
    site: Site, payload: Payload
) -> None:
    own: dict[str, Any] = {"headers": {"cache-control": "public, max-age=60"}}
    if payload is Payload.REST_API:
        own = {"multiValueHeaders": {"cache-control": ["public", "max-age=60"]}}

    page = counting(site, {"statusCode": 200, **own}, payload).get()

    assert page.headers["cache-control"] == "no-store"
    assert "multiValueHeaders" not in page.result or "cache-control" not in page.result["multiValueHeaders"]


def cacheable(body: str | None) -> dict[str, Any]:
    return {"statusCode": 200, "headers": {"Cache-Control": "public, max-age=60"}, "body": body}


@pytest.mark.shows("T14")
def test_an_answer_to_a_bearer_client_varies_by_the_header_that_its_token_came_in(site: Site) -> None:
    token = site.other.create_session("ana").token

    page = site.page(lambda handle: cacheable(handle.customer_id)).get(authorization=f"Bearer {token}")

    assert (page.text, page.headers["vary"]) == ("ana", "Authorization, Cookie")


@pytest.mark.parametrize("act", [lambda handle: handle.sign_in("ana"), lambda handle: handle.rotate()])
def test_an_answer_with_a_bearer_clients_new_token_is_never_cached_and_sets_no_cookie(site: Site, act: Action) -> None:
    token = site.other.create_session("ana").token
    site.scene.clock.advance(60)

    page = site.page(lambda handle: cacheable(act(handle).token)).post(authorization=f"Bearer {token}")

    assert site.other.validate(page.text).customer_id == "ana"
    assert (page.headers["cache-control"], page.set_cookies) == ("no-store", [])


VARY = "Accept, Origin, Authorization, Cookie"
LISTS = {"X-Own": ["a", "b"], "Set-Cookie": ["c=1", "d=2"]}
REPEATED = LISTS | {"Vary": ["Accept", "Origin"], "Content-Type": ["text/css"]}


@pytest.mark.parametrize("single", [{}, {"X-Single": "1", "content-type": "text/css"}], ids=["lists", "both places"])
def test_repeated_headers_reach_the_client_in_payload_format_1(site: Site, single: dict[str, str]) -> None:
    own = {"statusCode": 200, "headers": single, "multiValueHeaders": REPEATED}

    result = counting(site, own, Payload.REST_API).get().result

    assert result["multiValueHeaders"]["Set-Cookie"].pop().startswith("__Host-session=")
    assert result["multiValueHeaders"] == LISTS
    expected = {"Content-Type": "text/css", "Vary": VARY, "Cache-Control": "no-store"}
    assert result["headers"] == expected | ({"X-Single": "1"} if single else {})  # a name in both counts once


def test_repeated_headers_reach_the_client_in_payload_format_2(site: Site) -> None:
    own = {"statusCode": 200, "headers": {"x-own": "0"}, "multiValueHeaders": REPEATED, "cookies": ["b=0"]}

    page = counting(site, own).get()

    assert [cookie.partition("=")[0] for cookie in page.set_cookies] == ["b", "c", "d", "__Host-session"]
    assert (page.headers["x-own"], page.headers["vary"]) == ("0, a, b", VARY)


# The handler stays what it was


@pytest.mark.parametrize("decorator", [session, session_lambda.session])
def test_a_decorated_handler_keeps_its_metadata(decorator: Callable[..., Any]) -> None:
    def my_handler(event: dict[str, Any], context: object) -> None:
        """Says what it does."""

    decorated = decorator(my_handler)

    names = (decorated.__module__, decorated.__name__, decorated.__doc__)
    assert names == (__name__, "my_handler", "Says what it does.")
    assert inspect.signature(decorated) == inspect.signature(my_handler)
    assert inspect.unwrap(decorated) is my_handler


def test_the_event_as_it_came_and_further_arguments_reach_the_handler(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object, *, flavour: str = "") -> Any:
        return event is given and event == dict(before), context, flavour

    given = get(version="2.0", headers={"Content-Type": "text/plain"}, body="aGk=", isBase64Encoded=True)
    before = dict(given)

    assert handler(event=given, context="c", flavour="f") == (True, "c", "f")


OTHER_FORMS: dict[str, dict[str, Any]] = {
    "a load balancer": {"httpMethod": "POST", "requestContext": {"elb": {"targetGroupArn": "arn"}}, "headers": {}},
    "a load balancer, lists": {"httpMethod": "POST", "requestContext": {"elb": {}}, "multiValueHeaders": {}},
    "a WebSocket API": {"requestContext": {"connectionId": "c", "eventType": "CONNECT"}, "headers": {}},
    "VPC Lattice, 1": {"raw_path": "/", "method": "GET", "headers": {}},
    "VPC Lattice, 2": {"version": "2.0", "method": "GET", "requestContext": {"serviceNetworkArn": "arn"}},
    "an unknown service": {"requestContext": {"something": "else"}, "headers": {}},
}
HANDLERS: dict[str, Callable[[SessionStore], Callable[..., Any]]] = {
    "decorator": lambda store: session(store=store)(lambda *_: current_session().sign_in("ana")),
    "session-lambda": lambda store: session_lambda.session(store=store)(lambda *_: session_lambda.set_session_data(1)),
    "authorizer": lambda store: authorizer_handler(store, AuthorizerSettings()),
}


@pytest.mark.shows("T16")
@pytest.mark.parametrize("source", OTHER_FORMS)
@pytest.mark.parametrize("kind", HANDLERS)
def test_a_request_in_another_form_is_refused_and_the_error_says_what_is_supported(
    scene: Scene, source: str, kind: str
) -> None:
    with pytest.raises(UnsupportedEventError, match=r"formats 1\.0 and 2\.0\) and from function URLs") as refusal:
        HANDLERS[kind](scene.store)(OTHER_FORMS[source], None)

    assert refusal.value.source == source.partition(",")[0]
    assert scene.faults.calls == []


NO_REQUESTS: list[Any] = [None, [], "ping", 7, {}, {"source": "aws.events", "detail": {}}, {"headers": {"cookie": "x"}}]
NO_REQUESTS += [{"requestContext": {"http": {}}}, {"httpMethod": None, "headers": {}}]
NO_REQUESTS += [{"httpMethod": "GET", "headers": [["cookie", "x"]]}, {"httpMethod": "GET", "cookies": "x"}]
NO_REQUESTS += [{"httpMethod": "GET", "multiValueHeaders": {"cookie": "x"}}]


@pytest.mark.shows("T16")
@pytest.mark.parametrize("event", NO_REQUESTS, ids=repr)
@pytest.mark.parametrize("kind", HANDLERS)
def test_what_is_no_request_is_an_error_and_no_visitor(scene: Scene, event: Any, kind: str) -> None:
    with pytest.raises(UnsupportedEventError, match="supported are"):
        HANDLERS[kind](scene.store)(event, {"httpMethod": None})

    assert scene.faults.calls == []


def test_a_session_that_is_kept_after_its_call_is_of_no_use(site: Site) -> None:
    kept: SessionHandle = site.visit(site.visitor(), lambda handle: handle)[1]

    for use in (lambda: kept.get("visits"), lambda: kept.sign_in("ana"), lambda: kept.is_new):
        with pytest.raises(NoCurrentSessionError, match="over"):
            use()


def test_a_handler_may_call_another_one(site: Site) -> None:
    other = site.page(count)
    assert site.visit(site.visitor(), lambda _: other.get(), lambda handle: handle is current_session())[1] is True


def test_calls_in_parallel_threads_each_see_their_own_session(scene: Scene) -> None:
    meeting = Barrier(4)

    @session(store=scene.other)
    def handler(event: dict[str, Any], context: object) -> str:
        current_session()["name"] = event["name"]
        meeting.wait(timeout=10)
        return str(current_session()["name"])

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda name: handler(get(name=name), None), "abcd"))

    assert [result["body"] for result in results] == list("abcd")


def test_async_handlers_work_side_by_side(scene: Scene) -> None:
    @session(store=scene.store)
    async def handler(event: dict[str, Any], context: object) -> str:
        current_session()["name"] = event["name"]
        await asyncio.sleep(0)
        return str(await asyncio.to_thread(lambda: current_session()["name"]))

    async def both() -> tuple[Any, Any]:
        return await asyncio.gather(handler(get(name="a"), None), handler(get(name="b"), None))

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
        asyncio.run(handler(get(), None))
    assert asyncio.run(private(get(), None))["statusCode"] == 401
    assert scene.all_rows() == []


# The store


def test_the_store_is_made_at_the_first_touch_and_once_for_all_handlers_that_name_its_factory(scene: Scene) -> None:
    make = Mock(return_value=scene.store)

    def touching(event: dict[str, Any], context: object) -> None:
        if event.get("touch"):
            current_session()["n"] = 1

    first, second = session(store=make)(touching), session(store=make)(touching)
    for handler, event, made in ((first, get(), 0), (first, get(touch=True), 1), (second, get(touch=True), 1)):
        handler(event, None)
        assert make.call_count == made
