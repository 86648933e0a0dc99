"""The stored rows as the model sees them: one plain value for a session's row or a child's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from session_store.model import EndReason
from session_store.storage import items, schema
from session_store.storage.attribute_values import Item
from session_store.storage.records import ChildRecord, SessionRecord, TokenRecord
from tests.support.forms import readable

NOT_A_HASH = b"not known before the answer"


class Held(NamedTuple):
    """A token that was handed out, and what it is a successor of."""

    text: str
    secret: bytes  # its hash
    epoch: int
    issued_at: int


class Secrets(NamedTuple):
    """The state of a token."""

    head: bytes | None
    epoch: int = 0
    first_used: bytes | None = None
    first_used_at: int | None = None


class Customer(NamedTuple):
    """A customer's row."""

    row_id: bytes
    generation: int
    covered: int = 0
    kept: str | None = None


class Noted(NamedTuple):
    """The row of an idempotency key; each customer has one key at most, and visitors have one."""

    session_id: str
    until: int


class View(NamedTuple):
    """A session; a child session has a `root`, and none of the root's times."""

    customer_id: str | None
    absolute: int
    secrets: Secrets = Secrets(NOT_A_HASH)
    state: str = "active"
    data: str = "{}"
    version: int = 1
    root: str | None = None
    row_id: bytes | None = None  # of the customer's row that it was created under
    generation: int = 0
    mark: bytes | None = None  # of its children; a child has its root's from then
    last_seen: int = 0
    idle: int = 0
    expires_at: int = 0
    reason: EndReason | None = None

    def ended(self, reason: EndReason) -> View:
        """Its tombstone. One that it is already keeps its reason."""
        return self._replace(
            state="ended", data="{}", secrets=Secrets(None), expires_at=0, reason=self.reason or reason
        )

    def is_live(self, now: int) -> bool:
        return self.state == "active" and now < (self.absolute if self.root else self.expires_at)

    def is_shown(self, now: int) -> bool:
        return self.state != "ended" and now < (self.absolute if self.root else self.expires_at)


class State(NamedTuple):
    """The whole table: sessions and children by id, each customer's row, and that of the key."""

    views: dict[str, View]
    customers: dict[str, Customer]
    noted: dict[str | None, Noted]

    def copy(self) -> State:
        return State(dict(self.views), dict(self.customers), dict(self.noted))

    def children(self, session_id: str) -> list[str]:
        """Those that have not ended together, too."""
        mark = self.views[session_id].mark
        return [child_id for child_id in self.collection(session_id) if self.views[child_id].mark == mark]

    def collection(self, session_id: str) -> list[str]:
        return [child_id for child_id, view in self.views.items() if view.root == session_id]


def read(rows: Iterable[Item]) -> State:
    """The table's rows as a state."""
    state = State({}, {}, {})
    for row in rows:
        kind = row["entity_type"]["S"]
        if kind == schema.EntityType.CUSTOMER:
            customer = items.read_customer(row)
            of_row = Customer(customer.row_id, customer.generation, customer.covered, customer.kept)
            state.customers[customer.customer_id] = of_row
        elif kind == schema.EntityType.IDEMPOTENCY_KEY:
            owner = row[schema.SORT_KEY]["S"]
            noted = Noted(row["session_id"]["S"], int(row[schema.TTL_ATTRIBUTE]["N"]))
            state.noted[owner.removeprefix("c#") if owner.startswith("c#") else None] = noted
        elif kind == schema.EntityType.SESSION:
            record = items.read_session(row, readable())
            state.views[record.session_id] = _session(record)
        else:
            child = items.read_child(row, readable())
            state.views[child.child_session_id] = _view(child, root=child.session_id)
    return state


def canonical(data: Mapping[str, Any]) -> str:
    """Data as text that is equal when the data is."""
    return repr(sorted(data.items())) if data else "{}"


def _session(record: SessionRecord) -> View:
    times = {"last_seen": record.last_seen_at, "idle": record.idle_timeout, "expires_at": record.expires_at}
    return _view(record, row_id=record.customer_row, generation=record.generation, **times)


def _view(record: SessionRecord | ChildRecord, **more: Any) -> View:
    return View(
        customer_id=record.customer_id,
        state=str(record.session_state),
        data=canonical(record.data.read()),
        version=record.version,
        absolute=record.absolute_expires_at,
        secrets=_secrets(record.token),
        mark=record.child_mark,
        reason=record.end_reason,
        **more,
    )


def _secrets(token: TokenRecord) -> Secrets:
    return Secrets(token.head, token.epoch, token.first_used, token.first_used_at)
