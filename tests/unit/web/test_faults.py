"""A table that is throttled, unreachable or gone: never a fresh session, and an answer that says what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from session_store import (
    InvalidInputError,
    PreconditionFailedError,
    Session,
    SessionNotFoundError,
    SessionStore,
    SessionStoreError,
    StoreUnavailableError,
)
from session_store.web import SessionHandle
from tests.support.faults import FOREVER, Faults
from tests.support.lambda_events import Payload
from tests.unit.web.conftest import Site, count

Breakage = Callable[[Faults], object]

EVERY_FAULT = pytest.mark.parametrize(
    ("fault", "slug", "retry_after"),
    [
        (lambda faults: faults.throttle(times=FOREVER), "throttled", "2"),
        (lambda faults: faults.lose_request(times=FOREVER), "unavailable", "1"),
        (lambda faults: faults.refuse(None, "ResourceNotFoundException", times=FOREVER), "misconfigured", None),
        (lambda faults: faults.refuse(None, "AccessDeniedException", times=FOREVER), "misconfigured", None),
    ],
    ids=["throttled", "unreachable", "gone", "denied"],
)


@EVERY_FAULT
@pytest.mark.parametrize("required", [True, False])
def test_a_fault_is_answered_503_and_the_cookie_stays(
    site: Site, fault: Breakage, slug: str, retry_after: str | None, *, required: bool
) -> None:
    browser = site.page(count, site.other.create_session("ana").token, required=required)
    rows = site.scene.all_rows()
    fault(site.scene.faults)
    page = browser.get()

    assert (*page.outcome, page.headers.get("retry-after")) == (503, slug, retry_after)
    assert (page.set_cookies, page.headers["cache-control"]) == ([], "no-store")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert site.scene.all_rows() == rows


@EVERY_FAULT
@pytest.mark.parametrize("visits", [0, 1], ids=["a new session", "a save"])
def test_a_fault_at_the_save_is_answered_503_and_nothing_was_written(
    site: Site, fault: Breakage, slug: str, retry_after: str | None, visits: int
) -> None:

    token = site.other.create_session("ana", data={"visits": 1}).token if visits else None
    rows = site.scene.all_rows()
    page = site.page(lambda handle: (count(handle), fault(site.scene.faults)), token, Payload.REST_API).get()
    assert (*page.outcome, page.headers.get("retry-after"), site.scene.all_rows()) == (503, slug, retry_after, rows)


def test_the_handler_sees_the_typed_error_and_may_go_on_without_a_session(site: Site) -> None:
    def action(handle: SessionHandle) -> str:
        with pytest.raises(StoreUnavailableError):
            handle.get("visits")
        return "the page without a greeting"

    browser = site.page(action, site.other.create_session("ana", data={"visits": 7}).token)
    site.scene.faults.throttle(times=FOREVER)
    assert (browser.get().text, browser.token is None) == ("the page without a greeting", False)


def test_a_fault_that_passes_within_the_deadline_is_not_noticed(site: Site) -> None:
    counter = site.page(count)
    counter.get()
    site.scene.faults.throttle(times=1)
    site.scene.faults.lose_reply("UpdateItem")

    assert (counter.get().text, counter.get().text) == ("2", "3")


def test_a_fault_after_a_sign_in_does_not_lose_the_new_token(site: Site) -> None:
    def action(handle: SessionHandle) -> None:
        handle.sign_in("ana")
        handle["lost"] = 1
        site.scene.faults.throttle(times=FOREVER)

    browser = site.visitor()
    assert site.visit(browser, action)[0].status == 503
    assert site.other.validate(browser.token or "").customer_id == "ana"


def test_the_log_names_the_fault_and_holds_no_token_and_no_data(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    browser = site.signed_in(secret="older s3cret")
    site.scene.faults.refuse("UpdateItem", "ResourceNotFoundException")
    page, _ = site.visit(browser, lambda handle: handle.update(secret="s3cret"))

    assert "StoreConfigurationError" in caplog.text
    for part in (*(browser.token or "").split(".")[2:], "s3cret"):
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
    site: Site, error: type[SessionStoreError], use: Callable[[SessionStore, Session], object]
) -> None:
    created = site.other.create_session("ana")

    with pytest.raises(error):
        site.visit(site.visitor(), lambda _: use(site.scene.store, created.session))
