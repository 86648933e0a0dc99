"""The work of `redrive`: it takes messages, sends the events that are due, and deletes what is done."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.cli.columns import Column
from session_store.cli.exits import Exit, say
from session_store.cli.notes import GO_ON, note
from session_store.cli.output import Format
from session_store.cli.progress import progress
from session_store.cli.redrive.bus import send
from session_store.cli.redrive.finding import Finder
from session_store.cli.redrive.queue import Queue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from session_store.aws.sessions import AwsSessions
    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer
    from session_store.cli.redrive.finding import Found
    from session_store.cli.redrive.names import Names
    from session_store.cli.redrive.queue import Message
    from session_store.events.types import SessionEvent

WAIT_SECONDS: Final = 1
"""For a message. SQS keeps a queue on many servers, and without waiting it asks some of them."""
_GO_ON: Final = "What was not sent is still in the queue. To go on, give the same command again."
_EMPTY: Final = "The parking queue is empty."
_HIDDEN: Final = (
    "No message can be taken. About {} are hidden: another redrive has them, or one was killed. "
    "They come back within five minutes."
)
_SENT: Final = "sent"
_DUE: Final = "due"
_REFUSED: Final = "refused"
_STAYS: Final = "stays"
_PARKED_AGAIN: Final = "parked again"
_NOTHING_DUE: Final = "nothing due"
_COLUMNS: Final = (
    Column("event", "event"),
    Column("session", "session_id"),
    Column("child session", "child_session_id", from_width=200),
    Column("sequence number", "sequence_number", from_width=160),
    Column("result", "result"),
    Column("message", "message_id", from_width=120),
)


class How(NamedTuple):
    """How much is done.

    Attributes:
        limit: the most messages to take, None for all.
        dry_run: only list the events.
    """

    limit: int | None
    dry_run: bool


def redrive(connection: Connection, printer: Printer, names: Names, how: How) -> Exit:
    """Send what is due, and print a row for each event, and for each message without one.

    Args:
        connection: where the table is.
        printer: where to.
        names: the queue and the bus.
        how: how much is done.
    """
    note(GO_ON, _GO_ON)
    table = connection.table_name.rpartition("/")[2]
    with Queue(connection.aws.client("sqs"), names.queue_url, wait_seconds=WAIT_SECONDS) as queue:
        work = _Work(connection.aws, queue, Finder(connection.aws, table), names.event_bus)
        waiting = queue.waiting()
        batches = queue.take(how.limit)
        first = next(batches, None)
        if first is None:
            _say_nothing(printer, waiting.hidden)
            return Exit.DONE
        with progress("Redriving", unit="messages", total=_total(waiting.visible, how.limit)) as tally:

            def rows() -> Iterator[dict[str, Any]]:
                for messages in chain([first], batches):
                    yield from work.show(messages) if how.dry_run else work.send(messages)
                    tally.add(len(messages))

            printer.rows(rows(), _COLUMNS, none="")
    what = _DUE if how.dry_run else _SENT
    say(f"Messages: {tally.count}. Events {what}: {work.events}. Messages that stay: {work.staying}.")
    return Exit.SOME_FAILED if work.staying else Exit.DONE


class _Work:
    """The work on messages that were taken.

    Attributes:
        events: how many are sent, or due.
        staying: how many messages stay in the queue.
    """

    def __init__(self, aws: AwsSessions, queue: Queue, finder: Finder, event_bus: str) -> None:
        self._aws = aws
        self._queue = queue
        self._finder = finder
        self._event_bus = event_bus
        self.events = 0
        self.staying = 0

    def show(self, messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
        """A row for each event that is due."""
        for message in messages:
            found = self._finder.find(message.body)
            yield from self._rows(message, found, [_DUE] * len(found.events), found.problem)

    def send(self, messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
        """Send the events, and delete each message of which all are accepted."""
        found = {message: self._finder.find(message.body) for message in messages}
        events = [event for each in found.values() for event in each.events]
        answers = iter(send(self._aws.client("events"), self._event_bus, events))
        refused = {message: [next(answers) for _ in each.events] for message, each in found.items()}
        problems = {
            message: each.problem or next(filter(None, refused[message]), "") for message, each in found.items()
        }
        problems |= self._finish({message: found[message] for message, problem in problems.items() if not problem})
        for message, each in found.items():
            results = [_REFUSED if why else _SENT for why in refused[message]]
            yield from self._rows(message, each, results, problems[message])

    def _finish(self, done: Mapping[Message, Found]) -> dict[Message, str]:
        """Delete messages. What could not be read of a batch is parked before, so that nothing is lost."""
        for found in done.values():
            for body in found.unread:
                self._queue.put(json.dumps(body))
        return self._queue.delete(list(done))

    def _rows(self, message: Message, found: Found, results: Sequence[str], problem: str) -> Iterator[dict[str, Any]]:
        if problem:
            self.staying += 1
            say(f"{message.message_id}: {problem}")
        rows: list[tuple[SessionEvent | None, str]] = list(zip(found.events, results, strict=True))
        self.events += len(results) - results.count(_REFUSED)
        rows += [(None, _PARKED_AGAIN)] * len(found.unread)
        for event, result in rows or [(None, _STAYS if problem else _NOTHING_DUE)]:
            yield {
                "message_id": message.message_id,
                "event": event and event.type,
                "session_id": event and event.session_id,
                "child_session_id": event and event.child_session_id,
                "sequence_number": event and str(event.sequence_number),
                "result": result,
            }


def _say_nothing(printer: Printer, hidden: int) -> None:
    """An empty answer of SQS is no empty queue while another command has its messages."""
    text = _HIDDEN.format(hidden) if hidden else _EMPTY
    printer.rows((), _COLUMNS, none=text)
    if printer.format is not Format.TABLE:
        say(text)


def _total(visible: int, limit: int | None) -> int:
    return visible if limit is None else min(visible, limit)
