"""Reads and writes of the table, of which each write tells the cache before it is acknowledged."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, cast

from session_store.catalog.metrics import Metric
from session_store.model import SessionState
from session_store.operations.admission import Presented
from session_store.storage import items, schema
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.conditions import Test
from session_store.storage.document import NO_CODECS
from session_store.storage.dynamodb import DynamoDBRows
from session_store.storage.items import UNREADABLE
from session_store.storage.records import ChildKey, CustomerKey, CustomerRecord, RowKey, SessionKey
from session_store.validation_cache import entries
from session_store.validation_cache.entries import NotOursError
from session_store.validation_cache.server import CacheFaultError, Found
from session_store.validation_cache.waiting import PENDING, Pending

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from session_store.clock import Clock
    from session_store.storage.changes import Value
    from session_store.storage.records import ChildRecord, Key, SessionRecord
    from session_store.tokens import Token
    from session_store.validation_cache.cache import Cache

_EXTENDED: Final = frozenset({"last_seen_at", "expires_at", "ttl"})
_REFUSED: Final = frozenset[object]({SessionState.ENDED, SessionState.CLOSING})


class CachedRows(DynamoDBRows):
    """The requests of one public method. A change of a row deletes what the cache has of it.

    Args:
        cache: to tell.
        clock: of the store.
        of_table: the arguments of `DynamoDBRows`.
        meter: likewise.

    Attributes:
        wrote: whether the method has tried to change a row that the cache may have.
    """

    def __init__(self, cache: Cache, clock: Clock, *of_table: Any, meter: Any) -> None:  # noqa: ANN401 - see there
        super().__init__(*of_table, meter=meter)
        self._cache = cache
        self._clock = clock
        self._pending = PENDING.get()  # here: the method's threads have no context of their own
        self.wrote = False
        self._customers: set[str] = set()  # whose rows the method has found

    def customer(self, customer_id: str) -> CustomerRecord | None:
        """GetItem."""
        found = super().customer(customer_id)
        if found is not None:
            self._customers.add(customer_id)
        return found

    # Writes

    def change(self, change: Change) -> None:
        """UpdateItem."""
        with self._telling([change]):
            super().change(change)

    def change_and_read(self, change: Change, attempts: int | None = None) -> SessionRecord | ChildRecord:
        """UpdateItem that answers with the row.

        A validation that extends keeps what it gets here. Until then an entry from before is due, and answers nothing.
        """
        with self._telling([] if change.values.keys() <= _EXTENDED else [change]):
            return super().change_and_read(change, attempts)

    def transact(self, *parts: SessionRecord | ChildRecord | Change) -> None:
        """TransactWriteItems. The cache can have nothing of a new row."""
        with self._telling([part for part in parts if isinstance(part, Change)]):
            super().transact(*parts)

    def delete(self, keys: Iterable[Key]) -> int:
        """BatchWriteItem of deletes."""
        passed: list[Key] = []

        def passing() -> Iterator[Key]:
            """The keys as they come in: a large collection is deleted while it is read."""
            for key in keys:
                if not passed or self._key_of(key) != self._key_of(passed[-1]):
                    passed.append(key)
                yield key

        with self._telling(passed):
            return super().delete(passing())

    @contextmanager
    def _telling(self, written: Sequence[Change | Key]) -> Iterator[None]:
        """Tell the cache of a write, also when its condition did not hold: then another one has done it just now."""
        is_known = False
        try:
            yield
            is_known = True
        except ConditionFailedError:
            is_known = True
            raise
        finally:
            keys = dict.fromkeys(key for one in written if (key := self._key_of(one)))
            if keys:
                self.wrote = True
                self._tell(keys, refuses=is_known and any(map(self._refuses, written)))

    def _tell(self, keys: Iterable[str], *, refuses: bool) -> None:
        try:
            self._cache.delete(keys)
        except CacheFaultError:
            self.count(Metric.CACHE_FAULTS)
            if refuses:
                pending = self._pending or Pending(self._clock)
                pending.note()
                self.deadline.end_by(pending.last_write)
                if self._pending is None:
                    pending.wait()

    def _key_of(self, written: Change | Key) -> str | None:
        """The key in the cache of a row that is written, None for one that it has nothing of."""
        key = written.key if isinstance(written, Change) else written
        if isinstance(key, SessionKey | ChildKey):
            return self._cache.session_key(key.session_id)
        if isinstance(key, CustomerKey):
            return self._cache.customer_key(key.customer_id) if self._refuses(written) else None
        if isinstance(key, RowKey):
            with suppress(ValueError):  # a row of another kind
                return self._cache.session_key(schema.session_id_of(key.partition_key))
        return None

    def _refuses(self, written: Change | Key) -> bool:
        """Whether a write makes that a token is refused which was accepted before it.

        A session that ends on condition of its generation is refused by its customer's row already. The end of all that
        wrote it there has told the cache, or waited.
        """
        if not isinstance(written, Change):
            return True
        key, values, clauses = written.key, written.values, written.condition.clauses
        if isinstance(key, CustomerKey):
            makes_it = any(clause.field == "row_id" and clause.test is Test.ABSENT for clause in clauses)
            return not makes_it and not {"generation", "row_id"}.isdisjoint(values)
        if isinstance(key, SessionKey) and key.customer_id in self._customers:
            by_generation = any(clause.field == "generation" and clause.test is Test.LESS for clause in clauses)
            return not by_generation and _ends(values)
        return _ends(values)

    # Validations

    def cached(self, token: Token) -> tuple[Presented | None, CustomerRecord | None, bytes | None]:
        """A token with its records, and the part of its customer's row that counts, as far as the cache has them.

        Returns:
            Besides, a lease to store them under.
        """
        place = entries.place_of(token, self._cache.session_key(token.session_id))
        customer_key = self._cache.customer_of(place.key)
        wanted = [(place.key, place.field)] + ([(customer_key, entries.CUSTOMER)] if customer_key else [])
        found, *of_customer = self._read(*wanted)
        presented = self._presented(token, place, found)
        if presented is None or presented.root.customer_id is None:
            return presented, None, found.lease
        if customer_key != self._cache.customer_key(presented.root.customer_id):
            return presented, self.cached_customer(presented.root)[0], found.lease
        return presented, self._customer_in(of_customer[0], presented.root.customer_id), found.lease

    def cached_customer(self, root: SessionRecord) -> tuple[CustomerRecord | None, bytes | None]:
        """The part of a customer's row that counts for a session, as far as the cache has it, and a lease."""
        customer_id = cast("str", root.customer_id)
        key = self._cache.customer_key(customer_id)
        (found,) = self._read((key, entries.CUSTOMER))
        self._cache.note_customer(self._cache.session_key(root.session_id), key)
        return self._customer_in(found, customer_id), found.lease

    def keep(self, presented: Presented, read_at: float, lease: bytes) -> None:
        """Let the cache have what a validation has read."""
        place = entries.place_of(presented.token, self._cache.session_key(presented.root.session_id))
        value = entries.sealed(place, presented, read_at)
        if value is not None:
            self._keep(place.key, place.field, lease, value)

    def keep_customer(self, customer: CustomerRecord, read_at: float, lease: bytes) -> None:
        """Let the cache have the part of a customer's row that counts."""
        key = self._cache.customer_key(customer.customer_id)
        self._keep(key, entries.CUSTOMER, lease, entries.customer_value(customer, read_at))

    def _read(self, *wanted: tuple[str, str]) -> list[Found]:
        try:
            return self._cache.read(*wanted)
        except CacheFaultError:
            self.count(Metric.CACHE_FAULTS)
            return [Found() for _ in wanted]

    def _keep(self, key: str, field: str, lease: bytes, value: bytes) -> None:
        try:
            self._cache.store(key, field, lease, value)
        except CacheFaultError:
            self.count(Metric.CACHE_FAULTS)

    def _presented(self, token: Token, place: entries.Place, found: Found) -> Presented | None:
        if found.value is None:
            return None
        try:
            read_at, root, child = entries.opened(place, found.value)
            codecs = NO_CODECS if child else self._codecs
            presented = Presented(
                token, items.read_session(root, codecs), items.read_child(child, self._codecs) if child else None
            )
        except (NotOursError, *UNREADABLE):
            self.count(Metric.CACHE_FAULTS)
            return None
        return presented if entries.counts(read_at, self._clock.now()) else None

    def _customer_in(self, found: Found, customer_id: str) -> CustomerRecord | None:
        if found.value is None:
            return None
        try:
            read_at, row_id, generation = entries.read_customer(found.value)
        except NotOursError:
            self.count(Metric.CACHE_FAULTS)
            return None
        counts = entries.counts(read_at, self._clock.now())
        return CustomerRecord(customer_id, row_id, generation, ttl=0) if counts else None


def _ends(values: Mapping[Any, Value]) -> bool:
    return values.get("session_state") in _REFUSED or "child_mark" in values
