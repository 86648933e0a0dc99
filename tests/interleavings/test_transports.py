"""Pairs of operations over each real transport, on an engine behind a network that loses requests and replies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from session_store import Transport
from tests.interleavings.network import network_world
from tests.interleavings.operations import BY_NAME
from tests.interleavings.search import search
from tests.interleavings.world import DUE, World, begin, without_threads
from tests.support.engines import DYNOXIDE, Engine
from tests.support.figures import Count
from tests.support.scenes import running

FIGURE = "interleavings, of two operations over a network"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    yield from running(DYNOXIDE)


@pytest.fixture(params=[Transport.BOTOCORE, Transport.OWN])
def world(request: pytest.FixtureRequest, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    without_threads(monkeypatch)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    with network_world(engine, request.param) as made:
        yield made


@pytest.mark.proof
@pytest.mark.parametrize("pair", [("validate", "end_session"), ("rotate", "save left")], ids=", ".join)
def test_every_order_is_right_with_every_write_lost_in_turn(world: World, count: Count, pair: tuple[str, str]) -> None:
    count(FIGURE, search(world, begin(world, after=DUE), [BY_NAME[name] for name in pair], faults=True))
