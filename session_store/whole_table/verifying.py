"""Verification: every row against the schema, children against roots, sessions against customers, index against table.

A scan sees each row at another moment. So a fault counts once the rows that it concerns were read again, strongly.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from session_store.operations.customer_row import is_its_row, is_trusted
from session_store.settings import DEFAULT_SETTINGS
from session_store.storage import schema
from session_store.storage.items import row_key
from session_store.storage.records import ChildRecord, CustomerKey, CustomerRecord, SessionRecord
from session_store.whole_table.cursor import Cursor, beginning
from session_store.whole_table.findings import Finding, Kind
from session_store.whole_table.index_check import IndexCheck
from session_store.whole_table.object_check import ObjectCheck
from session_store.whole_table.progress import OnProgress, unwatched
from session_store.whole_table.repairs import Repairs
from session_store.whole_table.row_checks import check, readable
from session_store.whole_table.scan import DEFAULT_SEGMENTS, scanning

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from session_store.settings import SessionSettings
    from session_store.storage.attribute_values import Item
    from session_store.storage.records import Record, RowKey
    from session_store.whole_table.object_check import Bucket
    from session_store.whole_table.row_checks import Checked
    from session_store.whole_table.scan import Page
    from session_store.whole_table.table import Table

_NAMES_OF_CUSTOMERS: Final = ("entity_type", "customer_id", "row_id", "generation", schema.TTL_ATTRIBUTE, "covered")


@dataclass
class Verified:
    """The outcome.

    Attributes:
        rows: that were read.
        found: faults by kind.
        fixed: those of them that were repaired.
    """

    rows: int = 0
    found: Counter[Kind] = field(default_factory=Counter)
    fixed: int = 0

    @property
    def left(self) -> int:
        """Faults that were not repaired."""
        return self.found.total() - self.fixed


class Choices:
    """Choices of a verification.

    Args:
        fix: whether to repair.
        index: whether to compare the index, which takes another scan.
        segments: how many parts of the table are read in parallel.
        settings: of the table's sessions: how long rows are kept.
        bucket: of the table's large data, None where there is none.
    """

    def __init__(
        self,
        *,
        fix: bool = False,
        index: bool = True,
        segments: int = DEFAULT_SEGMENTS,
        settings: SessionSettings = DEFAULT_SETTINGS,
        bucket: Bucket | None = None,
    ) -> None:
        self.bucket = bucket
        self.fix = fix
        self.index = index
        self.segments = segments
        self.settings = settings


class Verification:
    """A verification, which repairs what can be repaired if that is wanted.

    Args:
        table: to verify.
        choices: of the operator.
        cursor: where to begin. It is moved on, so that after an interruption it says where to go on. A verification
            that goes on leaves out the index and unused objects: it does not see all rows.
        on_progress: called after each page.

    Attributes:
        result: so far.
    """

    def __init__(
        self,
        table: Table,
        choices: Choices | None = None,
        cursor: Cursor | None = None,
        on_progress: OnProgress = unwatched,
    ) -> None:
        self.result = Verified()
        self._table = table
        self._choices = choices or Choices()
        self._cursor = cursor or beginning(self._choices.segments)
        self._on_progress = on_progress
        self._context = table.context(self._choices.settings)
        self._repairs = Repairs(table, self._context)
        self._objects: ObjectCheck | None = None
        self._roots: dict[int, Item] = {}  # segment -> the last session's row: its children follow
        self._total = 0

    def findings(self) -> Generator[Finding, None, None]:
        """Verify, and yield each fault once it was repaired or was not. Close it when leaving it early.

        Raises:
            StoreUnavailableError: a fault lasted.
            StoreConfigurationError: table, permission, credentials or region are not right.
        """
        for finding in self._run():
            self.result.found[finding.kind] += 1
            self.result.fixed += finding.fixed is True
            yield finding

    def _run(self) -> Iterator[Finding]:
        description = self._table.describe()
        is_whole = not self._cursor.reached
        with_index = self._choices.index and is_whole
        if (bucket := self._choices.bucket) is not None:
            self._objects = ObjectCheck(self._table, bucket, self._partition, fix=self._choices.fix)
        self._total = description.rows * (2 if with_index else 1)
        if description.projection is None or not description.projection >= set(schema.INDEX_PROJECTION):
            yield Finding(Kind.NO_INDEX)
            with_index = False
        cursor = self._cursor
        index = IndexCheck(self._table, cursor.segments, self._count)
        with scanning(self._table, cursor) as pages:
            for page in pages:
                yield from self._check_page(page)
                if with_index:
                    for row in page.rows:
                        index.add(row)
                self._count(len(page.rows))
        if self._objects and is_whole:
            yield from self._objects.unused()
        if with_index:
            yield from index.findings()

    def _count(self, rows: int) -> None:
        self.result.rows += rows
        self._on_progress(self._table.progress(self.result.rows, self._total))

    def _found(self, kind: Kind, row: Item, repair: Callable[[], bool] | None = None, detail: str = "") -> Finding:
        return Finding(kind, *row_key(row), detail, repair() if repair and self._choices.fix else None)

    # Rows by themselves

    def _check_page(self, page: Page) -> Iterator[Finding]:
        rows = [check(self._context, row) for row in page.rows]
        suspects = [row_key(row) for row, _, problems in rows if problems]
        for row in self._table.read(suspects):
            for kind, detail in check(self._context, row).problems:
                yield self._found(kind, row, self._repair_of(kind, row), detail)
        for row, record, _ in rows:
            yield from self._check_child(row, record, page.segment)
        yield from self._check_customers(rows)
        if self._objects:
            yield from self._objects.missing(rows, self._context.now())

    def _repair_of(self, kind: Kind, row: Item) -> Callable[[], bool] | None:
        if kind is Kind.NO_TTL:
            return lambda: self._repairs.end_without_ttl(row)
        if kind is Kind.LEFTOVERS:
            return lambda: self._repairs.remove_leftovers(row)
        if kind is Kind.EARLY_TTL:
            return lambda: self._repairs.move_ttl(row, cast("SessionRecord", readable(row)))
        return None

    # Children and their roots

    def _check_child(self, row: Item, record: Record | None, segment: int) -> Iterator[Finding]:
        """Look at a child whose root was not the row before, or goes before it."""
        if isinstance(record, SessionRecord):
            self._roots[segment] = row
        elif isinstance(record, ChildRecord):
            root = self._roots.get(segment)
            known = root is not None and row_key(root).partition_key == row_key(row).partition_key
            if not known or _ttl(cast("Item", root)) < record.ttl:
                yield from self._look_at_collection(row, segment)

    def _look_at_collection(self, row: Item, segment: int) -> Iterator[Finding]:
        """Read a child's whole partition. Its root may have been added, or moved its TTL, since the page was read."""
        partition = self._partition(row_key(row).partition_key)
        child = next((each for each in partition if row_key(each) == row_key(row)), None)
        if child is None:
            return
        roots = [each for each in partition if row_key(each).sort_key < schema.CHILDREN_SORT_KEYS]
        if not roots:
            yield self._found(Kind.NO_ROOT, child, lambda: self._repairs.delete_orphan(child))
            return
        root = self._roots[segment] = roots[0]
        if isinstance(readable(root), SessionRecord) and _ttl(root) < _ttl(child):
            yield self._found(Kind.ROOT_GOES_FIRST, root, lambda: self._repairs.keep_root(root, _ttl(child)))

    def _partition(self, partition_key: str) -> list[Item]:
        parameters = {
            "KeyConditionExpression": "#pk = :pk",
            "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
            "ExpressionAttributeValues": {":pk": {"S": partition_key}},
            "ConsistentRead": True,
        }
        rows: list[Item] = []
        while True:
            reply = self._table.send("Query", parameters)
            rows += reply["Items"]
            if not reply.get("LastEvaluatedKey"):
                return rows
            parameters["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    # Sessions and their customers

    def _check_customers(self, rows: Iterable[Checked]) -> Iterator[Finding]:
        """Sessions that are alive by their own rows. Most pass at a cheap read, the others are read again, strongly."""
        alive = dict(self._alive(rows))
        customers = self._customers(alive.values(), consistent=False)
        suspects = [key for key, record in alive.items() if self._judge(record, customers)]
        if not suspects:
            return
        # The session first: a sign-in makes the customer's row before it.
        again = {row_key(row): row for row in self._table.read(suspects)}
        alive = dict(self._alive(check(self._context, row) for row in again.values()))
        customers = self._customers(alive.values(), consistent=True)
        for key, record in alive.items():
            kind = self._judge(record, customers)
            if kind:
                yield self._found(kind, again[key], self._repair_of_customers(kind, record, customers))

    def _alive(self, rows: Iterable[Checked]) -> Iterator[tuple[RowKey, SessionRecord]]:
        now = self._context.now()
        for row, record, _ in rows:
            if isinstance(record, SessionRecord) and record.customer_id is not None and record.is_shown(now):
                yield row_key(row), record

    def _customers(self, records: Iterable[SessionRecord], *, consistent: bool) -> dict[str, CustomerRecord]:
        keys = map(CustomerKey, sorted({cast("str", record.customer_id) for record in records}))
        found = map(readable, self._table.read(keys, _NAMES_OF_CUSTOMERS, consistent=consistent))
        return {record.customer_id: record for record in found if isinstance(record, CustomerRecord)}

    def _judge(self, record: SessionRecord, customers: dict[str, CustomerRecord]) -> Kind | None:
        customer = customers.get(cast("str", record.customer_id))
        if customer is None or not is_its_row(customer, record):
            return Kind.NO_CUSTOMER
        if not is_trusted(self._context, customer):
            return None  # the row itself is the finding, and may be none tomorrow: the clock here may be wrong
        if record.generation < customer.generation:
            return Kind.REVOKED
        return Kind.CUSTOMER_GOES_FIRST if customer.ttl < record.absolute_expires_at else None

    def _repair_of_customers(
        self, kind: Kind, record: SessionRecord, customers: dict[str, CustomerRecord]
    ) -> Callable[[], bool]:
        if kind is Kind.NO_CUSTOMER:
            return lambda: self._repairs.end_without_customer(record)
        customer = customers[cast("str", record.customer_id)]
        if kind is Kind.REVOKED:
            return lambda: self._repairs.end_revoked(record, customer)
        return lambda: self._repairs.keep_customer(customer, record.absolute_expires_at)


def _ttl(row: Item) -> int:
    return int(row[schema.TTL_ATTRIBUTE]["N"])
