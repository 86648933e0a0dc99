"""The parking queue. A message that is taken is hidden, and comes back unless it is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from session_store.cli.exits import is_of_the_sdk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

_HIDDEN_SECONDS: Final = 300
_MOST_AT_ONCE: Final = 10  # of SQS
_UNDELETED: Final = "its events are sent, but SQS did not delete it, {}"
_VISIBLE: Final = "ApproximateNumberOfMessages"
_HIDDEN: Final = "ApproximateNumberOfMessagesNotVisible"


class Message(NamedTuple):
    """A message.

    Attributes:
        message_id: SQS's name of it.
        body: its text.
    """

    message_id: str
    body: str


class Waiting(NamedTuple):
    """About how many messages there are.

    Attributes:
        visible: those that can be taken.
        hidden: those that a `redrive` has taken, and neither deleted nor given back.
    """

    visible: int
    hidden: int


class Queue:
    """The queue while its messages are worked on. Leaving its block gives back those that are not deleted.

    A process that is killed gives none back: they can be taken again after five minutes.

    Args:
        client: of SQS.
        url: the queue's.
        wait_seconds: how long it waits for a message. 0 asks some of SQS's servers, and may miss messages.
    """

    def __init__(self, client: Any, url: str, *, wait_seconds: int = 1) -> None:  # noqa: ANN401 - made at run time
        self._client = client
        self._url = url
        self._wait_seconds = wait_seconds
        self._handles: dict[str, str] = {}  # the last one of each message that was taken
        self._deleted: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        kept = [handle for name, handle in self._handles.items() if name not in self._deleted]
        try:
            for some in _parts(kept):
                entries = [{**each, "VisibilityTimeout": 0} for each in _entries(some)]
                self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
        except Exception as error:
            if not is_of_the_sdk(error):
                raise
            # They come back by themselves, and an error that ended the block is of more use.

    def waiting(self) -> Waiting:
        """About how many messages there are. SQS's figures lag by up to a minute."""
        asked = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[_VISIBLE, _HIDDEN])
        return Waiting(int(asked["Attributes"][_VISIBLE]), int(asked["Attributes"][_HIDDEN]))

    def take(self, limit: int | None) -> Iterator[list[Message]]:
        """Some messages at a time, each message once, until there are no more.

        Args:
            limit: the most messages to take, None for all.
        """
        while limit is None or len(self._handles) < limit:
            most = _MOST_AT_ONCE if limit is None else min(_MOST_AT_ONCE, limit - len(self._handles))
            reply = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=most,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=self._wait_seconds,
            )
            taken = reply.get("Messages", [])
            new = [each for each in taken if each["MessageId"] not in self._handles]
            self._handles.update((each["MessageId"], each["ReceiptHandle"]) for each in taken)
            if not new:
                return
            yield [Message(each["MessageId"], each["Body"]) for each in new]

    def delete(self, messages: Sequence[Message]) -> dict[Message, str]:
        """Delete messages that were taken.

        Args:
            messages: at most ten.

        Returns:
            Those that SQS did not delete, and why.
        """
        if not messages:
            return {}
        entries = _entries([self._handles[each.message_id] for each in messages])
        reply = self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
        failed = {messages[int(each["Id"])]: _UNDELETED.format(each["Code"]) for each in reply.get("Failed", ())}
        self._deleted.update(each.message_id for each in messages if each not in failed)
        return failed

    def put(self, body: str) -> None:
        """Add a message."""
        self._client.send_message(QueueUrl=self._url, MessageBody=body)


def _parts(handles: Sequence[str]) -> Iterator[Sequence[str]]:
    return (handles[begin : begin + _MOST_AT_ONCE] for begin in range(0, len(handles), _MOST_AT_ONCE))


def _entries(handles: Sequence[str]) -> list[dict[str, Any]]:
    """The entries of a request about several messages, each with its number as its id."""
    return [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
