"""Calls whose replies hold secrets, which the SDK's own debug log would quote."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from session_store.aws.sdk_log import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep requests and replies of this thread out of the SDK's log while the block runs."""
    before = OURS.set(True)
    try:
        yield
    finally:
        OURS.reset(before)
