"""The compared forms of a session's data, and what makes a store of each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from session_store import SessionSettings
from session_store.encryption import Encryption, FernetKeyring

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY: Final = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # KMS is asked once a process: no part of the figures


class Form(StrEnum):
    """A form of the data, or a place for it."""

    PLAIN = "plain"
    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"


def options(form: Form) -> Mapping[str, Any]:
    """The arguments of a store that keeps data in a form."""
    if form is Form.COMPRESSED:
        return {"settings": SessionSettings(compression=True)}
    if form is Form.ENCRYPTED:
        return {"encryption": Encryption(FernetKeyring(_KEY), store_id="bench")}
    return {}
