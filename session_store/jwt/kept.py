"""A document of another party that is read when it is needed, and kept for a while."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from session_store.clock import SystemClock
from session_store.jwt.fetching import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock

PAUSE_AFTER_FAULT_SECONDS: Final = 1.0
_T = TypeVar("_T")


class Kept(Generic[_T]):
    """Safe to share between threads.

    Args:
        read: gets the document, and raises `NoAnswerError` if it cannot.
        unavailable: makes the error of callers from the cause.
        fresh: seconds after which it is read anew.
        kept: seconds for which it is good while it cannot be read.
        pause: seconds between two readings, however often a document with something else in it is asked for.
        clock: says how old it is.
    """

    def __init__(
        self,
        read: Callable[[], _T],
        unavailable: Callable[[str], Exception],
        *,
        fresh: float,
        kept: float,
        pause: float,
        clock: Clock | None = None,
    ) -> None:
        self._read = read
        self._unavailable = unavailable
        self._fresh, self._kept, self._pause = fresh, kept, pause
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._value: Any = None
        self._read_at: float | None = None
        self._not_before = float("-inf")
        self._fault: str | None = None

    def get(self, is_wanted: Callable[[_T], bool] = lambda _: True) -> _T:
        """The document. One that is not wanted makes it look again, at times, and comes back if it is still the newest.

        Raises:
            Exception: as `unavailable` makes it. It cannot be read, and the last one is too old or not wanted.
        """
        if self._is_due(is_wanted):
            with self._lock:
                if self._is_due(is_wanted):
                    self._renew()
        if self._fault is not None and (not self._has(is_wanted) or self._age() > self._kept):
            raise self._unavailable(self._fault)
        return cast("_T", self._value)

    def _is_due(self, is_wanted: Callable[[_T], bool]) -> bool:
        return not self._has(is_wanted) or self._age() > self._fresh

    def _has(self, is_wanted: Callable[[_T], bool]) -> bool:
        return self._read_at is not None and is_wanted(self._value)

    def _age(self) -> float:
        return float("inf") if self._read_at is None else self._clock.monotonic() - self._read_at

    def _renew(self) -> None:
        if self._clock.monotonic() < self._not_before:
            return
        try:
            self._value = self._read()
            self._read_at, self._fault, pause = self._clock.monotonic(), None, self._pause
        except NoAnswerError as error:
            self._fault, pause = error.cause, PAUSE_AFTER_FAULT_SECONDS
        self._not_before = self._clock.monotonic() + pause
