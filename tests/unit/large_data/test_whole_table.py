"""Commands that go through a whole table, with sessions whose data is in S3."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from session_store import SessionStore
from session_store.encryption import Encryption, FernetKeyring
from session_store.large_data import LargeData
from session_store.testing.memory_engine import MemoryClient
from session_store.whole_table.exporting import Options, export_to_file
from session_store.whole_table.import_file import import_file
from session_store.whole_table.import_lines import LineProblem
from session_store.whole_table.importing import Choices, Outcome
from session_store.whole_table.reencrypting import reencrypt
from session_store.whole_table.table import Table
from tests.support.bucket import MemoryBucket, refusal
from tests.support.forms import KEY
from tests.unit.large_data.conftest import LARGE, TABLE, Place

NEW_KEY = Fernet.generate_key()
FORMS = {
    "plain": None,
    "encrypted": Encryption(FernetKeyring(KEY), store_id="tests"),
    "encrypted by keys": Encryption(FernetKeyring(KEY), store_id="tests", keys=["notes"]),
}


def table_of(place: Place, client: Any = None) -> Table:
    return Table(TABLE, client or place.client, place.clock, max_rcu=1e9, max_wcu=1e9)


def large_data_of(bucket: MemoryBucket) -> LargeData:
    return LargeData("large-data", threshold=2048, client=bucket)


def export(place: Place, path: Path, **options: Any) -> list[str]:
    left: list[str] = []
    export_to_file(table_of(place), path, Options(on_left=left.append, **options))
    return left


def imported(place: Place, path: Path, **choices: Any) -> tuple[MemoryClient, dict[Outcome, int], list[LineProblem]]:
    client, problems = MemoryClient(), list[LineProblem]()
    client.create_table(TableName=TABLE)
    done = import_file(table_of(place, client), path, Choices(**choices), on_problem=problems.append)
    return client, {outcome: number for outcome, number in done.counts.items() if number}, problems


@pytest.mark.parametrize("form", FORMS)
def test_an_export_has_large_data_in_it_and_an_import_puts_it_into_another_bucket(
    place: Place, tmp_path: Path, form: str
) -> None:
    created = place.store(encryption=FORMS[form]).create_session("ana", data=LARGE)
    child = place.store(encryption=FORMS[form]).create_child_session(created.session, data=LARGE)
    bucket = MemoryBucket()

    assert export(place, tmp_path / "all", large_data=large_data_of(place.bucket)) == []
    client, counts, problems = imported(place, tmp_path / "all", revive=True, large_data=large_data_of(bucket))

    assert (problems, counts[Outcome.CREATED]) == ([], len(place.rows))
    store = place.store(dynamodb_client=client, s3_client=bucket, encryption=FORMS[form])
    assert store.validate(created.token).data == LARGE
    assert store.validate(child.token, child=True).data == LARGE
    assert len(bucket.objects) == 2

    again = import_file(table_of(place, client), tmp_path / "all", Choices(True, large_data=large_data_of(bucket)))
    assert again.counts[Outcome.CREATED] == 0
    assert len(bucket.objects) == 2


def test_an_export_without_the_bucket_names_the_sessions_and_an_import_ends_them(place: Place, tmp_path: Path) -> None:
    session = place.store().create_session("ana", data=LARGE).session
    place.store().create_session("ana", data={"small": True})

    assert export(place, tmp_path / "all") == [session.session_id]
    client, counts, (problem,) = imported(place, tmp_path / "all", revive=True)

    assert counts[Outcome.ENDED] == 1
    assert problem.session_id == session.session_id
    assert problem.problem.endswith("it arrives as ended")
    store = SessionStore(TABLE, dynamodb_client=client, clock=place.clock)
    assert [each.data for each in store.get_customer_sessions("ana").sessions] == [{"small": True}]


def test_an_export_follows_a_pointer_that_moved_and_names_an_object_that_is_gone(place: Place, tmp_path: Path) -> None:
    moved, gone = (place.store().create_session("ana", data=LARGE).session for _ in range(2))
    key = next(key for key in place.bucket.objects if key.startswith(gone.session_id))
    place.bucket.delete_object(Key=key)
    before = dict(place.rows)

    def move(method: str, answer: Any, parameters: dict[str, Any]) -> Any:
        if method == "get_object" and parameters["Key"].startswith(moved.session_id) and before:
            place.bucket.around = lambda _, answer, parameters: answer(**parameters)
            place.store().increment(moved, "visits")
            place.sweep(before)
        return answer(**parameters)

    place.bucket.around = move

    assert export(place, tmp_path / "all", large_data=large_data_of(place.bucket)) == [gone.session_id]
    assert '"visits":{"N":"2"}' in (tmp_path / "all").read_text()


def test_an_export_waits_for_a_large_object_on_a_slow_line(place: Place, tmp_path: Path) -> None:
    place.store().create_session("ana", data=LARGE)

    def slow(_: str, answer: Any, parameters: dict[str, Any]) -> Any:
        place.clock.advance(timedelta(seconds=30))
        return answer(**parameters)

    place.bucket.around = slow

    assert export(place, tmp_path / "all", large_data=large_data_of(place.bucket)) == []


def test_an_import_that_lost_a_race_deletes_its_object(place: Place, tmp_path: Path) -> None:
    place.store().create_session("ana", data=LARGE)
    export(place, tmp_path / "all", large_data=large_data_of(place.bucket))
    before = dict(place.bucket.objects)

    done = import_file(table_of(place), tmp_path / "all", Choices(revive=True, large_data=large_data_of(place.bucket)))

    assert done.counts[Outcome.THERE] == len(place.rows)
    assert place.bucket.objects == before


@pytest.mark.parametrize("keys", [None, ["notes"]], ids=["all data", "by keys"])
def test_large_data_is_encrypted_by_the_new_key_and_is_then_found_to_be(place: Place, keys: list[str] | None) -> None:
    created = place.store().create_session("ana", data=LARGE, client="Firefox")
    place.store().create_child_session(created.session, data=LARGE)
    moving = Encryption(FernetKeyring(KEY), store_id="tests", keys=keys, accepts_plain=True)
    rotated = Encryption(FernetKeyring(NEW_KEY, KEY), store_id="tests", keys=keys)

    for encryption in (moving, rotated):
        before = dict(place.rows)
        done = reencrypt(table_of(place), encryption, large_data=large_data_of(place.bucket))
        place.sweep(before)
        assert (done.found, done.changed, done.unreadable, done.overtaken) == (2, 2, 0, 0)
        assert reencrypt(table_of(place), encryption, large_data=large_data_of(place.bucket)).found == 0
        assert place.pointed_to == place.bucket.objects.keys()
        assert not [content for content in place.bucket.objects.values() if b"n" * 20 in content]
        assert place.store(encryption=encryption).validate(created.token).data == LARGE


def test_reencrypt_leaves_what_it_cannot_read_and_what_others_saved_meanwhile(place: Place) -> None:
    session = place.store().create_session("ana", data=LARGE).session
    moving = Encryption(FernetKeyring(KEY), store_id="tests", accepts_plain=True)

    unreadable: list[str] = []
    assert reencrypt(table_of(place), moving, on_unreadable=unreadable.append).unreadable == 1
    assert unreadable == [session.session_id]

    def save(method: str, answer: Any, parameters: dict[str, Any]) -> Any:
        if method == "put_object":
            place.bucket.around = lambda _, answer, parameters: answer(**parameters)
            place.store(encryption=moving).increment(session, "visits")
        return answer(**parameters)

    place.bucket.around = save
    done = reencrypt(table_of(place), moving, large_data=large_data_of(place.bucket))

    assert (done.changed, done.overtaken) == (0, 1)
    assert len(place.bucket.objects) == 2


def test_a_fault_of_s3_ends_an_export(place: Place, tmp_path: Path) -> None:
    place.store().create_session("ana", data=LARGE)

    def deny(*_: object) -> Any:
        raise refusal("AccessDenied", 403)

    place.bucket.around = deny
    with pytest.raises(Exception, match="GetObject: AccessDenied"):
        export(place, tmp_path / "all", large_data=large_data_of(place.bucket))
