"""The place of a store's large data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from session_store import checks
from session_store.large_data.codecs import LargeCodecs
from session_store.large_data.objects import Objects
from session_store.large_data.settings import DEFAULT_THRESHOLD, LargeDataSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.storage.document import Codecs


class LargeData:
    """The place of a store's large data, for `SessionStore(large_data=)`. All users of a table need the same.

    A session's data may then have 16 MB, in place of 399 KB.

    Args:
        bucket: the name of the bucket.
        threshold: bytes of a row, as it would be stored, above which its data goes into an object. 1 KB to 390 KB.
        expected_bucket_owner: the account that the bucket has to belong to. None for any.
        client: of S3, made here by default. Give it short timeouts and one attempt, as
            `SessionStore(dynamodb_client=)`.

    Raises:
        InvalidInputError: an argument is malformed or out of range.
        StoreConfigurationError: a client cannot be made.
    """

    def __init__(
        self,
        bucket: str,
        *,
        threshold: int = DEFAULT_THRESHOLD,
        expected_bucket_owner: str | None = None,
        client: Any = None,  # noqa: ANN401 - botocore's have no type
    ) -> None:
        LargeDataSettings(bucket=bucket, threshold=threshold, expected_bucket_owner=expected_bucket_owner)
        if client is not None:
            checks.check_methods("client", client, "get_object", "put_object", "delete_object")
        self.bucket = bucket
        self.threshold = threshold
        self.expected_bucket_owner = expected_bucket_owner
        self.objects = Objects(bucket, expected_bucket_owner, client)

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str] = os.environ,
        *,
        client: Any = None,  # noqa: ANN401 - botocore's have no type
    ) -> LargeData:
        """The large data of a deployed function, from the environment variables of `LargeDataSettings`.

        Args:
            environment: the variables.
            client: see the class.

        Raises:
            StoreConfigurationError: a variable is missing or malformed, or a client cannot be made.
        """
        given = LargeDataSettings.from_environment(environment)
        return cls(
            given.bucket or "",
            threshold=given.threshold,
            expected_bucket_owner=given.expected_bucket_owner,
            client=client,
        )

    def codecs(self, inner: Codecs) -> LargeCodecs:
        """The forms of a store's data: what would be too large for a row becomes an object, in the same form."""
        return LargeCodecs(inner, self.objects, self.threshold)
