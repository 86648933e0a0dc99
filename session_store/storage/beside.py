"""One read beside another: sent before it and read after it, or in a thread.

A thread takes half of what a pool of threads does, and there is nothing to import. The other takes a tenth of it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

_Result = TypeVar("_Result")
_Given_co = TypeVar("_Given_co", covariant=True)


class Meanwhile(Protocol[_Given_co]):
    """A call that begins with a block."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def result(self) -> _Given_co:
        """What it returned, or raises, after the block."""


class Ahead(Generic[_Result]):
    """A call whose request was sent before the block.

    Args:
        drop: gives it up, if the block fails.
        call: reads the reply.
        arguments: for it.
    """

    def __init__(self, drop: Callable[[], object], call: Callable[..., _Result], *arguments: Any) -> None:  # noqa: ANN401
        self._drop = drop
        self._call = call
        self._arguments = arguments

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            self._drop()

    def result(self) -> _Result:
        """Read the reply.

        Raises:
            Exception: what the call raises.
        """
        return self._call(*self._arguments)


class Beside(Generic[_Result]):
    """A call in a thread, which begins with a block and has ended with it.

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
