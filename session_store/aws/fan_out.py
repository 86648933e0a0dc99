"""The same work in many accounts and regions at once, with an outcome for each."""

from __future__ import annotations

import threading
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Self

    from session_store.aws.advice.row import Advice

CANCELLED: Final = "cancelled before it began"
REGION_OFF: Final = "the account has not enabled the region"


class Sessions(Protocol):
    """As much of `AwsSessions` as is needed here."""

    @property
    def account(self) -> str: ...  # noqa: D102

    @property
    def region(self) -> str | None: ...  # noqa: D102

    def in_region(self, region: str) -> Self: ...  # noqa: D102

    def regions_off(self, regions: Collection[str]) -> set[str]: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102


S = TypeVar("S", bound=Sessions)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[T]):
    """The outcome of some work in one region of one account.

    Attributes:
        account: 12 digits. None when the account of a profile could not be found out.
        region: None when nothing names one.
        profile: in a fan-out over profiles.
        value: the work's result. None when there is none.
        error: the exception that ended the work.
        skipped: why the work was not done, empty when it was.
    """

    account: str | None
    region: str | None
    profile: str | None = None
    value: T | None = None
    error: Exception | None = None
    skipped: str = ""

    @property
    def ok(self) -> bool:
        """Whether the work was done, and ended without an error."""
        return self.error is None and not self.skipped

    @property
    def advice(self) -> Advice | None:
        """The meaning of the error and the first command to try. None without an error."""
        if self.error is None:
            return None
        from session_store.aws.advice import advice_for  # noqa: PLC0415 - only where there is an error

        return advice_for(self.error, profile=self.profile, region=self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much goes on at once.

    Attributes:
        workers: threads.
        per_account: targets of one account.
    """

    workers: int
    per_account: int


@dataclass(kw_only=True)
class Place(Generic[S]):
    """An account or a profile, whose sessions are opened at their first use and closed after the last.

    Attributes:
        account: 12 digits, None as long as it is not known.
        profile: in a fan-out over profiles.
        regions: None stands for the sessions' own.
        opened: makes the sessions.
        closing: whether to close them after the last target.
    """

    account: str | None = None
    profile: str | None = None
    regions: Sequence[str | None]
    opened: Callable[[], S]
    closing: bool = True
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _ended: int = 0

    @property
    def key(self) -> str:
        """Names the account, for the limit of what goes on in it at once."""
        return self.account or self.profile or ""

    @cached_property
    def sessions(self) -> S:
        """The place's sessions."""
        return self.opened()

    @cached_property
    def _off(self) -> set[str]:
        return self.sessions.regions_off([region for region in self.regions if region])

    def identify(self) -> None:
        """Find out the account. It stays unknown when that fails: the work then shows why."""
        try:
            self.account = self.account or self.sessions.account
        except (BotoCoreError, ClientError):
            return

    def end_target(self) -> None:
        """Count a target that has ended."""
        self._ended += 1
        if self.closing and self._ended == len(self.regions) and "sessions" in self.__dict__:
            self.sessions.close()

    def in_region(self, region: str | None) -> S | None:
        """The sessions for a region, None when it is off."""
        with self._lock:
            if region in self._off:
                return None
            return self.sessions if region is None else self.sessions.in_region(region)


class FanOut(Generic[S, T]):
    """Does the work in each region of each place.

    Args:
        work: is given the sessions of a target.
        places: where.
        limits: how much goes on at once.
        on_progress: is told how many targets are done, and how many there are.
        cancelled: is set when no further target is to begin.
    """

    def __init__(
        self,
        work: Callable[[S], T],
        places: Sequence[Place[S]],
        limits: Limits,
        on_progress: Callable[[int, int], object] | None,
        cancelled: threading.Event,
    ) -> None:
        self._work = work
        self._places = places
        self._limits = limits
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._busy: Counter[str] = Counter()
        self._running: dict[Future[Outcome[T]], Place[S]] = {}

    def outcomes(self) -> Iterator[Outcome[T]]:
        """The outcome of each target, as soon as it is there.

        When the caller leaves the loop, no further target begins, and those that run are waited for.
        """
        total, done = sum(len(place.regions) for place in self._places), 0
        pool = ThreadPoolExecutor(self._limits.workers, thread_name_prefix="fan-out")
        try:
            list(pool.map(Place.identify, [place for place in self._places if place.account is None]))
            for outcome in self._in(pool):
                done += 1
                if self._on_progress:
                    self._on_progress(done, total)
                yield outcome
        finally:
            pool.shutdown(cancel_futures=True)

    def _in(self, pool: ThreadPoolExecutor) -> Iterator[Outcome[T]]:
        waiting = self._waiting()
        while waiting or self._running:
            if self._cancelled.is_set():
                yield from self._cancel(waiting)
            self._start(waiting, pool)
            finished = wait(self._running, return_when=FIRST_COMPLETED).done if self._running else ()
            outcomes = [self._end(future) for future in finished]
            self._start(waiting, pool)  # before the caller, who may take time, gets the outcomes
            yield from outcomes

    def _waiting(self) -> dict[str, deque[tuple[Place[S], str | None]]]:
        """The targets of each account, in the order in which they begin: one account after the other."""
        waiting: dict[str, deque[tuple[Place[S], str | None]]] = {}
        for place in self._places:
            waiting.setdefault(place.key, deque()).extend((place, region) for region in place.regions)
        return waiting

    def _start(self, waiting: dict[str, deque[tuple[Place[S], str | None]]], pool: ThreadPoolExecutor) -> None:
        while len(self._running) < self._limits.workers and not self._cancelled.is_set():
            key = next((key for key in waiting if self._busy[key] < self._limits.per_account), None)
            if key is None:
                return
            place, region = waiting[key].popleft()
            if not waiting[key]:
                del waiting[key]
            self._busy[key] += 1
            self._running[pool.submit(copy_context().run, self._one, place, region)] = place

    def _end(self, future: Future[Outcome[T]]) -> Outcome[T]:
        place = self._running.pop(future)
        self._busy[place.key] -= 1
        place.end_target()
        return future.result()

    def _cancel(self, waiting: dict[str, deque[tuple[Place[S], str | None]]]) -> Iterator[Outcome[T]]:
        targets = [target for targets in waiting.values() for target in targets]
        waiting.clear()
        for place, region in targets:
            yield replace(_blank(place, region), skipped=CANCELLED)

    def _one(self, place: Place[S], region: str | None) -> Outcome[T]:
        outcome: Outcome[T] = _blank(place, region)
        try:
            sessions = place.in_region(region)
            if sessions is None:
                return replace(outcome, skipped=REGION_OFF)
            outcome = replace(outcome, region=sessions.region)
            return replace(outcome, value=self._work(sessions))
        except Exception as error:  # noqa: BLE001 - one failure hides no other
            return replace(outcome, error=error)


def _blank(place: Place[Any], region: str | None) -> Outcome[Any]:
    return Outcome(account=place.account, region=region, profile=place.profile)
