"""Settings of large data, which travel from the constructs to the functions. Both sides check them."""

from __future__ import annotations

from typing import Final

from session_store.catalog.declared import Settings, Text, number, setting
from session_store.errors import InvalidInputError
from session_store.settings import LARGE_DATA_BUCKET
from session_store.values import dataclass, field

DEFAULT_THRESHOLD: Final = 300 * 1024
_MAX_THRESHOLD: Final = 390 * 1024  # with what the store itself adds, a row has 400 KB at most


class _Bucket(Text):
    unit = "name"
    form = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
    problem = "must be the name of a bucket, no ARN"


class _Account(Text):
    unit = "account id"
    form = r"\d{12}"
    problem = "must be an account id of 12 digits"


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeDataSettings(Settings):
    """The place of large data, the same for everything that uses the table.

    Attributes:
        bucket: the name of the bucket.
        threshold: bytes of a row, as it would be stored, above which its data goes into an object.
        expected_bucket_owner: the account that the bucket has to belong to. None for any.

    Raises:
        InvalidInputError: a value is malformed, out of range or missing.
    """

    bucket: str | None = field(default=None, metadata=setting(_Bucket(LARGE_DATA_BUCKET)))
    threshold: int = field(
        default=DEFAULT_THRESHOLD, metadata=number("SESSION_LARGE_DATA_THRESHOLD", "bytes", 1024, _MAX_THRESHOLD)
    )
    expected_bucket_owner: str | None = field(
        default=None, metadata=setting(_Account("SESSION_LARGE_DATA_BUCKET_OWNER"))
    )

    def _check_together(self) -> None:
        if not self.bucket:
            raise InvalidInputError("bucket", "must be given")
