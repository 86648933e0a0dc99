"""The records of a batch that Lambda gave up on. The message has the batch's place in the stream alone.

The stream keeps records for 24 hours. They are given on as Lambda passes them to a function.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from session_store.aws.advice import advice_for
from session_store.cli.exits import is_of_the_sdk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GONE: Final = frozenset({"ResourceNotFoundException", "TrimmedDataAccessException"})
_MOST_EMPTY_PAGES: Final = 100  # DynamoDB answers with some before it comes to the records
_IMAGES: Final = ("Keys", "NewImage", "OldImage")
_Record: TypeAlias = dict[str, Any]


class TooOldError(Exception):
    """The stream has no such records any more."""


class Batch(NamedTuple):
    """The place of a batch.

    Attributes:
        stream: the stream's ARN.
        shard: the shard's id.
        first: the sequence number of its first record.
        last: that of its last one.
    """

    stream: str
    shard: str
    first: str
    last: str

    @property
    def table(self) -> str:
        """The name of the table that the stream is of."""
        return self.stream.split("/")[1]


def batch_of(body: Mapping[str, Any]) -> Batch:
    """The batch of a message.

    Raises:
        LookupError, TypeError, ValueError: the message says none.
    """
    place = body["DDBStreamBatchInfo"]
    first, last = place["startSequenceNumber"], place["endSequenceNumber"]
    if int(first) > int(last):
        raise ValueError("it ends before it begins")
    batch = Batch(place["streamArn"], place["shardId"], first, last)
    if not batch.table:
        raise ValueError("it names no table")
    return batch


def records_of(client: Any, batch: Batch) -> Iterator[_Record]:  # noqa: ANN401 - made at run time
    """The records of a batch, in their order, also those that a mapping's filters leave out.

    Args:
        client: of the streams.
        batch: where they are.

    Raises:
        TooOldError: the stream has not all of them any more.
    """
    try:
        yield from _read(client, batch)
    except Exception as error:
        if is_of_the_sdk(error) and advice_for(error).code in _GONE:
            raise TooOldError from error
        raise


def _read(client: Any, batch: Batch) -> Iterator[_Record]:  # noqa: ANN401
    reply = client.get_shard_iterator(
        StreamArn=batch.stream,
        ShardId=batch.shard,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch.first,
    )
    iterator, empty = reply.get("ShardIterator"), 0
    while iterator and empty < _MOST_EMPTY_PAGES:
        reply = client.get_records(ShardIterator=iterator)
        iterator, empty = reply.get("NextShardIterator"), 0 if reply["Records"] else empty + 1
        for record in reply["Records"]:
            yield _as_passed(record, batch.stream)
            if int(record["dynamodb"]["SequenceNumber"]) >= int(batch.last):
                return
    raise TooOldError


def _as_passed(record: _Record, stream: str) -> _Record:
    """A record of the API as Lambda passes it: bytes in base64, the moment in seconds, other names."""
    change = dict(record["dynamodb"])
    change |= {name: _with_texts(change[name]) for name in _IMAGES if name in change}
    if "ApproximateCreationDateTime" in change:
        change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    passed = record | {"dynamodb": change, "eventSourceARN": stream}
    if by := record.get("userIdentity"):
        passed["userIdentity"] = {"type": by.get("Type"), "principalId": by.get("PrincipalId")}
    return passed


def _with_texts(value: Any) -> Any:  # noqa: ANN401 - attribute values, inside of one another
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _with_texts(each) for name, each in value.items()}
    return [_with_texts(each) for each in value] if isinstance(value, list) else value
