"""Repairs. Each is one conditional write: it makes no session live, and deletes or ends none that is valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.model import EndReason, SessionState
from session_store.operations.end import tombstone
from session_store.storage import conditions, schema
from session_store.storage.attribute_values import string
from session_store.storage.changes import Change
from session_store.storage.conditions import Test, holds
from session_store.storage.items import key_item, row_key
from session_store.storage.records import CustomerKey
from session_store.storage.requests import RefusedError
from session_store.storage.schema import EntityType
from session_store.whole_table.row_checks import leftovers

if TYPE_CHECKING:
    from session_store.operations.context import Context
    from session_store.storage.attribute_values import Item
    from session_store.storage.changes import Value
    from session_store.storage.conditions import Condition
    from session_store.storage.records import CustomerRecord, Key, SessionRecord
    from session_store.whole_table.table import Table

_DAY = 24 * 60 * 60  # what the store keeps a customer's row beyond the last session, see `operations.customer_row`


class Repairs:
    """The repairs of one table. Each says whether it was made: not where the row was changed since it was read.

    Args:
        table: to repair.
        context: the store's rules for it.
    """

    def __init__(self, table: Table, context: Context) -> None:
        self._table = table
        self._context = context

    def end_without_ttl(self, row: Item) -> bool:
        """End what counts as ended already, so that its row goes some day. A tombstone keeps its reason."""
        lacks_it = holds("session_state", Test.EXISTS) & holds(schema.TTL_ATTRIBUTE, Test.ABSENT)
        values = tombstone(self._context, self._context.now(), EndReason.OPERATOR)
        if row["session_state"]["S"] == SessionState.ENDED:
            del values["end_reason"]
        return self._change(row_key(row), values, lacks_it)

    def remove_leftovers(self, row: Item) -> bool:
        """Remove what ending removes from the row of a session that has ended."""
        values: dict[str, Value] = dict.fromkeys(leftovers(row))
        return self._change(row_key(row), values, holds("session_state", Test.EQUAL, SessionState.ENDED))

    def move_ttl(self, row: Item, record: SessionRecord) -> bool:
        """Let the row of a live session stay for as long as the session, and for the retention."""
        ttl = max(self._context.kept_until(record.expires_at), record.collection_until or 0)
        condition = conditions.live(self._context.now()) & conditions.runs_out_before(ttl)
        return self._change(row_key(row), {schema.TTL_ATTRIBUTE: ttl}, condition)

    def keep_root(self, root: Item, until: int) -> bool:
        """Let a root's row stay for as long as its child's."""
        condition = holds("session_state", Test.EXISTS) & conditions.runs_out_before(until)
        return self._change(row_key(root), {schema.TTL_ATTRIBUTE: until, "collection_until": until}, condition)

    def delete_orphan(self, child: Item) -> bool:
        """Delete the row of a child whose root is not there. No root of its id can be made later."""
        parameters = {
            "Key": key_item(row_key(child)),
            "ConditionExpression": "#kind = :kind",
            "ExpressionAttributeNames": {"#kind": "entity_type"},
            "ExpressionAttributeValues": {":kind": string(EntityType.CHILD_SESSION)},
        }
        try:
            self._table.send("DeleteItem", parameters)
        except RefusedError:
            return False
        return True

    def end_without_customer(self, record: SessionRecord) -> bool:
        """End a session that was created under a row of its customer that is not there any more."""
        under = record.customer_row
        no_row = holds("customer_row", Test.ABSENT)
        same = no_row if under is None else conditions.under_customer_row(under)
        return self._end(record, conditions.not_ended() & same)

    def end_revoked(self, record: SessionRecord, customer: CustomerRecord) -> bool:
        """End a session that an end of all sessions did not reach, as its next validation would."""
        return self._end(record, conditions.not_ended() & conditions.generation_below(customer.generation))

    def keep_customer(self, customer: CustomerRecord, until: int) -> bool:
        """Let a customer's row stay for as long as a session."""
        ttl = self._context.kept_until(until + _DAY)
        condition = conditions.customer_row_is(customer.row_id) & conditions.runs_out_before(ttl)
        return self._change(CustomerKey(customer.customer_id), {schema.TTL_ATTRIBUTE: ttl}, condition)

    def _end(self, record: SessionRecord, condition: Condition) -> bool:
        values = tombstone(self._context, self._context.now(), EndReason.ALL_ENDED)
        return self._change(record.key, values, condition)

    def _change(self, key: Key, values: dict[str, Value], condition: Condition) -> bool:
        try:
            self._table.change(Change(key, values, condition))
        except RefusedError as refusal:
            (current,) = refusal.items  # where a reply was lost, the row is as it was to be
            write_id = values.get("write_id")
            return refusal.uncertain and current is not None and current.get("write_id", {}).get("B") == write_id
        return True
