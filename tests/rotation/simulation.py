"""A browser, and perhaps a thief, with one session of the real store, in simulated time.

The browser sends its newest token with every request and adopts each token that reaches it. Requests run side by side;
the store sees each at some moment, and its reply arrives later, or never.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from session_store import SessionStore, TokenReuseError
from session_store.testing import MovableClock


@dataclass
class Simulation:
    """Events in the order of their moments.

    Attributes:
        now: seconds since the sign-in.
        requests: how many the store has seen.
        ended_at: when it took a token for stolen, None if it did not.
    """

    store: SessionStore
    clock: MovableClock
    random: Random
    now: float = 0.0
    requests: int = 0
    ended_at: float | None = None
    _events: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def at(self, moment: float, act: Callable[..., object], *arguments: Any) -> None:
        """Do something at a moment."""
        heapq.heappush(self._events, (moment, next(self._numbers), act, arguments))

    def run(self, seconds: float) -> float | None:
        """Go on until then, or until a theft is found; returns when it was."""
        begin = self.clock.now()
        while self._events and self._events[0][0] <= seconds:
            self.now, _, act, arguments = heapq.heappop(self._events)
            self.clock.advance(timedelta(seconds=max(0.0, begin + self.now - self.clock.now())))
            try:
                act(*arguments)
            except TokenReuseError:
                self.ended_at = self.now
                return self.now
        return None

    def use(self, token: str) -> str | None:
        """A request to a page: the new token in its answer, if there is one."""
        self.requests += 1
        return self.store.validate_and_rotate(token).token

    def ask(self, token: str) -> str | None:
        """A request for a new token."""
        self.requests += 1
        return self.store.rotate(token).token


@dataclass
class Browser:
    """An honest one.

    Attributes:
        token: in its cookie.
        loss: share of the replies that never arrive.
        drops: share of the responses that lose the cookie on the way, as a server that renders pages does.
        settled_at: when its own token had been in use for twice the grace, None before that.
    """

    world: Simulation
    token: str
    loss: float = 0.0
    drops: float = 0.0
    first_due_at: float | None = None
    settled_at: float | None = None
    _has_new: bool = False
    _first_use_at: float | None = None

    def send(self, there: float, back: float) -> None:
        """A request, so many seconds on its way and on its way back."""
        self.world.at(self.world.now + there, self._arrive, self.token, back)

    def browse(self, think: float, parallel: tuple[int, ...], upload: float) -> None:
        """Load a page with requests side by side, again and again; sometimes there is an upload, or a long rest."""
        world, random = self.world, self.world.random
        for _ in range(random.choice(parallel)):
            world.at(world.now + random.uniform(0, 0.5), lambda: self.send(_latency(random), _latency(random)))
        if random.random() < upload:
            self.send(random.uniform(5, 0.8 * _grace(world)), _latency(random))
        rest = random.expovariate(1 / think) if random.random() > 0.03 else random.uniform(1800, 7200)
        world.at(world.now + rest, self.browse, think, parallel, upload)

    def poll(self, every: float) -> None:
        """A request from time to time."""
        world = self.world
        self.send(_latency(world.random), _latency(world.random))
        world.at(world.now + every * world.random.uniform(0.5, 1.5), self.poll, every)

    def _arrive(self, token: str, back: float) -> None:
        world = self.world
        if self.first_due_at is None and world.now >= world.store.settings.rotation_interval.total_seconds():
            self.first_due_at = world.now
        new = world.use(token)
        if token == self.token and self.first_due_at is not None and self._has_new:
            if self._first_use_at is None:
                self._first_use_at = world.now
            elif self.settled_at is None and world.now > self._first_use_at + 2 * _grace(world) + 1:
                self.settled_at = world.now
        if new and world.random.random() >= self.loss + self.drops:
            world.at(world.now + back, self._adopt, new)

    def _adopt(self, token: str) -> None:
        self.token, self._has_new = token, True


@dataclass
class Thief:
    """Has a copy of the first token.

    Attributes:
        asks: whether it asks for new tokens, beside loading pages.
        keeps: how many of them it keeps: none (0), the newest (1), or as many to choose from at random.
    """

    world: Simulation
    owner: Browser
    token: str
    asks: bool
    keeps: int
    held: list[str] = field(default_factory=list)

    def act(self, every: float) -> None:
        """Use a token, from time to time."""
        world, random = self.world, self.world.random
        settled = self.owner.settled_at is not None
        token = random.choice([self.token, *self.held]) if self.keeps > 1 else (self.held or [self.token])[-1]
        new = (world.ask if self.asks else world.use)(token)  # raises where it is found out
        assert not settled, f"a stolen token was good {world.now - (self.owner.settled_at or 0):.0f} s after the bound"
        if new and self.keeps:
            self.held = [*self.held, new][-self.keeps :]
        world.at(world.now + every * random.uniform(0.98, 1.02), self.act, every)


def _latency(random: Random) -> float:
    return random.uniform(0.02, 0.2) if random.random() < 0.9 else random.uniform(0.2, 5)


def _grace(world: Simulation) -> float:
    return world.store.settings.rotation_grace.total_seconds()
