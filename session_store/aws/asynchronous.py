"""A fan-out for asyncio, in threads. It is apart, because few programs that use AWS sessions load asyncio."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


async def fan_out_async(
    fan_out: Callable[..., Iterable[Any]], work: Callable[[Any], Any], options: dict[str, Any]
) -> list[Any]:
    """The outcomes of a fan-out. Cancelling the task lets no further target begin."""
    cancelled = options.setdefault("cancelled", threading.Event())
    if told := options.get("on_progress"):
        options["on_progress"] = partial(asyncio.get_running_loop().call_soon_threadsafe, told)
    try:
        return await asyncio.to_thread(lambda: list(fan_out(work, **options)))
    except asyncio.CancelledError:
        cancelled.set()
        raise
