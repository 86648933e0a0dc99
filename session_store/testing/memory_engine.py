"""A DynamoDB in a dictionary: fast enough to run a scenario thousands of times, and it can be put back to a moment.

It knows the requests and expressions that this project emits and refuses any other. The contract suite runs against
it, unchanged, as against the other engines. A finding on it holds for them too.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact
from heapq import nsmallest
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from zlib import crc32

from botocore.exceptions import ClientError

from session_store.data.weights import INTEGER_DIGITS, MAX_ITEM_BYTES
from session_store.storage import schema
from session_store.storage.attribute_values import item_bytes
from session_store.testing.memory_conditions import attribute_name, holds, path_of, value_at
from session_store.testing.memory_units import consumed, projected, read_units, write_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from session_store.storage.attribute_values import AttributeValue, Item

Key: TypeAlias = tuple[str, str]
Rows: TypeAlias = "dict[Key, Item]"

_ARN: Final = "arn:aws:dynamodb:us-east-1:000000000000:table/"
_PAGE_BYTES: Final = 1024 * 1024
_IF_NOT_EXISTS: Final = re.compile(r"if_not_exists\(([\w.#]+), (:\w+)\)(?: \+ (:\w+))?")
_BETWEEN_ASSIGNMENTS: Final = re.compile(r", (?![^(]*\))")
_EXACT: Final = Context(prec=INTEGER_DIGITS, traps=[Inexact])
_CLAUSE: Final = re.compile(r"(SET|REMOVE|ADD) (.+?)(?= REMOVE | ADD |$)")


@dataclass
class MemoryTable:
    """One table.

    Attributes:
        rows: never changed in place, so that a copy of the dictionary is a copy of the table.
        hidden: partition keys that the index does not show (yet).
        settled: request tokens of transactions that took effect.
    """

    rows: Rows = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)


class MemoryClient:
    """The methods of a DynamoDB client that the library needs, on tables in memory. Safe to share between threads.

    Attributes:
        tables: by name.
    """

    def __init__(self) -> None:
        self.tables: dict[str, MemoryTable] = {}
        # A condition is checked and its write made in one step: no other thread comes in between.
        self._lock = threading.RLock()

    # The table itself

    def create_table(self, *, TableName: str, **_: object) -> dict[str, Any]:  # noqa: N803 - DynamoDB's names
        """CreateTable. An existing one is emptied."""
        self.tables[TableName] = MemoryTable()
        return {"TableDescription": {"TableStatus": "ACTIVE"}}

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803
        rows = self._table(TableName).rows
        index = {"IndexName": schema.INDEX_NAME, "Projection": {"NonKeyAttributes": list(schema.INDEX_PROJECTION)}}
        table = {"TableStatus": "ACTIVE", "TableArn": f"{_ARN}{TableName}", "ItemCount": len(rows)}
        keys = [{"AttributeName": name} for name in (schema.PARTITION_KEY, schema.SORT_KEY)]
        return {"Table": table | {"KeySchema": keys, "GlobalSecondaryIndexes": [index]}}

    def update_time_to_live(self, *, TableName: str, **_: object) -> dict[str, Any]:  # noqa: N803
        """UpdateTimeToLive. Rows stay until they are deleted."""
        self._table(TableName)
        return {}

    def get_waiter(self, name: str) -> Any:  # noqa: ANN401 - botocore's
        """No table has to be waited for.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(name)

    # Reading

    def get_item(self, *, TableName: str, Key: Item, **parameters: Any) -> dict[str, Any]:  # noqa: N803, ANN401
        row = self._table(TableName).rows.get(_key(Key))
        units = read_units([row] if row else [], consistent=_is_consistent(parameters))
        return _consumed(TableName, units) | ({"Item": dict(row)} if row else {})

    def batch_get_item(self, *, RequestItems: dict[str, Any], **_: object) -> dict[str, Any]:  # noqa: N803
        found = {
            name: [dict(row) for key in request["Keys"] if (row := self._table(name).rows.get(_key(key))) is not None]
            for name, request in RequestItems.items()
        }
        capacity = [consumed(name, _of_batch(found[name], request)) for name, request in RequestItems.items()]
        return {"Responses": found, "UnprocessedKeys": {}, "ConsumedCapacity": capacity}

    def query(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:  # noqa: N803, ANN401
        """Query of the table or of its index."""
        with self._lock:
            table = self._table(TableName)
            rows: Iterable[Item] = list(table.rows.values())
            hidden = set(table.hidden)
        sort_key = schema.SORT_KEY
        if parameters.get("IndexName"):
            sort_key = schema.INDEX_SORT_KEY
            rows = (projected(row) for row in rows if row[schema.PARTITION_KEY]["S"] not in hidden)
        hits = [row for row in rows if holds(parameters["KeyConditionExpression"], parameters, row)]
        hits.sort(key=lambda row: row[sort_key]["S"], reverse=not parameters.get("ScanIndexForward", True))
        page = _page(hits, sort_key, parameters)
        if "ReturnConsumedCapacity" in parameters:  # the store's reads without an observer do not ask
            page |= _consumed(TableName, read_units(page["Items"], consistent=_is_consistent(parameters)))
        if "FilterExpression" in parameters:
            page["Items"] = [row for row in page["Items"] if holds(parameters["FilterExpression"], parameters, row)]
        if "ProjectionExpression" in parameters:
            names = {attribute_name(name, parameters) for name in parameters["ProjectionExpression"].split(", ")}
            page["Items"] = [{name: row[name] for name in row.keys() & names} for row in page["Items"]]
        return page

    def scan(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:  # noqa: N803, ANN401
        """Scan of the table or of its index, in the order of the keys. Segments share the partitions out."""
        with self._lock:
            table = self._table(TableName)
            rows, hidden = dict(table.rows), set(table.hidden)
        start, segments = parameters.get("ExclusiveStartKey"), parameters.get("TotalSegments", 1)
        after, segment = _key(start) if start else ("", ""), parameters.get("Segment", 0)
        keys = (key for key in rows if key > after and _segment(key, segments) == segment)
        if of_index := parameters.get("IndexName"):
            keys = (key for key in keys if key[0] not in hidden)
        hits = [rows[key] for key in nsmallest(parameters.get("Limit", len(rows)) + 1, keys)]
        further = {name: value for name, value in parameters.items() if name == "Limit"}
        return _page([projected(hit) for hit in hits] if of_index else hits, schema.SORT_KEY, further)

    # Writing

    def put_item(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:  # noqa: N803, ANN401
        with self._lock:
            return self._apply("PutItem", TableName, "Put", parameters)

    def update_item(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:  # noqa: N803, ANN401
        with self._lock:
            capacity = self._apply("UpdateItem", TableName, "Update", parameters)
            row = self._table(TableName).rows[_key(parameters["Key"])]
        return capacity | ({"Attributes": dict(row)} if parameters.get("ReturnValues") == "ALL_NEW" else {})

    def delete_item(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:  # noqa: N803, ANN401
        with self._lock:
            return self._apply("DeleteItem", TableName, "Delete", parameters)

    def batch_write_item(self, *, RequestItems: dict[str, Any], **_: object) -> dict[str, Any]:  # noqa: N803
        capacity = []
        for name, requests in RequestItems.items():
            for request in requests:
                if "PutRequest" in request:
                    reply = self.put_item(TableName=name, **request["PutRequest"])
                else:
                    reply = self.delete_item(TableName=name, **request["DeleteRequest"])
                capacity.append(reply["ConsumedCapacity"])
        return {"UnprocessedItems": {}, "ConsumedCapacity": capacity}

    def transact_write_items(
        self,
        *,
        TransactItems: list[dict[str, Any]],  # noqa: N803
        ClientRequestToken: str,  # noqa: N803
        **_: object,
    ) -> dict[str, Any]:
        """TransactWriteItems of puts, updates and checks."""
        parts = [(kind, part) for entry in TransactItems for kind, part in entry.items()]
        with self._lock:
            tables = [self._table(part["TableName"]) for _, part in parts]
            if ClientRequestToken in tables[0].settled:
                return {"ConsumedCapacity": []}
            reasons = [_reason(table, kind, part) for table, (kind, part) in zip(tables, parts, strict=True)]
            if any(reason["Code"] != "None" for reason in reasons):
                raise _error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
            capacity = [
                consumed(part["TableName"], _write(table, kind, part, times=2))
                for table, (kind, part) in zip(tables, parts, strict=True)
            ]
            tables[0].settled.add(ClientRequestToken)
        return {"ConsumedCapacity": capacity}

    def _apply(self, operation: str, table_name: str, kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
        table = self._table(table_name)
        reason = _reason(table, kind, parameters)
        if reason["Code"] != "None":
            item = {"Item": reason["Item"]} if "Item" in reason else {}
            raise _error(operation, "ConditionalCheckFailedException", **item)
        return _consumed(table_name, _write(table, kind, parameters))

    def _table(self, name: str) -> MemoryTable:
        """A table by its name or ARN."""
        table = self.tables.get(name.rpartition("/")[2])
        if table is None:
            raise _error("any", "ResourceNotFoundException")
        return table


def _reason(table: MemoryTable, kind: str, part: dict[str, Any]) -> dict[str, Any]:
    """A part's outcome in the form of a transaction's cancellation reason."""
    row = table.rows.get(_key(part["Item" if kind == "Put" else "Key"]))
    if "ConditionExpression" not in part or holds(part["ConditionExpression"], part, row or {}):
        return {"Code": "None"}
    shown = row is not None and part.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    return {"Code": "ConditionalCheckFailed"} | ({"Item": dict(row or {})} if shown else {})


def _write(table: MemoryTable, kind: str, part: dict[str, Any], *, times: int = 1) -> float:
    """Returns the units that it takes."""
    key = _key(part["Item" if kind == "Put" else "Key"])
    before = table.rows.get(key)
    if kind == "Put":
        table.rows[key] = dict(part["Item"])
    elif kind == "Delete":
        table.rows.pop(key, None)
    elif kind == "Update":
        table.rows[key] = _updated(before or part["Key"], part)
    elif kind == "ConditionCheck":
        return times * write_units(before, before)
    else:
        raise NotImplementedError(kind)
    return write_units(before, table.rows.get(key), times=times)


def _consumed(table_name: str, units: float) -> dict[str, Any]:
    return {"ConsumedCapacity": consumed(table_name, units)}


def _is_consistent(parameters: dict[str, Any]) -> bool:
    return bool(parameters.get("ConsistentRead", False))


def _of_batch(found: list[Item], request: dict[str, Any]) -> float:
    """Each row by itself, and each key that has none."""
    consistent = _is_consistent(request)
    missing: list[list[Item]] = [[]] * (len(request["Keys"]) - len(found))
    return sum(read_units(rows, consistent=consistent) for rows in [*([row] for row in found), *missing])


def _updated(row: Item, part: dict[str, Any]) -> Item:
    after = row
    for clause, assignments in _CLAUSE.findall(part["UpdateExpression"]):
        for assignment in _BETWEEN_ASSIGNMENTS.split(assignments):
            name, _, value = assignment.partition(" " if clause == "ADD" else " = ")
            path = path_of(name, part)
            if clause == "ADD":
                new: AttributeValue | None = _joined(value_at(path, row), part["ExpressionAttributeValues"][value])
            else:
                new = None if clause == "REMOVE" else _assigned(value, row, part)
            after = _with(after, path, new)
    return after


def _joined(before: AttributeValue | None, added: AttributeValue) -> AttributeValue:
    """A set of texts with others in it."""
    return {"SS": sorted({*(before or {"SS": []})["SS"], *added["SS"]})}


def _assigned(text: str, row: Item, part: dict[str, Any]) -> AttributeValue:
    """The right side of an assignment: all of them are from before the update."""
    values = part.get("ExpressionAttributeValues", {})
    if text.startswith(":"):
        return values[text]  # type: ignore[no-any-return]
    if preset := _IF_NOT_EXISTS.fullmatch(text):
        value: AttributeValue = value_at(path_of(preset[1], part), row) or values[preset[2]]
        return value if preset[3] is None else {"N": _sum(value["N"], values[preset[3]]["N"])}
    return row[attribute_name(text, part)]


def _with(members: Mapping[str, AttributeValue], path: Sequence[str], value: AttributeValue | None) -> Item:
    """A copy with another value, or none, at a place, whose parent must be a map, as in DynamoDB."""
    name, *further = path
    if further:
        value = {"M": _with(members[name]["M"], further, value)}
    after = dict(members)
    if value is None:
        after.pop(name, None)
    else:
        after[name] = value
    return after


def _sum(one: str, other: str) -> str:
    """Exact, as in DynamoDB.

    Raises:
        Inexact: DynamoDB refuses a sum of more than 38 digits.
    """
    return f"{_EXACT.add(Decimal(one), Decimal(other)).normalize(_EXACT):f}"


def _page(hits: list[Item], sort_key: str, parameters: dict[str, Any]) -> dict[str, Any]:
    start = parameters.get("ExclusiveStartKey")
    if start is not None:
        forward = parameters.get("ScanIndexForward", True)
        after = start[sort_key]["S"]
        hits = [hit for hit in hits if (hit[sort_key]["S"] > after if forward else hit[sort_key]["S"] < after)]
    limit = parameters.get("Limit", len(hits) + 1)
    page = [dict(hit) for hit in hits[: min(limit, _fitting(hits))]]
    reply: dict[str, Any] = {"Items": page}
    if page and (len(page) == limit or len(page) < len(hits)):
        reply["LastEvaluatedKey"] = {name: page[-1][name] for name in (schema.PARTITION_KEY, schema.SORT_KEY)}
    return reply


def _fitting(hits: list[Item]) -> int:
    """How many of them make a page of 1 MB, the last one possibly going over it."""
    if len(hits) * MAX_ITEM_BYTES <= _PAGE_BYTES:
        return len(hits)
    sizes = accumulate(map(item_bytes, hits))
    return next((number for number, size in enumerate(sizes, 1) if size >= _PAGE_BYTES), len(hits))


def _segment(key: Key, segments: int) -> int:
    return crc32(key[0].encode()) % segments


def _key(item: Item) -> Key:
    return item[schema.PARTITION_KEY]["S"], item[schema.SORT_KEY]["S"]


def _error(operation: str, code: str, **further: object) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "from memory"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
        **further,
    }
    return ClientError(response, operation)
