"""The function that deletes the objects of sessions that were saved anew, have ended, expired or were erased.

It is on the table's stream, and deletes the object that a row has pointed to before the change and does not any more.
An object that is gone is deleted as well, so that a batch can come again.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from session_store.catalog.object_metrics import ObjectMetric
from session_store.clock import SystemClock
from session_store.events.batches import Outcome, batch_handler
from session_store.events.delivery import Answer, deliver
from session_store.events.records import MissingImageError
from session_store.large_data.pointers import replaced_keys
from session_store.large_data.settings import LargeDataSettings
from session_store.storage.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from session_store.clock import Clock
    from session_store.events.records import StreamRecord

_ATTEMPT_SECONDS: Final = 1.5  # at most, by the timeouts of our clients
_LONGEST: Final = 30.0  # seconds: Lambda brings again what is not done by then


def deleting_handler(
    variables: Mapping[str, str] = os.environ,
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of the function that deletes objects. Make it at import, so that its parts are built once.

    Args:
        variables: of the environment, those of `LargeDataSettings`.

    Raises:
        StoreConfigurationError: one of them is missing or malformed.
    """
    return batch_handler(Deleter(LargeDataSettings.from_environment(variables), client=_client).delete)


class Deleter:
    """Deletes the objects of batches.

    Args:
        settings: name the bucket.
        client: gives the client of S3. It is asked for at its first use.
        clock: for tests.
    """

    def __init__(self, settings: LargeDataSettings, *, client: Callable[[], Any], clock: Clock | None = None) -> None:
        owner = settings.expected_bucket_owner
        self._bucket = {"Bucket": settings.bucket, **({"ExpectedBucketOwner": owner} if owner else {})}
        self._client = client
        self._clock = clock or SystemClock()

    def delete(self, records: Sequence[StreamRecord], seconds_left: Callable[[], float]) -> Outcome:
        """Delete the objects that the rows of a batch do not point to any more.

        Args:
            records: as Lambda hands them over, 1,000 at most.
            seconds_left: of the call, infinite where that is not known.

        Raises:
            MissingImageError: the stream has no old images.
        """
        found = [(place, key) for place, record in enumerate(records) for key in _keys_of(record)]
        if not found:
            return Outcome(len(records), {}, {})
        keys = [key for _, key in found]
        deadline = Deadline(self._clock, _ATTEMPT_SECONDS, min(_LONGEST, seconds_left()))
        answers = deliver(lambda numbers: self._send([keys[each] for each in numbers]), range(len(keys)), deadline)
        kept = [found[number][0] for number, answer in answers.items() if answer is not Answer.ACCEPTED]
        return Outcome(min(kept, default=len(records)), {ObjectMetric.OBJECTS_DELETED: len(keys) - len(kept)}, {})

    def _send(self, keys: Sequence[str]) -> list[str | None]:
        """Delete objects in one request: the code of the error of each, None where it is gone."""
        wanted = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        reply = self._client().delete_objects(**self._bucket, Delete=wanted)
        codes = {error["Key"]: error["Code"] for error in reply.get("Errors", ())}
        return [codes.get(key) for key in keys]


def _keys_of(record: StreamRecord) -> list[str]:
    change = record["dynamodb"]
    if "OldImage" not in change:
        raise MissingImageError("OldImage")
    return replaced_keys(change["OldImage"], change.get("NewImage"))


@cache
def _client() -> Any:  # noqa: ANN401 - made at run time
    from session_store.aws.connection import connect  # noqa: PLC0415 - loads the SDK

    return connect("s3")
