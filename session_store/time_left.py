"""The time that a Lambda call has left: no method of a store goes on longer, so that no write is cut off."""

from __future__ import annotations

from contextvars import ContextVar
from math import inf
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from contextvars import Token

# Kept back to make the answer and hand it to Lambda. A function of 128 MB has a fourteenth of a core for that.
ANSWER_SECONDS: Final = 0.5
_LONGEST_CALL: Final = 900_000  # milliseconds


class LambdaCall:
    """A context manager: within it the deadlines of stores are no later than the call's end.

    It follows the call into `async` functions, tasks and `asyncio.to_thread`. A thread that the application starts
    itself begins without it. Of calls within one another the first to end counts.

    Args:
        context: Lambda's, beside the event. One that does not say how much time is left, as a test's, limits nothing.
    """

    __slots__ = ("_context", "_outer")

    _outer: Token[tuple[LambdaCall, ...]]

    def __init__(self, context: object) -> None:
        self._context: Any = context

    def __enter__(self) -> Self:
        self._outer = LAMBDA_CALLS.set((*LAMBDA_CALLS.get(), self))
        return self

    def __exit__(self, *_: object) -> None:
        LAMBDA_CALLS.reset(self._outer)
        self._context = None  # for a thread that goes on: it has the time of the next call

    def seconds_left(self) -> float:
        """The time until the answer has to be made, below 0 when it is too late, infinite when that is not known."""
        try:
            milliseconds = self._context.get_remaining_time_in_millis()
        except Exception:  # noqa: BLE001 - of a test's own context nothing is known
            return inf
        if not isinstance(milliseconds, int | float):
            return inf
        # In this order, NaN is the longest, too.
        return min(_LONGEST_CALL, milliseconds) / 1000 - ANSWER_SECONDS


# Those that are being served, each within the one before it.
LAMBDA_CALLS: Final[ContextVar[tuple[LambdaCall, ...]]] = ContextVar("session_store.time_left", default=())
