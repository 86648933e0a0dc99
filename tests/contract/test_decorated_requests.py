"""The costs of one decorated request, in calls and request units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from session_store.catalog import access_patterns as patterns
from session_store.catalog.costs import Amount
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.web import SessionHandle, authorizer_handler, current_session, session
from tests.support.engines import Engine
from tests.support.metering import Meter
from tests.support.scene import Scene, SignedIn


@pytest.fixture(scope="session")
def engine(metered_engine: Engine) -> Engine:
    return metered_engine


def event(token: str | None) -> dict[str, Any]:
    cookies = [f"__Host-session={token}"] if token else []
    return {"version": "2.0", "cookies": cookies, "requestContext": {"http": {"method": "GET"}}}


NOTHING = Amount(rru=0, wru=0, trips=0)
READ = patterns.VALIDATE.cost().amount()
ALREADY_READ = "from a session already read"


def cost(scene: Scene, token: str | None, action: Callable[[SessionHandle], object]) -> Amount:
    """The cost of a request with this handler."""

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        action(current_session())
        return {"statusCode": 200}

    return amount_of(scene, handler, token)


def amount_of(scene: Scene, handler: Callable[[dict[str, Any], Any], object], token: str | None) -> Amount:
    """Units and trips, of which each is one call."""
    measured = Meter(scene.disturbed_client).measure(lambda: handler(event(token), None))
    assert len(measured.operations) == measured.amount.trips
    return measured.amount


def change(handle: SessionHandle) -> None:
    handle["cart"] = ["coffee"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (lambda _: None, NOTHING),
        (lambda handle: handle["cart"], READ),
        (change, READ + patterns.UPDATE_DATA.cost(ALREADY_READ).amount()),
        (lambda handle: handle.increment("visits"), READ + patterns.INCREMENT.cost(ALREADY_READ).amount()),
        (lambda handle: handle.take("visits"), READ + patterns.TAKE.cost(ALREADY_READ).amount()),
        (lambda handle: handle.sign_out(), READ + patterns.END_SESSION.cost().amount()),
        (lambda handle: handle.rotate(), READ + patterns.ROTATE.cost().amount()),
    ],
    ids=["untouched", "read-only", "one change", "increment", "take", "sign out", "rotate"],
)
def test_a_request_of_a_signed_in_customer_costs_what_its_handler_does(
    scene: Scene, signed_in: SignedIn, action: Callable[[SessionHandle], object], expected: Amount
) -> None:
    assert cost(scene, signed_in.token, action) == expected


def test_the_decorators_own_text_says_these_costs() -> None:
    text = " ".join((session.__doc__ or "").split())

    assert f"Reads the session at its first use, {READ.rru:g} RRU." in text
    assert f"when the handler has returned, {patterns.UPDATE_DATA.cost(ALREADY_READ).wru:g} WRU." in text


def test_a_visitor_costs_nothing_until_something_is_kept(scene: Scene) -> None:
    assert cost(scene, None, lambda handle: handle.get("cart")) == NOTHING
    assert cost(scene, None, change) == patterns.CREATE_SESSION.cost("anonymous").amount()


def test_signing_in_costs_what_the_pattern_costs(scene: Scene, signed_in: SignedIn) -> None:
    assert cost(scene, None, lambda handle: handle.sign_in("ana")) == patterns.CREATE_SESSION.cost().amount()
    assert cost(scene, signed_in.token, lambda handle: handle.sign_in("ana")) == patterns.SIGN_IN.cost().amount()


def test_signing_in_over_a_session_that_the_handler_has_read_reads_it_once(scene: Scene, signed_in: SignedIn) -> None:
    def read_and_sign_in(handle: SessionHandle) -> None:
        assert handle.customer_id
        handle.sign_in("ana")

    assert cost(scene, signed_in.token, read_and_sign_in) == READ + patterns.SIGN_IN.cost(ALREADY_READ).amount()


def test_an_authorizers_decision_is_one_read(scene: Scene, signed_in: SignedIn) -> None:
    assert amount_of(scene, authorizer_handler(scene.store, AuthorizerSettings()), signed_in.token) == READ
