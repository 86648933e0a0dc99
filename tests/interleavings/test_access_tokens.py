"""A sign-out against the routes that make access tokens, in every order of their calls to DynamoDB and KMS.

No token says that it was made after an end that had been acknowledged, and none is handed out after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import jwt
import pytest

from session_store.storage import schema
from session_store.testing.memory_engine import MemoryClient
from tests.interleavings.operations import BY_NAME, SESSION, Operation
from tests.interleavings.scheduler import Fault, Loss, Participation, explore
from tests.interleavings.world import DUE, Beginning, World, begin
from tests.support.figures import Count
from tests.support.reply import Reply
from tests.unit.jwt.world import World as IssuerWorld

FIGURE: Final = "interleavings, of a sign-out and an access token"
# Each with an index that shows the session, and those that look there with one that does not.
ENDS: Final = [(end, lags) for end in BY_NAME.values() if SESSION in end.ends for lags in sorted({False, end.lags})]
FAULTS: Final = [Fault(0, 0, loss) for loss in Loss]
ASKED: Final = {"audience": "orders"}
Ask = Callable[[IssuerWorld, Beginning], Reply]
ROUTES: Final[dict[str, Ask]] = {
    "a back end": lambda issuer, b: issuer.back_end(b.id, **ASKED),
    "a user": lambda issuer, b: issuer.user(b.token, fields=ASKED),
}


@dataclass
class Ticking:
    """AWS, with a second between any two calls: every step has a time of its own. No deadline counts it."""

    world: World
    client: MemoryClient

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            try:
                return getattr(self.client, method)(**parameters)
            finally:
                self._tick()

        return call

    def sign(self, **_: object) -> bytes:
        self._tick()
        return b"signature"

    def _tick(self) -> None:
        self.world.clock.set(datetime.fromtimestamp(self.world.clock.now() + 1, UTC))


@dataclass
class Signer:
    """A key in KMS. The search takes a signature for a read of the session, so its order with an end counts."""

    client: Any
    beginning: Beginning
    kid: str = "first"
    algorithm: str = "RS256"

    def sign(self, content: bytes) -> bytes:
        key = {schema.PARTITION_KEY: {"S": schema.session_partition_key(self.beginning.id)}}
        signature: bytes = self.client.sign(Key=key, Message=content)
        return signature


def ending(world: World, beginning: Beginning, end: Operation, client: Any) -> float:
    """End the session. The moment at which that is acknowledged."""
    end.run(world.store(client, **end.settings), beginning)
    return world.clock.now()


def asking(world: World, beginning: Beginning, ask: Ask, client: Any) -> list[tuple[float, Reply]]:
    """Ask twice. Each answer with the moment of its request."""
    issuer = IssuerWorld(world.store(client), world.clock, signer=Signer(client, beginning))
    return [(world.clock.now(), ask(issuer, beginning)) for _ in range(2)]


@pytest.mark.shows("T112")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("end", "lags"), ENDS, ids=str)
def test_no_token_was_made_after_an_acknowledged_end(
    world: World, count: Count, end: Operation, route: str, *, lags: bool
) -> None:
    beginning = begin(world, after=DUE, lags=lags)
    both: list[Participation] = [
        partial(ending, world, beginning, end),
        partial(asking, world, beginning, ROUTES[route]),
    ]
    made = 0
    for fault in [None, *FAULTS[end.lags * 2 :]]:  # those with an index are long
        for run in explore(both, lambda: Ticking(world, world.put_back(beginning)), fault):
            count(FIGURE, 1)
            ended, asked = run.outcomes
            assert asked.error is None, run
            if ended.error is not None:
                continue
            for began, reply in asked.value:
                assert reply.status in {200, 401, 404}, run
                if reply.status == 200:
                    made += 1
                    claims = jwt.decode(reply.json["access_token"], options={"verify_signature": False})
                    assert claims["iat"] <= began < ended.value, run
    assert made
