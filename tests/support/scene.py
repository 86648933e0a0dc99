"""A scene of the contract suite: one table of its own, a store whose calls can be disturbed, and other processes."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer

from session_store import (
    ChildSession,
    CreatedChildSession,
    CreatedSession,
    Incident,
    Observation,
    Session,
    SessionSettings,
    SessionStore,
)
from session_store.storage import schema
from session_store.storage.attribute_values import Item
from session_store.testing import MovableClock, create_table
from session_store.tokens import IdFactory
from tests.support.engines import Engine
from tests.support.faults import Faults
from tests.support.forms import stored_as

# In the future, so that no engine's own TTL deletes what the scene believes to be alive.
START: Final = datetime(2040, 1, 1, tzinfo=UTC)
_numbers: Final = itertools.count(1)
_SETTINGS: Final = tuple(SessionSettings.kinds())
_BATCH: Final = 25  # what BatchWriteItem takes


@dataclass
class Scene:
    """One table and the processes that use it."""

    table_name: str
    clock: MovableClock  # of `store`, and of other stores unless they are given another
    client: Any  # that nothing happens to
    disturbed_client: Any
    store: SessionStore  # under test
    faults: Faults  # what happens to the calls of `store`
    events: list[Incident] = field(default_factory=list)  # that `store` reported
    observations: list[Observation] | None = None  # of `store`, where it has an observer

    @cached_property
    def other(self) -> SessionStore:
        """The store of another process."""
        return self.another_store()

    def another_store(self, **given: Any) -> SessionStore:
        """Like `other`, with other arguments or settings: nothing happens to its calls either."""
        return new_store(self.table_name, **{"dynamodb_client": self.client, "clock": self.clock} | given)

    def store_with(self, **given: Any) -> SessionStore:
        """Like `store`, with other settings."""
        observer = None if self.observations is None else self.observations.append
        its_own = {"dynamodb_client": self.disturbed_client, "on_incident": self.events.append, "observer": observer}
        return self.another_store(**its_own | given)

    def session_row(self, session_id: str) -> dict[str, Any] | None:
        """A session's row as it is stored, without DynamoDB's type tags."""
        rows = self.rows(schema.session_partition_key(session_id))
        return next((row for row in rows if row["entity_type"] == schema.EntityType.SESSION), None)

    def customer_row(self, customer_id: str) -> dict[str, Any] | None:
        """A customer's own row, without DynamoDB's type tags."""
        return next(iter(self.rows(schema.customer_item_partition_key(customer_id))), None)

    def rows(self, partition_key: str) -> list[dict[str, Any]]:
        """All rows of one partition."""
        return [_plain(item) for item in self._items(partition_key)]

    def make_unreadable(self) -> None:
        """Give the data of each session a form that this version does not know."""
        for item in self.raw_rows():
            if "session_state" in item:
                self.client.put_item(TableName=self.table_name, Item=item | {"data_codec": {"S": "x9"}})

    def all_rows(self) -> list[dict[str, Any]]:
        """The whole (small) table."""
        return [_plain(item) for item in self.raw_rows()]

    def raw_rows(self) -> list[Item]:
        """The same with DynamoDB's type tags."""
        items: list[Item] = self.client.scan(TableName=self.table_name, ConsistentRead=True)["Items"]
        return items

    def put_copies(self, session: Session, number: int, *, of_other_customers: bool = False) -> list[str]:
        """Put many sessions in at once: copies of one, each with an id of its own; returns their ids."""
        (template,) = self._items(schema.session_partition_key(session.session_id))
        factory = IdFactory(self.clock)
        ids = [factory.new_id() for _ in range(number)]
        for start in range(0, number, _BATCH):
            requests = []
            for session_id in ids[start : start + _BATCH]:
                changed = {schema.PARTITION_KEY: {"S": schema.session_partition_key(session_id)}}
                if of_other_customers:
                    changed[schema.SORT_KEY] = {"S": schema.customer_sort_key(f"other-{session_id}")}
                requests.append({"PutRequest": {"Item": template | changed}})
            reply = self.client.batch_write_item(RequestItems={self.table_name: requests})
            assert not reply.get("UnprocessedItems")
        return ids

    def _items(self, partition_key: str) -> list[Item]:
        items: list[Item] = self.client.query(
            TableName=self.table_name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": partition_key}},
            ConsistentRead=True,
        )["Items"]
        return items

    def delete_session_row(self, session_id: str) -> None:
        """Delete a row, as DynamoDB does some time after its TTL."""
        for row in self.rows(schema.session_partition_key(session_id)):
            key = {name: {"S": row[name]} for name in (schema.PARTITION_KEY, schema.SORT_KEY)}
            self.client.delete_item(TableName=self.table_name, Key=key)


def new_store(table_name: str, **given: Any) -> SessionStore:
    """A store; settings may be given one by one beside its arguments."""
    settings = {name: given.pop(name) for name in _SETTINGS if name in given}
    # Not made where none is given: interleavings make a store in each of thousands of orders.
    return SessionStore(table_name, **({"settings": SessionSettings(**settings)} if settings else {}) | given)


@contextmanager
def new_scene(
    engine: Engine,
    table_name: str | None = None,
    *,
    clock_type: type[MovableClock] = MovableClock,
    observed: bool = False,
) -> Iterator[Scene]:
    """A scene on a running engine, with a new table or in one that is there, its store with an observer or without."""
    is_new = table_name is None
    table_name = table_name or f"contract-{os.getpid()}-{next(_numbers)}"
    clock = clock_type(START)
    faults = Faults(engine.disturbed_client, engine.client, clock)
    events: list[Incident] = []
    with engine.active(), stored_as(engine.form), faults.attached():
        if is_new:
            create_table(engine.client, table_name)
        disturbed = engine.disturbed_client
        observations: list[Observation] | None = [] if observed else None
        store = SessionStore(
            table_name,
            dynamodb_client=disturbed,
            clock=clock,
            on_incident=events.append,
            observer=None if observations is None else observations.append,
        )
        yield Scene(table_name, clock, engine.client, disturbed, store, faults, events, observations)


@dataclass
class SignedIn:
    """A customer's session with one child, and a new token for the session that has not been used."""

    root: CreatedSession
    under: CreatedChildSession
    new_token: str

    def __post_init__(self) -> None:
        self.id, self.token = self.root.session.session_id, self.root.token
        self.customer_id = str(self.root.session.customer_id)
        self.child_id, self.child_token = self.under.child.child_session_id, self.under.token


def sign_in(store: SessionStore, customer_id: str = "ana", **settings: Any) -> SignedIn:
    """Sign a customer in, with a child session."""
    root = store.create_session(customer_id, **({"data": {"cart": ["tea"], "visits": 1}} | settings))
    under = store.create_child_session(root.session, data={"app": "mail"})
    return SignedIn(root, under, store.rotate(root.token).token or "")


def children_of(store: SessionStore, session: Session | str) -> tuple[ChildSession, ...] | None:
    """The children on the first page; None where there is no such live session."""
    page = store.get_child_sessions(session)
    return None if page is None else page.children


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
