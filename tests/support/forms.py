"""The forms that a session's data can be stored in, each for all stores and all data of a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from functools import cache, partial, partialmethod
from typing import Any, Final
from unittest.mock import patch

from session_store import SessionStore, store
from session_store.clock import SystemClock
from session_store.encryption import Encryption, FernetKeyring
from session_store.large_data.codecs import LargeCodecs
from session_store.large_data.objects import Objects
from session_store.storage import document
from session_store.storage.attribute_values import Item
from session_store.storage.requests import Requests
from session_store.storage.schema import PARTITION_KEY, SORT_KEY
from session_store.testing import create_table
from session_store.testing.memory_engine import MemoryClient
from session_store.validation_cache import ValidationCache
from session_store.validation_cache.server import Server
from tests.support.bucket import BUCKET
from tests.support.cache_server import MemoryServer

KEY: Final = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Form(StrEnum):
    """The form of all data of a test's sessions."""

    PLAIN = "plain"
    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"
    CHOSEN = "encrypted by keys"
    CACHED = "cached"
    IN_S3 = "in S3"
    CHOSEN_IN_S3 = "encrypted by keys, in S3"
    TOGETHER = "compressed, encrypted, in S3 and cached"

    @property
    def in_s3(self) -> bool:
        """Whether all data is in objects, however small it is."""
        return self in {Form.IN_S3, Form.CHOSEN_IN_S3, Form.TOGETHER}

    @property
    def is_cached(self) -> bool:
        """Whether there is a cache of validations, which all stores share."""
        return self in {Form.CACHED, Form.TOGETHER}


_READING: Final[dict[str, document.Codecs]] = {"codecs": document.NO_CODECS}
_NEVER_IN_THE_ROW: Final = -1
BUCKET_NAME: Final = "large-data"


def readable() -> document.Codecs:
    """The codecs that read the rows of this moment's stores."""
    codecs = _READING["codecs"]
    return codecs.bound(Requests("any", MemoryClient(), SystemClock())) if codecs.binds else codecs


@contextmanager
def stored_as(form: Form) -> Iterator[None]:
    """Let all stores that are made meanwhile store data in one form, also where no unit is saved by that."""
    cache = cached(MemoryServer()) if form.is_cached else nullcontext()
    with cache, nullcontext() if form in {Form.PLAIN, Form.CACHED} else _coded(form):
        yield


@contextmanager
def _coded(form: Form) -> Iterator[None]:
    falling = itertools.count(2**40, -1)  # so that the compressed form always takes less
    made = partial(_codecs, form)
    with (
        patch.object(store, "Codecs", made),
        patch.dict(_READING, {"codecs": made(compresses=False)}),
        patch.object(document, "units", lambda _: next(falling)),
    ):
        yield


@contextmanager
def cached(server: Server) -> Iterator[None]:
    """Let all stores that are made meanwhile share a cache of validations."""
    with patch.object(SessionStore, "__init__", partialmethod(_with_cache, SessionStore.__init__, server)):
        yield


def _with_cache(store: SessionStore, make: Callable[..., None], server: Server, *args: Any, **given: Any) -> None:
    make(store, *args, **{"validation_cache": ValidationCache.on(server)} | given)


@cache
def _codecs(form: Form, *, compresses: bool) -> document.Codecs:
    """The codecs of all stores. They know their data key: tests that count calls and rows know of none."""
    if form.in_s3:
        inner = document.Codecs() if form is Form.IN_S3 else _encrypting(form)
        return LargeCodecs(inner, Objects(BUCKET_NAME, None, BUCKET), _NEVER_IN_THE_ROW)
    return document.Codecs(compresses=True) if form is Form.COMPRESSED else _encrypting(form, compresses=compresses)


def _encrypting(form: Form, *, compresses: bool = False) -> document.Codecs:
    keys = ("cart", "oauth_state", "visits") if form in {Form.CHOSEN, Form.CHOSEN_IN_S3} else None
    encryption = Encryption(FernetKeyring(KEY), store_id="tests", keys=keys)
    codecs = encryption.codecs(SystemClock(), compresses=compresses or form is Form.TOGETHER)
    client = MemoryClient()
    create_table(client, "keys")
    row: Item = {PARTITION_KEY: {"S": "any"}, SORT_KEY: {"S": "any"}}
    codecs.bound(Requests("keys", client, SystemClock())).document({"cart": 1}, document.NO_DATA, lambda _: row)
    return codecs
