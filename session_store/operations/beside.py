"""One call in another thread, beside what this one does: half the cost of a pool of threads, and nothing to import."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

_Result = TypeVar("_Result")


class Beside(Generic[_Result]):
    """A call that begins with a block and has ended with it.

    Args:
        call: the function.
        arguments: for it.
    """

    def __init__(self, call: Callable[..., _Result], *arguments: Any) -> None:  # noqa: ANN401 - those of the call
        self._call = call
        self._arguments = arguments
        self._returned: _Result | None = None
        self._raised: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def result(self) -> _Result:
        """What it returned, after the block.

        Raises:
            BaseException: what it raised.
        """
        if self._raised is not None:
            raise self._raised
        return cast("_Result", self._returned)

    def _run(self) -> None:
        try:
            self._returned = self._call(*self._arguments)
        except BaseException as error:  # noqa: BLE001 - raised where the result is wanted
            self._raised = error
