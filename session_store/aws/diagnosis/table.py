"""Whether a table is there, is one of this project, and is set up as the sessions need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from session_store.aws.diagnosis.asking import FAILURES, ask
from session_store.aws.diagnosis.finding import Finding, Severity, error, note, ok, warning
from session_store.storage import schema

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from session_store.aws.diagnosis.subject import Subject

_DENIED: Final = frozenset({"AccessDeniedException", "AccessDenied"})
_KEYS: Final = {"HASH": schema.PARTITION_KEY, "RANGE": schema.SORT_KEY}
_INDEX_KEYS: Final = {"HASH": schema.INDEX_PARTITION_KEY, "RANGE": schema.INDEX_SORT_KEY}
_RIGHT_TABLE: Final = "Check the name, the account and the region. The stack's output names the table"
_ACTIVE: Final = "ACTIVE"
_BOTH_IMAGES: Final = "NEW_AND_OLD_IMAGES"


def check(subject: Subject, name: str) -> Generator[Finding, None, dict[str, Any] | None]:
    """Findings about a table.

    Returns:
        Its description, empty when it may not be seen. None when there is no table of that name.
    """
    client = subject.client("dynamodb")
    try:
        table: dict[str, Any] = ask(client, "describe_table", "Table", TableName=name)
    except FAILURES as failure:
        hidden = isinstance(failure, ClientError) and failure.response["Error"]["Code"] in _DENIED
        what = f"The table {name} cannot be looked at" if hidden else f"There is no usable table {name}"
        yield subject.failed(what, failure, Severity.WARNING if hidden else Severity.ERROR)
        return {} if hidden else None
    yield from _schema(name, table)
    yield from _state(table)
    yield from _expiry(subject, client, name)
    yield from _stream(table)
    return table


def _schema(name: str, table: dict[str, Any]) -> Iterator[Finding]:
    keys = _keys_of(table)
    if keys != _KEYS:
        yield error(
            f"The table {name} is another one's", f"Its keys are {_shown(keys)}, not {_shown(_KEYS)}", _RIGHT_TABLE
        )
        return
    index = next(
        (each for each in table.get("GlobalSecondaryIndexes", ()) if each["IndexName"] == schema.INDEX_NAME), None
    )
    if index is None or _keys_of(index) != _INDEX_KEYS:
        why = f"It has no index {schema.INDEX_NAME} on {_shown(_INDEX_KEYS)}"
        yield error(f"The table {name} lacks its index", why, "Deploy it with `SessionTable`, or add the index")
        return
    projection = index["Projection"]
    missing = set(schema.INDEX_PROJECTION) - set(projection.get("NonKeyAttributes", ()))
    if projection["ProjectionType"] != "ALL" and missing:
        why = f"It lacks {', '.join(sorted(missing))}, so lists of sessions lack them"
        yield error(f"The index of the table {name} is another one's", why, "Make the index anew")
        return
    yield ok(f"The table {name} is one of sessions", f"Keys and index {schema.INDEX_NAME} are as they should be")


def _state(table: dict[str, Any]) -> Iterator[Finding]:
    states = {"table": table["TableStatus"]}
    # An emulator may leave out an index's state.
    indexes = table.get("GlobalSecondaryIndexes", ())
    states |= {each["IndexName"]: each.get("IndexStatus", _ACTIVE) for each in indexes}
    for name, state in states.items():
        if state != _ACTIVE:
            yield warning(
                f"The {name} is {state}", "It is being created, changed or deleted", "Wait until it is ACTIVE"
            )
    if "InaccessibleEncryptionDateTime" in table.get("SSEDescription", {}):
        why = "DynamoDB cannot use the KMS key, and archives the table after 7 days"
        yield error("The table's key is gone", why, "Enable the key, and allow DynamoDB to use it")


def _expiry(subject: Subject, client: Any, name: str) -> Iterator[Finding]:  # noqa: ANN401 - made at run time
    try:
        found = ask(client, "describe_time_to_live", "TimeToLiveDescription", TableName=name)
    except FAILURES as failure:
        yield subject.failed("Whether expired rows are deleted cannot be seen", failure, Severity.NOTE)
        return
    attribute, state = found.get("AttributeName"), found["TimeToLiveStatus"]
    if state in {"ENABLED", "ENABLING"} and attribute == schema.TTL_ATTRIBUTE:
        yield ok("Expired rows are deleted", f"Time to live is on, by `{attribute}`")
    else:
        why = f"Time to live is {state}" + (f", by `{attribute}`" if attribute else "")
        enable = f"aws dynamodb update-time-to-live --table-name {name} --time-to-live-specification"
        yield warning("Expired rows stay for ever", why, f"{enable} Enabled=true,AttributeName={schema.TTL_ATTRIBUTE}")


def _stream(table: dict[str, Any]) -> Iterator[Finding]:
    stream = table.get("StreamSpecification", {})
    if stream.get("StreamEnabled"):
        yield ok("The table has a stream", f"It shows {stream['StreamViewType']}")
    else:
        yield note(
            "The table has no stream", "Sessions need none. Followers of changes do", "Set `stream` of `SessionTable`"
        )


def check_stream_of_objects(table: dict[str, Any]) -> Iterator[Finding]:
    """A finding where nothing can follow the changes that leave objects of large data behind.

    Args:
        table: its description, empty when it may not be seen.
    """
    stream = table.get("StreamSpecification", {})
    if table and stream.get("StreamViewType") != _BOTH_IMAGES:
        why = f"Their function needs a stream of {_BOTH_IMAGES}. They stay until the bucket deletes them"
        yield warning("Objects of sessions that have ended are not deleted", why, "Deploy it with `LargeDataBucket`")


def _keys_of(described: dict[str, Any]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in described["KeySchema"]}


def _shown(keys: dict[str, str]) -> str:
    return " and ".join(keys.values())
