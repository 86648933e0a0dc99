"""`on_problem`: the application answers where the decorator would, and the session's headers go along."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from session_store import InvalidInputError, InvalidTokenError, SessionStore
from session_store.web import Problem, SessionHandle, current_session, session
from tests.support.faults import FOREVER
from tests.support.lambda_events import Payload, event
from tests.support.reply import Reply
from tests.unit.web.conftest import Site

ORIGIN = "https://app.example.com"
CORS = {"Access-Control-Allow-Origin": ORIGIN, "Access-Control-Allow-Credentials": "true"}


def with_cors(problem: Problem, _event: object) -> dict[str, Any]:
    return problem.result | {"headers": problem.result["headers"] | CORS}


def put_much(handle: SessionHandle) -> None:
    handle["text"] = "x" * 2000


def of_another_session(handle: SessionHandle) -> None:
    handle.check_binding("another")


def collide(site: Site) -> Callable[[SessionHandle], None]:
    def action(handle: SessionHandle) -> None:
        handle["a"] = 1
        site.other.update_data(site.other.validate(handle._token.text or ""), {"a": 2})

    return action


def throttle(site: Site) -> Callable[[SessionHandle], None]:
    def action(handle: SessionHandle) -> None:
        site.scene.faults.throttle(times=FOREVER)
        handle.increment("n")

    return action


PROBLEMS: dict[str, Callable[[Site], Reply]] = {
    "401 session-required": lambda site: page(site, None, None, required=True),
    "401 reauthentication-required": lambda site: page(site, None, max_auth_age=timedelta(0)),
    "401 invalid-token": lambda site: page(site, lambda handle: handle.is_new, None, authorization="Bearer x"),
    "403 cross-site-request": lambda site: page(site, None, origin="https://evil.example"),
    "409 another-session": lambda site: page(site, of_another_session),
    "409 conflict": lambda site: page(site, collide(site)),
    "413 data-too-large": lambda site: page(site, put_much, max_data_bytes=1024),
    "503 throttled": lambda site: page(site, throttle(site)),
}


def page(
    site: Site, action: Callable[[SessionHandle], Any] | None, customer_id: str | None = "ana", **given: Any
) -> Reply:
    """The answer of a handler to a request; what is given are headers and arguments of the decorator."""
    headers: dict[str, str] = {name: given.pop(name) for name in ("authorization", "origin") if name in given}
    token = site.other.create_session(customer_id, data={"n": 1}).token if customer_id else None
    site.scene.clock.advance(timedelta(seconds=1))
    payload, hook = given.pop("payload", Payload.REST_API), given.pop("on_problem", with_cors)
    visitor = site.page(action or (lambda _: None), token, payload, on_problem=hook, **given)
    return visitor.call("POST", headers=headers)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_answer_of_the_decorators_own_can_have_further_headers(site: Site, problem: str) -> None:
    answer = PROBLEMS[problem](site)

    assert f"{answer.status} {answer.problem}" == problem
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-store", "Authorization, Cookie")


@pytest.mark.parametrize("payload", Payload)
def test_another_answer_takes_its_place_in_every_payload_format(site: Site, payload: Payload) -> None:
    seen: list[tuple[Problem, Any]] = []

    def to_the_sign_in(problem: Problem, request: Any) -> dict[str, Any]:
        seen.append((problem, request))
        return {"statusCode": 303, "headers": {"Location": "/sign-in", "Set-Cookie": "seen=1"}}

    answer = page(site, None, None, payload=payload, required=True, on_problem=to_the_sign_in)

    assert (answer.status, answer.headers["location"], answer.text) == (303, "/sign-in", "")
    assert (answer.headers["cache-control"], list(answer.set_cookies)) == ("no-store", ["seen=1"])
    ((problem, request),) = seen
    assert (problem.status, problem.name, str(problem.error)) == (401, "session-required", "no customer is signed in")
    assert request["body"] is None


def test_none_leaves_the_answer_as_it_is(site: Site) -> None:
    assert page(site, None, None, required=True, on_problem=lambda *_: None).outcome == (401, "session-required")


def test_the_cookie_of_a_sign_in_whose_save_failed_goes_along(site: Site) -> None:
    def action(handle: SessionHandle) -> None:
        handle.sign_in("ana")
        put_much(handle)

    visitor = site.page(action, max_data_bytes=1024, on_problem=lambda *_: {"statusCode": 400, "body": "too much"})

    assert (visitor.post().text, site.other.validate(visitor.token or "").customer_id) == ("too much", "ana")


def test_it_is_asked_once_an_answer_is_due_and_not_for_what_the_handler_caught(site: Site) -> None:
    def action(handle: SessionHandle) -> str:
        with pytest.raises(InvalidTokenError):
            handle.get("n")
        return "mine"

    def never(*_: object) -> None:
        pytest.fail("there was no problem left")

    assert page(site, action, None, authorization="Bearer x", on_problem=never).text == "mine"


def test_an_error_of_the_applications_own_is_not_asked_about(site: Site) -> None:
    def action(handle: SessionHandle) -> None:
        handle["n"] = object()

    with pytest.raises(InvalidInputError):
        page(site, action)


def test_an_async_handler_has_it_too(session_store: SessionStore) -> None:
    @session(store=session_store, required=True, on_problem=with_cors)
    async def handler(_event: object, _context: object) -> str:
        return str(current_session().customer_id)

    answer = asyncio.run(handler(event("GET", {}, [], Payload.HTTP_API), None))

    assert (answer["statusCode"], answer["headers"]["Access-Control-Allow-Origin"]) == (401, ORIGIN)


async def later(*_: object) -> None:
    """A hook that a plain handler cannot call."""


@pytest.mark.parametrize("hook", ["say", later])
def test_what_cannot_be_asked_is_refused_when_the_handler_is_written(hook: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^on_problem: must be a (plain )?function"):
        session(on_problem=hook)
