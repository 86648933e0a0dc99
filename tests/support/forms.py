"""The forms that a session's data can be stored in, each for all stores of a test, whatever the data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from unittest.mock import patch

from session_store import store
from session_store.storage import document


class Form(StrEnum):
    """The form of all data of a test's sessions."""

    PLAIN = "plain"
    COMPRESSED = "compressed"


@contextmanager
def stored_as(form: Form) -> Iterator[None]:
    """Let all stores that are made meanwhile store data in one form, also where no unit is saved by that."""
    if form is Form.PLAIN:
        yield
        return
    units = itertools.count(2**40, -1)
    with (
        patch.object(store, "Codecs", lambda **_: document.Codecs(compresses=True)),
        patch.object(document, "_units", lambda _: next(units)),
    ):
        yield
