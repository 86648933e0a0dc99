"""Import: creates the rows of an export that the table does not have. It changes and deletes none.

Sessions arrive as ended, unless they are to be revived. The export does not know which of them were ended since. For
the same reason no customer's row is made then: the row of an erased customer would let sessions be that the erasure
did not reach.

Revived, a session arrives alive only if the customer's row in the table lets it be, and a child only if its root is.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, cast

from session_store.errors import InvalidInputError
from session_store.large_data.pointers import key_of
from session_store.model import EndReason, SessionState
from session_store.operations.customer_row import is_valid_under
from session_store.operations.end import tombstone
from session_store.settings import DEFAULT_SETTINGS
from session_store.storage import schema
from session_store.storage.attribute_values import binary, number, string
from session_store.storage.changes import FieldOr
from session_store.storage.document import session_id_of
from session_store.storage.items import UNREADABLE, key_item, read_customer, row_key
from session_store.storage.records import (
    ChildRecord,
    CustomerKey,
    CustomerRecord,
    DataKeyRecord,
    IdempotencyRecord,
    NotedRecord,
    SessionKey,
    SessionRecord,
)
from session_store.storage.requests import RefusedError
from session_store.whole_table.import_lines import LineProblem, Lines, Row
from session_store.whole_table.large_rows import LargeRows
from session_store.whole_table.progress import OnProgress, Progress, unwatched
from session_store.whole_table.table import UnfitRowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from session_store.large_data.config import LargeData
    from session_store.operations.context import Context
    from session_store.settings import SessionSettings
    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.whole_table.table import Table

_CHUNK: Final = 500
DEFAULT_WORKERS: Final = 10  # as many connections as a client keeps
_CUSTOMERS, _REST = 1, 2  # the steps: a customer's row comes before the sessions


class Outcome(Enum):
    """The fate of a row of the export."""

    CREATED = auto()  # as it was
    ENDED = auto()  # created, as an ended session
    THERE = auto()  # the table has a row of this key, which stays
    LEFT_OUT = auto()  # not wanted: its TTL has passed, its root is not there, or it is of no use to ended sessions
    BROKEN = auto()


class Place(NamedTuple):
    """How far an import got: step and line."""

    step: int = 0
    line: int = 0

    def __str__(self) -> str:
        return f"{self.step}.{self.line}"


def read_place(text: str) -> Place:
    """A place as it was printed.

    Raises:
        InvalidInputError: it is none.
    """
    step, _, line = text.partition(".")
    if step not in {"1", "2"} or not line.isdecimal():
        raise InvalidInputError("cursor", "is none that an import printed", value=text)
    return Place(int(step), int(line))


@dataclass
class Imported:
    """The outcome of an import, and while it runs how far it got.

    Attributes:
        counts: rows by their fate.
        place: all up to it is done.
    """

    place: Place
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))


class Choices(NamedTuple):
    """Choices of an import.

    Attributes:
        revive: whether sessions stay valid.
        settings: of the table's sessions: how long ended ones are kept.
        workers: rows that are written at the same time.
        large_data: of the table's stores, where they have it. Large data of revived sessions goes to S3.
    """

    revive: bool = False
    settings: SessionSettings = DEFAULT_SETTINGS
    workers: int = DEFAULT_WORKERS
    large_data: LargeData | None = None


USUAL: Final = Choices()
BEGINNING: Final = Place()


class Import:
    """One import.

    Args:
        table: to create rows in.
        opened: opens the export, at its beginning. To revive sessions it is read twice.
        choices: of the operator.
        place: where to go on.
        on_problem: called with each line that is skipped.
        on_place: called when all up to a place is done.
        on_progress: called as well.
    """

    def __init__(
        self,
        table: Table,
        opened: Callable[[], AbstractContextManager[BinaryIO]],
        choices: Choices = USUAL,
        place: Place = BEGINNING,
        *,
        on_problem: Callable[[LineProblem], object] = lambda _: None,
        on_place: Callable[[Place], object] = lambda _: None,
        on_progress: OnProgress = unwatched,
    ) -> None:
        self.result = Imported(place if place.step else Place(_CUSTOMERS if choices.revive else _REST))
        self._table = table
        self._opened = opened
        self._choices = choices
        self._on_problem = on_problem
        self._on_place = on_place
        self._on_progress = on_progress
        self._stop = threading.Event()
        self._context = table.context(choices.settings)
        self._large_rows = LargeRows(table, choices.large_data)

    def run(self) -> Imported:
        """Import. After an interruption `result.place` says where to go on.

        Raises:
            InvalidInputError: the file is no export, of a newer version, or has no secrets and is to be revived.
            StoreUnavailableError: a fault lasted.
        """
        with ThreadPoolExecutor(self._choices.workers) as workers:
            try:
                for step in range(self.result.place.step, _REST + 1):
                    self._take_step(workers, step)
                    if step < _REST:
                        self.result.place = Place(step + 1, 0)
            finally:
                self._stop.set()
                workers.shutdown(wait=True, cancel_futures=True)
        return self.result

    def _take_step(self, workers: ThreadPoolExecutor, step: int) -> None:
        with self._opened() as file:
            lines = Lines(file, self._broken)
            rows = lines.rows(self.result.place.line, customers_alone=step == _CUSTOMERS)
            while chunk := list(islice(rows, _CHUNK)):
                self._check(lines)
                for wave in self._waves(chunk, step):
                    for outcome in workers.map(self._put, wave):
                        self.result.counts[outcome] += 1
                self.result.place = Place(step, chunk[-1].line)
                self._on_place(self.result.place)
                self._on_progress(self._progress(file))
            self._check(lines)

    def _check(self, lines: Lines) -> None:
        if self._choices.revive and lines.header and not lines.header.secrets:
            raise InvalidInputError("revive", "is not possible: this export was made without secrets")

    def _broken(self, problem: LineProblem) -> None:
        self.result.counts[Outcome.BROKEN] += 1
        self._on_problem(problem)

    def _progress(self, file: BinaryIO) -> Progress:
        done = sum(self.result.counts.values())
        return self._table.progress(done, _estimate(file, done))

    # What becomes of a row

    def _waves(self, chunk: Sequence[Row], step: int) -> Iterator[list[_Planned]]:
        """Rows that may be written side by side: first those that stand alone, then sessions, then their children."""
        now = self._context.now()
        if step == _CUSTOMERS:
            yield [_Planned(row, row.item) for row in chunk if isinstance(row.record, CustomerRecord)]
            return
        wanted = [row for row in chunk if self._is_wanted(row, now)]
        customers = sum(isinstance(row.record, CustomerRecord) for row in chunk) if self._choices.revive else 0
        self.result.counts[Outcome.LEFT_OUT] += len(chunk) - len(wanted) - customers
        alone = IdempotencyRecord | NotedRecord | DataKeyRecord
        yield [_Planned(row, row.item) for row in wanted if isinstance(row.record, alone)]
        sessions = [row for row in wanted if isinstance(row.record, SessionRecord)]
        yield list(self._sessions(sessions))
        yield list(self._children([row for row in wanted if isinstance(row.record, ChildRecord)]))

    def _is_wanted(self, row: Row, now: int) -> bool:
        if isinstance(row.record, CustomerRecord):
            return False  # they have a step of their own
        if isinstance(row.record, IdempotencyRecord | NotedRecord) and not self._choices.revive:
            return False
        return isinstance(row.record, DataKeyRecord) or int(row.item[schema.TTL_ATTRIBUTE]["N"]) > now

    def _sessions(self, rows: Sequence[Row]) -> Iterator[_Planned]:
        customers = self._customers(cast("SessionRecord", row.record) for row in rows) if self._choices.revive else {}
        for row in rows:
            record = cast("SessionRecord", row.record)
            lets_be = record.customer_id is None or is_valid_under(customers.get(record.customer_id), record)
            yield self._planned(row, alive=self._choices.revive and lets_be)

    def _children(self, rows: Sequence[Row]) -> Iterator[_Planned]:
        """Children of roots that are there. The others would be found by nothing, not even by an erasure."""
        records = [cast("ChildRecord", row.record) for row in rows]
        names = ("session_state", "child_mark")
        roots = {
            row_key(item): item
            for item in self._table.read([_root(record) for record in records], names, self._stop.is_set)
        }
        for row, record in zip(rows, records, strict=True):
            root = roots.get(row_key(key_item(_root(record))))
            if root is None:
                self.result.counts[Outcome.LEFT_OUT] += 1
                continue
            ended = root.get("session_state", {}).get("S") == SessionState.ENDED
            same = root.get("child_mark", {}).get("B") == record.child_mark
            yield self._planned(row, alive=self._choices.revive and not ended and same)

    def _customers(self, records: Iterable[SessionRecord]) -> dict[str, CustomerRecord]:
        ids = {record.customer_id for record in records if record.customer_id is not None}
        found = self._table.read(map(CustomerKey, sorted(ids)), stopped=self._stop.is_set)
        read: dict[str, CustomerRecord] = {}
        for item in found:
            try:
                customer = read_customer(item)
            except UNREADABLE:  # it lets no session be
                continue
            read[customer.customer_id] = customer
        return read

    def _planned(self, row: Row, *, alive: bool) -> _Planned:
        state = row.item["session_state"]["S"]
        if alive and key_of(row.item) is not None:  # the object is another table's, and goes with its session
            alive, problem = False, "its data in S3 is not in the export: it arrives as ended"
            self._on_problem(LineProblem(row.line, problem, session_id_of(row.item)))
        if alive or state == SessionState.ENDED:
            return _Planned(row, row.item)
        return _Planned(row, as_ended(self._context, row.item), Outcome.ENDED)

    def _put(self, planned: _Planned) -> Outcome:
        item, storing = self._large_rows.parted(planned.item)
        parameters = {
            "Item": item,
            "ConditionExpression": "attribute_not_exists(#pk)",
            "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            with storing:
                self._table.send("PutItem", parameters, self._stop.is_set)
        except RefusedError as refusal:  # there is one, which may be our own: its reply was lost
            return self._there(planned, refusal, item)
        except UnfitRowError:
            problem = "DynamoDB refuses the row: it is too large, or a number is out of its range"
            problem += "" if self._choices.large_data else ". Name the bucket of large data if the table has one"
            self._on_problem(LineProblem(planned.row.line, problem, getattr(planned.row.record, "session_id", "")))
            return Outcome.BROKEN
        return planned.outcome

    def _there(self, planned: _Planned, refusal: RefusedError, item: Item) -> Outcome:
        found = refusal.items[0] or {}
        if refusal.uncertain and found == item:
            return planned.outcome
        if isinstance(planned.row.record, DataKeyRecord) and found.get("wrapped") != item["wrapped"]:
            problem = "the table has another data key of that week: import what this one encrypts into an empty table"
            self._on_problem(LineProblem(planned.row.line, problem))
            return Outcome.BROKEN
        return Outcome.THERE


class _Planned(NamedTuple):
    row: Row
    item: Item
    outcome: Outcome = Outcome.CREATED


def as_ended(context: Context, item: Item) -> Item:
    """A session's or child's row as the store's own end would have left it."""
    ended = dict(item)
    for name, value in tombstone(context, context.now(), EndReason.OPERATOR).items():
        if value is None:
            ended.pop(name, None)
        elif isinstance(value, FieldOr):
            ended[name] = item.get(value.field) or number(value.otherwise)
        else:
            ended[name] = _attribute(cast("str | int | bytes", value))
    return ended


def _attribute(value: str | int | bytes) -> AttributeValue:
    if isinstance(value, str):
        return string(value)
    return number(value) if isinstance(value, int) else binary(value)


def _root(child: ChildRecord) -> SessionKey:
    return SessionKey(child.session_id, child.customer_id)


def _estimate(file: BinaryIO, done: int) -> int:
    """About how many rows the file has, by how far it was read. 0 for a pipe."""
    if not file.seekable():
        return 0
    position = file.tell()
    file_size = file.seek(0, 2)
    file.seek(position)
    return max(done, done * file_size // max(position, 1))
