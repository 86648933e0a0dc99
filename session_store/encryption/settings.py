"""Settings of encryption, which travel from the constructs to the functions. Both sides check them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from session_store import checks
from session_store.catalog.declared import Flag, Kind, Settings, Text, setting
from session_store.errors import InvalidInputError
from session_store.settings import ENCRYPTION_KEYS
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Collection

_KMS_KEY: Final = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d+:key/[\w-]{1,64}")


class _Names(Kind[tuple[str, ...]]):
    """Names, none of them empty."""

    unit = "JSON array of keys"

    def check(self, name: str, value: tuple[str, ...]) -> None:
        checks.check_names(name, value)

    def write(self, value: tuple[str, ...]) -> str:
        return json.dumps(value)

    def read(self, name: str, text: str) -> tuple[str, ...]:
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, list):
            raise InvalidInputError(name, "must be a JSON array", value=text)
        return tuple(value)


class _Arns(_Names):
    unit = "JSON array of ARNs"

    def check(self, name: str, value: tuple[str, ...]) -> None:
        check_kms_keys(name, value)


class _StoreId(Text):
    unit = "name"

    def check(self, name: str, value: str) -> None:
        checks.check_id(name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionSettings(Settings):
    """The encryption of a table's data with keys in KMS, the same for everything that uses the table.

    Attributes:
        kms_keys: ARNs of keys in KMS. The first one wraps new data keys, the others are for older ones.
        store_id: everything encrypted is bound to it. Keep it when you restore the table under another name.
        keys: the top-level keys of the data whose values are encrypted. None for all of data, and for the client.
        accepts_plain: whether data that is not encrypted is read as well, until all of it is.

    Raises:
        InvalidInputError: a value is malformed or missing.
    """

    kms_keys: tuple[str, ...] = field(default=(), metadata=setting(_Arns(ENCRYPTION_KEYS)))
    store_id: str | None = field(default=None, metadata=setting(_StoreId("SESSION_STORE_ID")))
    keys: tuple[str, ...] | None = field(default=None, metadata=setting(_Names("SESSION_ENCRYPTED_DATA_KEYS")))
    accepts_plain: bool = field(default=False, metadata=setting(Flag("SESSION_ACCEPTS_PLAIN_DATA")))

    def _check_together(self) -> None:
        for name in ("kms_keys", "store_id"):
            if not getattr(self, name):
                raise InvalidInputError(name, "must be given")


def check_kms_keys(name: str, value: Collection[str]) -> tuple[str, ...]:
    """ARNs of keys in KMS. An alias could come to mean another key.

    Raises:
        InvalidInputError: naming the argument, and the first that is none.
    """
    for arn in value:
        if not isinstance(arn, str) or not _KMS_KEY.fullmatch(arn):
            raise InvalidInputError(name, "must be the ARN of a key in KMS, no alias", value=arn)
    return tuple(value)
