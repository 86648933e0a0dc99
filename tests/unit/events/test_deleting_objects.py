"""The function that deletes objects: those that no row points to any more, and no others, also where S3 fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

import pytest

from session_store import CreatedSession, SessionStore, StoreConfigurationError
from session_store.adapters.aws_lambda import environment
from session_store.large_data import LargeData
from session_store.large_data import deleting as module
from session_store.large_data.deleting import deleting_handler
from tests.support.moto_bucket import moto_bucket
from tests.support.stream import TABLE, Record
from tests.unit.events.conftest import Streamed

BUCKET: Final = "large-data-of-tests"
VARIABLES: Final = {"SESSION_LARGE_DATA_BUCKET": BUCKET, "SESSION_LARGE_DATA_BUCKET_OWNER": "123456789012"}
LARGE: Final = {"notes": "x" * 5_000}


@pytest.fixture(scope="module")
def bucket() -> Iterator[Any]:
    with moto_bucket(BUCKET) as client:
        yield client


@pytest.fixture
def s3(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(module, "_client", lambda: bucket)
    yield bucket
    bucket.meta.events.unregister("before-call.s3.DeleteObjects", unique_id="answers")
    for key in keys(bucket):
        bucket.delete_object(Bucket=BUCKET, Key=key)


@pytest.fixture
def store(streamed: Streamed, s3: Any) -> SessionStore:
    return streamed.store_with(large_data=LargeData(BUCKET, threshold=2048, client=s3))


@pytest.fixture
def large(store: SessionStore) -> CreatedSession:
    return store.create_session("ana", data=LARGE)


def delete(records: list[Record]) -> dict[str, Any]:
    return deleting_handler(VARIABLES)({"Records": records}, None)


def keys(s3: Any) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]


DELETED: Final[dict[str, Callable[[Streamed, SessionStore, CreatedSession], object]]] = {
    "large data again": lambda _, store, made: store.replace_data(made.session, LARGE | {"a": 1}, version=1),
    "small data again": lambda _, store, made: store.replace_data(made.session, {}, version=1),
    "an end": lambda _, store, made: store.end_session(made.session),
    "an end of all": lambda _, store, made: store.end_customer_sessions(str(made.session.customer_id)),
    "TTL": lambda table, _, made: table.client.remove(TABLE, table.row(made.session.session_id)),
    "an operator": lambda table, _, made: table.client.delete_item(
        TableName=TABLE, Key={name: table.row(made.session.session_id)[name] for name in ("PK", "SK")}
    ),
}


@pytest.mark.parametrize("change", DELETED.values(), ids=DELETED)
def test_an_object_is_deleted_once_its_row_points_to_it_no_more(
    streamed: Streamed, store: SessionStore, s3: Any, large: CreatedSession, change: Callable[..., object]
) -> None:
    (before,) = keys(s3)
    child = store.create_child_session(store.create_session("bob").session, data=LARGE).child
    records = streamed.records_of(lambda: change(streamed, store, large))

    assert delete(records) == {"batchItemFailures": []}
    assert before not in keys(s3)
    assert sum(child.child_session_id in key for key in keys(s3)) == 1
    assert delete(records) == {"batchItemFailures": []}  # a batch may come again


def test_what_keeps_the_object_deletes_nothing(
    streamed: Streamed, store: SessionStore, s3: Any, large: CreatedSession
) -> None:
    streamed.clock.advance(600)
    records = streamed.records_of(lambda: store.validate(large.token))

    assert [each["eventName"] for each in records] == ["MODIFY"]
    assert delete(records) == {"batchItemFailures": []}
    assert len(keys(s3)) == 1


def test_a_pointer_to_another_sessions_object_deletes_nothing(streamed: Streamed, s3: Any, store: SessionStore) -> None:
    ids = [store.create_session(name, data=LARGE).session.session_id for name in ("ana", "eve")]
    row = streamed.row(ids[1])
    row["data"] = streamed.row(ids[0])["data"]

    assert delete(streamed.records_of(lambda: streamed.client.remove(TABLE, row))) == {"batchItemFailures": []}
    assert len(keys(s3)) == 2


def answered(s3: Any, *answers: Any) -> list[Any]:
    """Answer the next requests to delete. None lets one through."""
    left = list(answers)

    def answer(**_: Any) -> Any:
        given = left.pop(0) if left else None
        if isinstance(given, Exception):
            raise given
        return given

    s3.meta.events.register("before-call.s3.DeleteObjects", answer, unique_id="answers")
    return left


def refusal(code: str, status: int) -> Any:
    reply = {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code, "Message": "no"}}
    return SimpleNamespace(status_code=status), reply


def test_a_fault_that_passes_is_waited_for(
    streamed: Streamed, store: SessionStore, s3: Any, large: CreatedSession
) -> None:
    left = answered(s3, refusal("SlowDown", 503), refusal("InternalError", 500))

    assert delete(streamed.records_of(lambda: store.end_session(large.session))) == {"batchItemFailures": []}
    assert (left, keys(s3)) == ([], [])


def test_what_s3_does_not_delete_comes_again_from_there_on(streamed: Streamed, store: SessionStore, s3: Any) -> None:
    made = [store.create_session("ana", data=LARGE).session for _ in range(3)]
    records = streamed.records_of(lambda: [store.end_session(each) for each in made])
    denied = next(key for key in keys(s3) if key.startswith(made[1].session_id))
    error = {"Key": denied, "Code": "AccessDenied", "Message": "no"}
    answered(s3, (SimpleNamespace(status_code=200), {"ResponseMetadata": {}, "Errors": [error]}))

    assert delete(records) == {"batchItemFailures": [{"itemIdentifier": records[1]["dynamodb"]["SequenceNumber"]}]}


def test_without_permission_all_comes_again(
    streamed: Streamed, store: SessionStore, s3: Any, large: CreatedSession, caplog: pytest.LogCaptureFixture
) -> None:
    answered(s3, refusal("AccessDenied", 403))
    records = streamed.records_of(lambda: store.end_session(large.session))

    assert delete(records) == {"batchItemFailures": [{"itemIdentifier": records[0]["dynamodb"]["SequenceNumber"]}]}
    assert "AccessDenied" in caplog.text
    assert LARGE["notes"] not in caplog.text


def test_a_stream_without_old_images_is_an_error_and_not_silence(
    streamed: Streamed, store: SessionStore, large: CreatedSession
) -> None:
    (record,) = streamed.records_of(lambda: store.end_session(large.session))
    del record["dynamodb"]["OldImage"]

    with pytest.raises(RuntimeError, match="MissingImageError"):
        delete([record])


def test_without_a_bucket_it_does_not_start() -> None:
    with pytest.raises(StoreConfigurationError, match="SESSION_LARGE_DATA_BUCKET"):
        deleting_handler({})


def test_its_line_counts_what_it_deletes(
    streamed: Streamed,
    store: SessionStore,
    large: CreatedSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TABLE_NAME", TABLE)
    environment.lines.cache_clear()
    delete(streamed.records_of(lambda: store.end_session(large.session)))

    line = json.loads(capsys.readouterr().out)
    assert (line["changes"], line["ObjectsDeleted"]) == (1, 1)
    assert large.session.session_id not in str(line)
