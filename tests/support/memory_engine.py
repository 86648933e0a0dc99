"""A DynamoDB in a dictionary: fast enough to run a scenario thousands of times, and it can be put back to a moment.

It knows the requests and expressions that this project emits and refuses any other. The contract suite runs against
it, unchanged, as against the other engines: what a search on it finds holds for them too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import accumulate
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from session_store.storage import schema
from session_store.storage.attribute_values import MAX_ITEM_BYTES, item_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from session_store.storage.attribute_values import AttributeValue, Item

Key = tuple[str, str]
Rows = dict[Key, "Item"]

_PAGE_BYTES: Final = 1024 * 1024
_INDEX_ATTRIBUTES: Final = {schema.PARTITION_KEY, schema.SORT_KEY, *schema.INDEX_PROJECTION}
_COMPARISON: Final = re.compile(r"(#?\w+) (=|<>|<|>|<=|>=) (:\w+)")
_FUNCTION: Final = re.compile(r"(attribute_exists|attribute_not_exists|begins_with)\((#?\w+)(?:, (:\w+))?\)")
_IF_NOT_EXISTS: Final = re.compile(r"if_not_exists\((#\w+), (:\w+)\)")
_BETWEEN_ASSIGNMENTS: Final = re.compile(r", (?![^(]*\))")
_CLAUSE: Final = re.compile(r"(SET|REMOVE) (.+?)(?= REMOVE |$)")
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}


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


@dataclass
class MemoryClient:
    """What the library needs of a DynamoDB client, on tables in memory."""

    tables: dict[str, MemoryTable] = field(default_factory=dict)

    # The table itself

    def create_table(self, *, TableName: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - DynamoDB's names
        self.tables[TableName] = MemoryTable()
        return {"TableDescription": {"TableStatus": "ACTIVE"}}

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803
        self._table(TableName)
        return {"Table": {"TableStatus": "ACTIVE"}}

    def update_time_to_live(self, *, TableName: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self._table(TableName)
        return {}

    # Reading

    def get_item(self, *, TableName: str, Key: Item, **_: Any) -> dict[str, Any]:  # noqa: N803
        row = self._table(TableName).rows.get(_key(Key))
        return {} if row is None else {"Item": dict(row)}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        found = {
            name: [dict(row) for key in request["Keys"] if (row := self._table(name).rows.get(_key(key))) is not None]
            for name, request in RequestItems.items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:  # noqa: N803
        table = self._table(TableName)
        names = (schema.PARTITION_KEY, schema.SORT_KEY)
        rows: Iterable[Item] = table.rows.values()
        if parameters.get("IndexName"):
            names = (schema.INDEX_PARTITION_KEY, schema.INDEX_SORT_KEY)
            rows = (_projected(row) for row in rows if row[schema.PARTITION_KEY]["S"] not in table.hidden)
        hits = [row for row in rows if _holds(parameters["KeyConditionExpression"], parameters, row)]
        hits.sort(key=lambda row: row[names[1]]["S"], reverse=not parameters.get("ScanIndexForward", True))
        return _page(hits, names[1], parameters)

    def scan(self, *, TableName: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        return {"Items": [dict(row) for row in self._table(TableName).rows.values()]}

    # Writing

    def put_item(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:  # noqa: N803
        self._apply("PutItem", TableName, "Put", parameters)
        return {}

    def update_item(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:  # noqa: N803
        self._apply("UpdateItem", TableName, "Update", parameters)
        row = self._table(TableName).rows[_key(parameters["Key"])]
        return {"Attributes": dict(row)} if parameters.get("ReturnValues") == "ALL_NEW" else {}

    def delete_item(self, *, TableName: str, Key: Item) -> dict[str, Any]:  # noqa: N803
        self._table(TableName).rows.pop(_key(Key), None)
        return {}

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        for name, requests in RequestItems.items():
            for request in requests:
                if "PutRequest" in request:
                    self.put_item(TableName=name, **request["PutRequest"])
                else:
                    self.delete_item(TableName=name, **request["DeleteRequest"])
        return {"UnprocessedItems": {}}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], ClientRequestToken: str) -> dict[str, Any]:  # noqa: N803
        parts = [(kind, part) for entry in TransactItems for kind, part in entry.items()]
        tables = [self._table(part["TableName"]) for _, part in parts]
        if ClientRequestToken in tables[0].settled:
            return {}
        reasons = [_reason(table, kind, part) for table, (kind, part) in zip(tables, parts, strict=True)]
        if any(reason["Code"] != "None" for reason in reasons):
            raise _error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
        for table, (kind, part) in zip(tables, parts, strict=True):
            _write(table, kind, part)
        tables[0].settled.add(ClientRequestToken)
        return {}

    def _apply(self, operation: str, table_name: str, kind: str, parameters: dict[str, Any]) -> None:
        table = self._table(table_name)
        reason = _reason(table, kind, parameters)
        if reason["Code"] != "None":
            item = {"Item": reason["Item"]} if "Item" in reason else {}
            raise _error(operation, "ConditionalCheckFailedException", **item)
        _write(table, kind, parameters)

    def _table(self, name: str) -> MemoryTable:
        if name not in self.tables:
            raise _error("any", "ResourceNotFoundException")
        return self.tables[name]


def answer_for(client: Any, memory: MemoryClient) -> None:
    """Make a real botocore client ask the tables in memory instead of the network."""
    context_key = "tests.support.memory_engine"

    def note(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[context_key] = dict(params)

    def answer(model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", model.name).lower()
        parameters = context[context_key]
        parameters.pop("ReturnConsumedCapacity", None)
        try:
            reply, status = getattr(memory, method)(**parameters), 200
        except ClientError as error:
            reply, status = dict(error.response), 400
        return SimpleNamespace(status_code=status), {"ResponseMetadata": {"HTTPStatusCode": status}} | reply

    client.meta.events.register_last("before-parameter-build.dynamodb", note)
    client.meta.events.register_last("before-call.dynamodb", answer)


# Writes


def _reason(table: MemoryTable, kind: str, part: dict[str, Any]) -> dict[str, Any]:
    """A part's outcome in the form of a transaction's cancellation reason."""
    row = table.rows.get(_key(part["Item" if kind == "Put" else "Key"]))
    if "ConditionExpression" not in part or _holds(part["ConditionExpression"], part, row or {}):
        return {"Code": "None"}
    shown = row is not None and part.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    return {"Code": "ConditionalCheckFailed"} | ({"Item": dict(row or {})} if shown else {})


def _write(table: MemoryTable, kind: str, part: dict[str, Any]) -> None:
    if kind == "Put":
        table.rows[_key(part["Item"])] = dict(part["Item"])
    elif kind == "Update":
        key = _key(part["Key"])
        table.rows[key] = _updated(table.rows.get(key, part["Key"]), part)
    else:
        raise NotImplementedError(kind)


def _updated(row: Item, part: dict[str, Any]) -> Item:
    after = dict(row)
    for clause, assignments in _CLAUSE.findall(part["UpdateExpression"]):
        for assignment in _BETWEEN_ASSIGNMENTS.split(assignments):
            name, _, value = assignment.partition(" = ")
            attribute = _attribute(name, part)
            if clause == "REMOVE":
                after.pop(attribute, None)
            elif value.startswith(":"):
                after[attribute] = part["ExpressionAttributeValues"][value]
            elif preset := _IF_NOT_EXISTS.fullmatch(value):
                fallback = part["ExpressionAttributeValues"][preset[2]]
                after[attribute] = row.get(_attribute(preset[1], part), fallback)
            else:
                after[attribute] = row[_attribute(value, part)]  # all right sides are from before the update
    return after


# Conditions


Clause = tuple[str, str, str | None]  # function or operator, attribute, value


@cache
def _parsed(expression: str) -> tuple[tuple[Clause, ...], ...]:
    """OR of ANDs, without parentheses."""
    return tuple(tuple(map(_clause, conjunction.split(" AND "))) for conjunction in expression.split(" OR "))


def _clause(text: str) -> Clause:
    if function := _FUNCTION.fullmatch(text):
        name, attribute, argument = function.groups()
        return name, attribute, argument
    comparison = _COMPARISON.fullmatch(text)
    if comparison is None:
        raise NotImplementedError(text)
    attribute, operator, argument = comparison.groups()
    return operator, attribute, argument


def _holds(expression: str, parameters: dict[str, Any], row: Item) -> bool:
    return any(
        all(_clause_holds(clause, parameters, row) for clause in conjunction) for conjunction in _parsed(expression)
    )


def _clause_holds(clause: Clause, parameters: dict[str, Any], row: Item) -> bool:
    operator, attribute, argument = clause
    value = row.get(_attribute(attribute, parameters))
    if operator == "attribute_exists":
        return value is not None
    if operator == "attribute_not_exists":
        return value is None
    if value is None:
        return operator == "<>"
    other = parameters["ExpressionAttributeValues"][argument]
    if operator == "begins_with":
        return value["S"].startswith(other["S"])  # type: ignore[no-any-return]
    return _COMPARE[operator](_operand(value), _operand(other))


def _attribute(name: str, parameters: dict[str, Any]) -> str:
    return parameters["ExpressionAttributeNames"][name] if name.startswith("#") else name


def _operand(value: AttributeValue) -> Any:
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content


# Replies


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


def _projected(row: Item) -> Item:
    return {name: value for name, value in row.items() if name in _INDEX_ATTRIBUTES}


def _key(item: Item) -> Key:
    return item[schema.PARTITION_KEY]["S"], item[schema.SORT_KEY]["S"]


def _error(operation: str, code: str, **further: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "from memory"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
        **further,
    }
    return ClientError(response, operation)
