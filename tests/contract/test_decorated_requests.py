"""What one decorated request costs, in calls and request units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from session_store.kernel.web_settings import AuthorizerSettings
from session_store.web import SessionHandle, authorizer_handler, current_session, session
from tests.support.metering import Cost, Meter
from tests.support.scene import Scene, SignedIn, new_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.engines import Engine


@pytest.fixture
def scene(metered_engine: Engine) -> Iterator[Scene]:
    with new_scene(metered_engine) as scene:
        yield scene


def event(token: str | None) -> dict[str, Any]:
    cookies = [f"__Host-session={token}"] if token else []
    return {"version": "2.0", "cookies": cookies, "requestContext": {"http": {"method": "GET"}}}


def cost(scene: Scene, token: str | None, action: Callable[[SessionHandle], object]) -> tuple[float, float, int]:
    """Read units, write units and calls of a request whose handler does this."""

    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        action(current_session())
        return {"statusCode": 200}

    return summed(Meter(scene.disturbed_client).measure(lambda: handler(event(token), None)))


def summed(cost: Cost) -> tuple[float, float, int]:
    return cost.read_units, cost.write_units, len(cost.operations)


def change(handle: SessionHandle) -> None:
    handle["cart"] = ["coffee"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (lambda _: None, (0, 0, 0)),
        (lambda handle: handle["cart"], (1, 0, 1)),
        (change, (1, 1, 2)),
        (lambda handle: handle.increment("visits"), (1, 1, 2)),
        (lambda handle: handle.sign_out(), (1, 1, 2)),
        (lambda handle: handle.rotate(), (2, 1, 3)),
    ],
    ids=["untouched", "read-only", "one change", "increment", "sign out", "rotate"],
)
def test_a_request_of_a_signed_in_customer_costs_what_its_handler_does(
    scene: Scene, signed_in: SignedIn, action: Callable[[SessionHandle], object], expected: tuple[float, float, int]
) -> None:
    assert cost(scene, signed_in.token, action) == expected


def test_a_visitor_costs_nothing_until_something_is_kept(scene: Scene) -> None:
    assert cost(scene, None, lambda handle: handle.get("cart")) == (0, 0, 0)
    assert cost(scene, None, change) == (0, 2, 1)


def test_signing_in_costs_what_the_pattern_costs(scene: Scene, signed_in: SignedIn) -> None:
    assert cost(scene, None, lambda handle: handle.sign_in("bob")) == (1, 2, 2)
    assert cost(scene, signed_in.token, lambda handle: handle.sign_in("ana")) == (2, 5, 3)


def test_an_authorizers_decision_is_one_read(scene: Scene, signed_in: SignedIn) -> None:
    handler = authorizer_handler(scene.store, AuthorizerSettings())

    assert summed(Meter(scene.disturbed_client).measure(lambda: handler(event(signed_in.token), None))) == (1, 0, 1)
