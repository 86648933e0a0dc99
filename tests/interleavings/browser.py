"""An honest browser and what the network does to it, as a state that can be searched.

The browser sends its newest token with every request and adopts each token that reaches it. Requests run side by
side; each is carried out by the store at some moment and its reply arrives at some later moment, in any order, or
never. A request is over within half the grace, from its sending to its reply: what takes longer, the browser has given
up (API Gateway does so after 30 seconds, a quarter of the default grace).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from session_store.storage.items import read_session
from session_store.testing.memory_engine import Rows
from session_store.tokens import parse
from tests.interleavings.world import GRACE, World

SHORT: Final = GRACE / 2 - timedelta(seconds=1)
LONG: Final = GRACE * 2
MOST_IN_FLIGHT: Final = 2
_OLDEST: Final = 5 * int(GRACE.total_seconds())  # seconds; what is older goes on alike


class Kind(StrEnum):
    """A request's purpose."""

    ROTATE = "rotate"
    VALIDATE = "validate"


@dataclass(frozen=True)
class Request:
    """One request in flight."""

    kind: Kind
    token: str  # sent with it
    aged: bool = False  # a short time has passed since it was sent
    done: bool = False  # the store has carried it out, and the reply is on its way
    reply: str | None = None  # the new token in it, if there is one


@dataclass(frozen=True)
class Situation:
    """Everything there is: the table, the time, the browser's token and its requests in flight."""

    rows: Rows
    moment: datetime
    token: str
    in_flight: tuple[Request, ...] = ()

    def signature(self, partition: str) -> tuple[Any, ...]:
        """All that decides how it can go on. Browsers with equal signatures are looked at once.

        Secrets differ only by their role for the session and for the browser.
        """
        (row,) = (read_session(row) for key, row in self.rows.items() if key[0] == partition)
        now = int(self.moment.timestamp())
        known: dict[bytes, int] = {}

        def number(secret: bytes | None) -> int | None:
            return None if secret is None else known.setdefault(secret, len(known))

        def age(moment: int | None) -> int | None:
            return None if moment is None else min(now - moment, _OLDEST)

        def described(text: str | None) -> tuple[int | None, int | None]:
            if text is None:
                return None, None
            token = parse(text)
            issued_at = token.issued_at(row.token.rotation_key or b"", row.token.epoch + 1)
            return number(token.token_hash), age(issued_at)

        stored = (number(row.token.head), number(row.token.first_used), age(row.token.first_used_at))
        flight = [(one.kind, described(one.token), one.aged, one.done, described(one.reply)) for one in self.in_flight]
        return stored, described(self.token), tuple(flight)

    def next(self, world: World) -> Iterator[Situation]:
        """Everything that can happen now; raises `InvalidTokenError` where an honest browser is refused."""
        if len(self.in_flight) < MOST_IN_FLIGHT:
            for kind in Kind:
                yield replace(self, in_flight=(*self.in_flight, Request(kind, self.token)))
        for number, request in enumerate(self.in_flight):
            others = self.in_flight[:number] + self.in_flight[number + 1 :]
            yield replace(self, in_flight=others)  # given up: the request or its reply was lost
            if request.done:
                yield replace(self, in_flight=others, token=request.reply or self.token)
            else:
                yield self._carried_out(world, request, others)
        yield self._later(SHORT)
        if not self.in_flight:
            yield self._later(LONG)

    def _carried_out(self, world: World, request: Request, others: tuple[Request, ...]) -> Situation:
        world.table.rows = dict(self.rows)
        world.clock.set(self.moment)
        done = replace(request, done=True)
        if request.kind is Kind.ROTATE:
            done = replace(done, reply=world.store().rotate(request.token).token)
        else:
            world.store().validate(request.token)
        return replace(self, rows=world.table.rows, in_flight=(*others, done))

    def _later(self, duration: timedelta) -> Situation:
        alive = tuple(replace(request, aged=True) for request in self.in_flight if not request.aged)
        return replace(self, moment=self.moment.astimezone(UTC) + duration, in_flight=alive)
