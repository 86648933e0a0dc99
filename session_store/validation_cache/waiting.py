"""Ends that the cache does not know of: their methods answer once no entry from before counts any more."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import StoreUnavailableError
from session_store.time_left import LAMBDA_CALLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock

LIFETIME_SECONDS: Final = 5.0
SKEW_SECONDS: Final = 1.0
"""How far two machines' clocks may be apart."""
LONGEST_SECONDS: Final = 8.0
_TOO_LATE: Final = (
    "it is written, but the cache of validations cannot be reached, "
    "and no time is left to wait until it holds nothing from before"
)


class Pending:
    """The end of one public method. Safe to share between its threads.

    Args:
        clock: of the store.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last_answer = clock.monotonic() + LONGEST_SECONDS
        self._until: float | None = None

    @property
    def last_write(self) -> float:
        """The moment of the clock's `monotonic` by which the last write has to be done, if it is to be waited for."""
        return self._last_answer - LIFETIME_SECONDS

    def note(self) -> None:
        """Note a change that was made before now, and that the cache was not told of."""
        with self._lock:
            self._until = self._clock.monotonic() + LIFETIME_SECONDS

    def wait(self) -> None:
        """Wait until no process accepts an entry from before the last change that was noted.

        Raises:
            StoreUnavailableError: there is no time for that. The change is made and not acknowledged.
        """
        if self._until is None:
            return
        seconds = self._until - self._clock.monotonic()
        if seconds <= 0:
            return
        in_lambda = min((call.seconds_left() for call in LAMBDA_CALLS.get()), default=seconds)
        if self._until > self._last_answer or seconds > in_lambda:
            raise StoreUnavailableError("DEL", _TOO_LATE)
        self._clock.sleep(seconds)


PENDING: Final[ContextVar[Pending | None]] = ContextVar("session_store.validation_cache", default=None)
"""Of the public method that is being called."""


def guard(store: Any, clock: Clock) -> None:  # noqa: ANN401 - a SessionStore, which is above this room
    """Let each public method of a store answer only when its ends hold."""
    for name in dir(type(store)):
        if isinstance(getattr(type(store), name), FunctionType) and not name.startswith("_"):
            setattr(store, name, _guarded(getattr(store, name), clock))


def _guarded(method: Callable[..., Any], clock: Clock) -> Callable[..., Any]:
    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the method's
        pending = Pending(clock)
        outer = PENDING.set(pending)
        try:
            result = method(*args, **kwargs)
        except StoreUnavailableError:
            raise  # which acknowledges nothing
        except Exception:  # a refusal also says that a session is over
            pending.wait()
            raise
        finally:
            PENDING.reset(outer)
        pending.wait()
        return result

    return call
