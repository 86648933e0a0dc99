"""The session of the call that is being served, reachable from anywhere in it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from session_store.errors import NoCurrentSessionError

if TYPE_CHECKING:
    from session_store.kernel.handle import SessionHandle

CURRENT: Final[ContextVar[SessionHandle]] = ContextVar("session_store.kernel.current")


def current_session() -> SessionHandle:
    """The session of the current call of a handler decorated with `@session`. Reads nothing by itself.

    It follows the call into `async` functions, tasks and `asyncio.to_thread`. A thread that you start yourself begins
    without it. Hand the session over, or run the thread in `contextvars.copy_context()`.

    Raises:
        NoCurrentSessionError: no decorated handler is being called.
    """
    try:
        return CURRENT.get()
    except LookupError:
        raise NoCurrentSessionError("there is no current session: call this from a handler under @session") from None
