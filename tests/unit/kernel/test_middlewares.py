"""The kernel carries other kinds of applications than Lambda handlers: a WSGI and an ASGI middleware prove it."""

from __future__ import annotations

import json
from datetime import timedelta
from unittest.mock import Mock

import pytest

from session_store import NoCurrentSessionError, SessionStore
from session_store.kernel.rules import Rules
from session_store.web import current_session
from tests.support.faults import FOREVER
from tests.support.scene import Scene
from tests.unit.kernel.middlewares import Client, Page, values

INTERVAL = timedelta(minutes=5)


@pytest.fixture
def store(scene: Scene) -> SessionStore:
    return scene.store_with(rotation_interval=INTERVAL)


@pytest.fixture(params=[False, True], ids=["WSGI", "ASGI"])
def client(request: pytest.FixtureRequest, store: SessionStore) -> Client:
    return Client(Rules(find_store=lambda: store), request.param)


def count() -> Page:
    visits = current_session().get("visits", 0) + 1
    current_session()["visits"] = visits
    return 200, [("Content-Type", "text/plain")], str(visits)


def look() -> Page:
    return 200, [("Cache-Control", "private")], str(current_session().get("visits"))


def test_visits_are_counted_over_requests(client: Client) -> None:
    assert [client.send(count)[2] for _ in range(3)] == ["1", "2", "3"]


def test_a_response_without_a_part_of_the_session_stays_as_it_is(client: Client, scene: Scene) -> None:
    own = [("Cache-Control", "public"), ("X-Own", "1")]
    client.token = scene.other.create_session("ana").token

    assert client.send(lambda: (200, own, "static")) == (200, own, "static")
    assert scene.faults.calls == []


def test_repeated_headers_of_the_application_stay(client: Client) -> None:
    own = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Vary", "Accept"), ("Vary", "Origin"), ("Link", "</a>")]

    _, fields, _ = client.send(lambda: (200, [*own, ("Link", "</b>")], count()[2]))

    assert [value.partition("=")[0] for value in values(fields, "Set-Cookie")] == ["a", "b", "__Host-session"]
    assert values(fields, "Link") == ["</a>", "</b>"]
    assert values(fields, "Vary") == ["Accept, Origin, Authorization, Cookie"]
    assert values(fields, "Cache-Control") == ["no-store"]


def test_a_failed_response_saves_nothing(client: Client) -> None:
    client.send(count)

    assert client.send(lambda: (500, [], count()[2]))[::2] == (500, "2")
    assert client.send(count)[2] == "2"


def test_a_cross_site_request_is_refused(client: Client, scene: Scene) -> None:
    client.send(count)
    scene.faults.calls.clear()

    status, fields, body = client.send(count, "POST", {"Sec-Fetch-Site": "cross-site"})

    assert (status, json.loads(body)["type"]) == (403, "urn:session-store:problem:cross-site-request")
    assert values(fields, "Content-Type") == ["application/problem+json"]
    assert (values(fields, "Vary"), scene.faults.calls) == (["Authorization, Cookie"], [])


def test_a_fault_is_answered_and_keeps_the_cookie(client: Client, scene: Scene) -> None:
    client.send(count)
    token = client.token
    scene.faults.throttle(times=FOREVER)

    status, fields, _ = client.send(count)

    assert (status, values(fields, "Retry-After"), client.token) == (503, ["2"], token)


def test_an_error_of_the_applications_own_comes_out(client: Client) -> None:
    with pytest.raises(ZeroDivisionError):
        client.send(Mock(side_effect=ZeroDivisionError))
    with pytest.raises(NoCurrentSessionError):
        current_session()


def test_an_old_secret_is_rotated(client: Client, store: SessionStore, scene: Scene) -> None:
    old = client.token = store.create_session("ana", data={"visits": 4}).token
    scene.clock.advance(INTERVAL)

    _, fields, body = client.send(look)

    assert (body, client.token in {None, old}) == ("4", False)
    assert values(fields, "Cache-Control") == ["no-store"]  # in place of the application's own: a token goes along
    assert values(client.send(look)[1], "Cache-Control") == ["private"]


def test_a_session_that_ended_meanwhile_gets_a_token_that_is_good_for_nothing(
    client: Client, store: SessionStore, scene: Scene
) -> None:
    def view() -> Page:
        page = look()
        scene.other.end_session(str(current_session().session_id))
        return page

    client.token = store.create_session("ana", data={"visits": 1}).token
    scene.clock.advance(INTERVAL)

    assert client.send(view)[::2] == (200, "1")

    assert client.send(look)[2] == "None"
