"""The compared forms of a session's data, and what makes a store of each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from bench.storage.engines import BUCKET
from session_store import SessionSettings
from session_store.encryption import Encryption, FernetKeyring
from session_store.large_data import LargeData
from session_store.validation_cache import ValidationCache

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.storage.engines import Engines

_KEY: Final = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # KMS is asked once a process: no part of the figures
_THRESHOLD: Final = 1024  # the least, so that the data of all but the smallest sessions is in S3


class Form(StrEnum):
    """A form of the data, or a place for it."""

    PLAIN = "plain"
    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"
    IN_S3 = "in S3"
    CACHED = "behind Valkey"


def options(form: Form, engines: Engines) -> Mapping[str, Any]:
    """The arguments of a store that keeps data in a form."""
    if form is Form.COMPRESSED:
        return {"settings": SessionSettings(compression=True)}
    if form is Form.ENCRYPTED:
        return {"encryption": Encryption(FernetKeyring(_KEY), store_id="bench")}
    if form is Form.CACHED and engines.cache:
        return {"validation_cache": ValidationCache.on(engines.cache)}
    if form is Form.IN_S3:
        return {"large_data": LargeData(BUCKET, threshold=_THRESHOLD, client=engines.objects)}
    return {}
