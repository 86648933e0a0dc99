"""The stream function as a participant: it deletes objects some time after they were replaced."""

from __future__ import annotations

from collections.abc import Callable

from session_store.storage import schema
from tests.interleavings.operations import Operation
from tests.interleavings.scheduler import in_turn
from tests.interleavings.world import Beginning
from tests.support.bucket import BUCKET
from tests.support.forms import BUCKET_NAME


def stream_function(replaced: Callable[[Beginning], set[str]]) -> Operation:
    """The function.

    Args:
        replaced: the keys of the objects that it deletes, once its turn has come.
    """

    def sweep(_: object, beginning: Beginning) -> None:
        partition = {schema.PARTITION_KEY: {"S": schema.session_partition_key(beginning.id)}}
        in_turn("stream", lambda **_: None, {"Key": partition})
        for key in sorted(replaced(beginning)):
            BUCKET.delete_object(Bucket=BUCKET_NAME, Key=key)

    return Operation("the stream function", sweep)
