"""A table that is throttled, unreachable or gone: never a fresh session, and an answer that says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from session_store import (
    InvalidInputError,
    PreconditionFailedError,
    SessionNotFoundError,
    SessionStoreError,
    StoreUnavailableError,
)
from session_store.web import current_session, session
from tests.support.browser import Browser, Payload
from tests.support.faults import FOREVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store import Session, SessionStore
    from tests.support.faults import Faults
    from tests.support.scene import Scene

    Breakage = Callable[[Faults], None]

THROTTLED: Breakage = lambda faults: faults.throttle(times=FOREVER)  # noqa: E731 - a table of cases
UNREACHABLE: Breakage = lambda faults: faults.lose_request(times=FOREVER)  # noqa: E731
GONE: Breakage = lambda faults: faults.refuse(None, "ResourceNotFoundException", times=FOREVER)  # noqa: E731
DENIED: Breakage = lambda faults: faults.refuse(None, "AccessDeniedException", times=FOREVER)  # noqa: E731
CASES = [
    pytest.param(THROTTLED, "throttled", "2", id="throttled"),
    pytest.param(UNREACHABLE, "unavailable", "1", id="unreachable"),
    pytest.param(GONE, "misconfigured", None, id="gone"),
    pytest.param(DENIED, "misconfigured", None, id="denied"),
]


@pytest.mark.parametrize(("fault", "slug", "retry_after"), CASES)
@pytest.mark.parametrize("required", [True, False])
def test_a_fault_is_answered_503_and_the_cookie_stays(
    scene: Scene, fault: Breakage, slug: str, retry_after: str | None, *, required: bool
) -> None:
    @session(store=scene.store, required=required)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["visits"] = 1
        return {"statusCode": 200, "body": ""}

    browser = Browser(handler)
    browser.token = scene.another_store().create_session("ana").token
    rows = scene.all_rows()
    fault(scene.faults)
    page = browser.get()

    assert (page.status, page.problem, page.headers.get("retry-after")) == (503, slug, retry_after)
    assert (page.set_cookies, page.headers["cache-control"]) == ([], "no-store")
    assert scene.all_rows() == rows


@pytest.mark.parametrize(("fault", "slug", "retry_after"), CASES)
def test_a_fault_at_the_save_is_answered_503_and_nothing_was_written(
    scene: Scene, fault: Breakage, slug: str, retry_after: str | None
) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session()["visits"] = 2
        fault(scene.faults)
        return {"statusCode": 200, "body": "saved?"}

    browser = Browser(handler, Payload.REST_API)
    browser.token = scene.another_store().create_session("ana", data={"visits": 1}).token
    page = browser.get()

    assert (page.status, page.problem, page.headers.get("retry-after")) == (503, slug, retry_after)
    assert scene.another_store().validate(browser.token or "").data == {"visits": 1}


@pytest.mark.parametrize(("fault", "slug", "retry_after"), CASES)
def test_a_visitor_who_cannot_be_remembered_is_told_so(
    scene: Scene, fault: Breakage, slug: str, retry_after: str | None
) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        current_session()["visits"] = 1

    fault(scene.faults)

    assert (Browser(handler).get().problem, scene.all_rows()) == (slug, [])


def test_the_handler_sees_the_typed_error_and_may_go_on_without_a_session(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        try:
            return {"statusCode": 200, "body": str(current_session()["visits"])}
        except StoreUnavailableError:
            return {"statusCode": 200, "body": "the page without a greeting"}

    browser = Browser(handler)
    browser.token = scene.another_store().create_session("ana", data={"visits": 7}).token
    THROTTLED(scene.faults)

    assert browser.get().text == "the page without a greeting"
    assert browser.token is not None


def test_a_fault_that_passes_within_the_deadline_is_not_noticed(counter: Browser, scene: Scene) -> None:
    counter.get()
    scene.faults.throttle(times=1)
    scene.faults.lose_reply("UpdateItem")

    assert (counter.get().text, counter.get().text) == ("2", "3")


def test_a_fault_after_a_sign_in_does_not_lose_the_new_token(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        current_session().sign_in("ana")
        current_session()["lost"] = 1
        THROTTLED(scene.faults)
        return {"statusCode": 200, "body": ""}

    browser = Browser(handler)

    assert browser.post().status == 503
    assert scene.another_store().validate(browser.token or "").customer_id == "ana"


def test_the_log_names_the_fault_and_holds_no_token_and_no_data(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        current_session()["secret"] = "s3cret"

    browser = Browser(handler)
    token = scene.another_store().create_session("ana", data={"secret": "older s3cret"}).token
    browser.token = token
    scene.faults.refuse("UpdateItem", "ResourceNotFoundException")
    page = browser.get()

    assert "StoreConfigurationError" in caplog.text
    for part in (*token.split(".")[2:], "s3cret"):
        assert part not in caplog.text + page.text


@pytest.mark.parametrize(
    ("error", "use"),
    [
        (SessionNotFoundError, lambda store, _: store.update_data("01890000-0000-7000-8000-000000000000", {"n": 1})),
        (PreconditionFailedError, lambda store, session: store.replace_data(session, {}, version=7)),
        (InvalidInputError, lambda store, _: store.get_customer_sessions("ana", limit=0)),
    ],
)
def test_an_error_of_the_applications_own_use_of_the_store_is_the_applications(
    scene: Scene, error: type[SessionStoreError], use: Callable[[SessionStore, Session], object]
) -> None:
    created = scene.another_store().create_session("ana")

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> None:
        use(scene.store, created.session)

    with pytest.raises(error):
        Browser(handler).get()
