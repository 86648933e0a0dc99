"""Data that is encrypted before it gets to the table: what is, that nothing encrypted can be moved, what is refused."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers import aead
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from session_store import (
    IncidentName,
    InvalidInputError,
    InvalidTokenError,
    Refusal,
    Session,
    SessionStore,
    StoreConfigurationError,
    Timeouts,
    UnreadableDataError,
)
from session_store.encryption import Encryption, FernetKeyring, KmsKeyring
from session_store.events.records import event_of
from session_store.storage.attribute_values import Item, item_bytes
from session_store.testing import create_table
from session_store.testing.clock import MovableClock
from session_store.whole_table.exporting import Options, export_to_file
from session_store.whole_table.table import Table
from tests.support.forms import KEY
from tests.support.scene import Scene, children_of
from tests.support.stream import StreamingClient

MARK: Final = "Assam-4711"
DATA: Final = {"cart": [MARK], "visits": 1, "nested": {"mark": MARK}}
LARGE: Final = {"cart": [{"article": number, "name": MARK} for number in range(60)]}
LONG: Final = Timeouts(idle=timedelta(days=30), absolute=timedelta(days=30))
OTHER_KEY: Final = Fernet.generate_key()


def encryption(*keys: str, keyring: Any = None, **given: Any) -> Encryption:
    return Encryption(keyring or FernetKeyring(KEY), **{"store_id": "shop", "keys": keys or None} | given)


def store_of(scene: Scene, *keys: str, compression: bool = False, **given: Any) -> SessionStore:
    """Another process's store."""
    return scene.store_with(encryption=encryption(*keys, **given), compression=compression)


@pytest.fixture
def store(scene: Scene) -> SessionStore:
    return store_of(scene)


def row_of(scene: Scene, session_id: str) -> Item:
    return next(row for row in scene.raw_rows() if row["PK"]["S"].endswith(session_id) and "data" in row)


def put(scene: Scene, row: Item, **changes: Any) -> None:
    kept = {name: value for name, value in (row | changes).items() if value is not None}
    scene.client.put_item(TableName=scene.table_name, Item=kept)


def is_marked(rows: list[Item]) -> bool:
    return MARK in repr(rows)


# What is encrypted


def test_neither_data_nor_client_is_in_the_table(scene: Scene, store: SessionStore) -> None:
    created = store.create_session("ana", data=DATA, client=MARK)
    store.create_child_session(created.session, data=DATA)
    store.update_data(created.session, {"more": MARK})
    store.increment(created.session, "visits")

    assert not is_marked(scene.raw_rows())
    session = store_of(scene).validate(created.token)
    assert session.data == DATA | {"more": MARK, "visits": 2}
    assert isinstance(session, Session)
    assert session.client == MARK
    assert [child.data for child in children_of(store, session) or ()] == [DATA]


@pytest.mark.shows("T130")
def test_neither_stream_nor_export_events_or_logs_show_marked_data(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = StreamingClient()
    create_table(client, "sessions")
    store = SessionStore("sessions", dynamodb_client=client, encryption=encryption(), observer=lambda _: None)
    created = store.create_session("ana", data=DATA, client=MARK)
    store.create_child_session(created.session, data=DATA)
    store.update_data(created.session, {"more": MARK})
    store.end_customer_sessions("ana")
    store.create_session(data=DATA)
    export_to_file(Table("sessions", client), tmp_path / "all.jsonl", Options())

    records = client.records
    shown = [repr(records), repr([event_of(record) for record in records]), (tmp_path / "all.jsonl").read_text()]
    assert len(records) > 5
    assert not [
        text for text in (*shown, caplog.text) if MARK in text or b64encode(MARK.encode()).decode()[:12] in text
    ]


def test_chosen_keys_are_encrypted_and_the_others_stay_readable(scene: Scene) -> None:
    store = store_of(scene, "cart")
    session = store.create_session("ana", data={"cart": [MARK], "theme": "dark"}, client="phone").session

    row = row_of(scene, session.session_id)
    assert not is_marked([row])
    assert row["data"]["M"]["theme"] == {"S": "dark"}
    assert row["client"] == {"S": "phone"}
    assert store_of(scene, "cart").get_session(session.session_id) == session


def test_saves_of_different_keys_never_collide_where_keys_are_chosen(scene: Scene) -> None:
    store, other = store_of(scene, "cart", "card"), store_of(scene, "cart", "card")
    session = store.create_session("ana", data={"cart": [1], "card": "x", "visits": 1}).session
    other.update_data(session, {"card": MARK})
    other.increment(session, "visits", 5)
    scene.faults.calls.clear()

    assert store.update_data(session, {"cart": [2]}).data == {"cart": [2], "card": MARK, "visits": 6}
    assert store.increment(session, "visits").data["visits"] == 7
    assert scene.faults.operations == ["UpdateItem", "UpdateItem"]


def test_an_encrypted_counter_and_one_time_value_lose_nothing(scene: Scene) -> None:
    store = store_of(scene, "visits", "state")
    session = store.create_session("ana", data={"visits": 1, "state": "xyz"}).session
    scene.faults.before("UpdateItem", lambda: store_of(scene, "visits", "state").increment(session, "visits", 10))

    assert store.increment(session, "visits").data["visits"] == 12
    assert [store.take(session, "state", "gone") for _ in range(2)] == ["xyz", "gone"]


def test_what_is_encrypted_is_compressed_before_where_that_saves_a_unit(scene: Scene) -> None:
    compressing, plain = store_of(scene, compression=True), store_of(scene)
    sizes = []
    for store in (compressing, plain):
        session = store.create_session("ana", data=LARGE).session
        sizes.append(-(-item_bytes(row_of(scene, session.session_id)) // 1024))
        assert compressing.get_session(session.session_id) == plain.get_session(session.session_id)

    assert sizes == [1, 3]


# Data keys


class FakeKms:
    """KMS, as far as a keyring calls it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.waits = 0.0

    def generate_data_key(self, **given: Any) -> dict[str, Any]:
        self.calls.append(("GenerateDataKey", given["EncryptionContext"]))
        return {"Plaintext": b"k" * 32, "CiphertextBlob": b"wrapped", "KeyId": given["KeyId"]}

    def decrypt(self, **given: Any) -> dict[str, Any]:
        self.calls.append(("Decrypt", given["EncryptionContext"]))
        Event().wait(self.waits)
        return {"Plaintext": b"k" * 32, "KeyId": given["KeyId"]}


def arn(name: str) -> str:
    return f"arn:aws:kms:eu-central-1:111122223333:key/{name}"


def test_a_process_asks_kms_once_for_a_key_however_many_sessions_it_serves(scene: Scene) -> None:
    kms = FakeKms()

    def new_process() -> SessionStore:
        return store_of(scene, keyring=KmsKeyring(arn("one"), client=kms))

    first, second = new_process(), new_process()
    tokens = [first.create_session("ana", data=DATA).token for _ in range(5)]
    for token in tokens * 2:
        second.validate(token)

    context = {"session-store": "shop"}
    assert kms.calls == [("GenerateDataKey", context), ("Decrypt", context)]
    assert [row["PK"]["S"][:4] for row in scene.raw_rows() if row["entity_type"]["S"] == "data_key"] == ["key#"]


def test_threads_that_meet_a_key_at_once_ask_kms_once(scene: Scene) -> None:
    kms = FakeKms()
    token = store_of(scene, keyring=KmsKeyring(arn("one"), client=kms)).create_session("ana", data=DATA).token
    kms.waits = 0.1  # so that the others get there meanwhile
    other = store_of(scene, keyring=KmsKeyring(arn("one"), client=kms))

    with ThreadPoolExecutor(8) as threads:
        assert {str(session.data) for session in threads.map(other.validate, [token] * 8)} == {str(DATA)}
    assert [operation for operation, _ in kms.calls] == ["GenerateDataKey", "Decrypt"]


@pytest.mark.shows("T130")
def test_a_value_is_of_its_store_alone_even_under_one_data_key(scene: Scene) -> None:
    keyring = KmsKeyring(arn("one"), client=FakeKms())  # that does not look at the context
    session = store_of(scene, keyring=keyring).create_session("ana", data=DATA).session

    with pytest.raises(UnreadableDataError, match="encrypted for another store"):
        store_of(scene, keyring=keyring, store_id="other").get_session(session.session_id)


def test_each_week_has_a_key_and_older_ones_are_still_read(scene: Scene, store: SessionStore) -> None:
    created = store.create_session("ana", data=DATA, timeouts=LONG)
    scene.clock.advance(timedelta(days=7))
    store.validate(created.token)
    store.update_data(created.session, {"more": 1})

    assert sum(row["entity_type"]["S"] == "data_key" for row in scene.raw_rows()) == 2
    assert store_of(scene).validate(created.token).data["more"] == 1


def test_of_two_processes_that_make_a_weeks_key_at_once_one_wins(scene: Scene, store: SessionStore) -> None:
    other = store_of(scene)
    made: list[Session] = []
    scene.faults.before("PutItem", lambda: made.append(other.create_session("ana", data=DATA).session))
    session = store.create_session("ana", data=DATA).session

    assert other.get_session(session.session_id) == session
    assert store.get_session(made[0].session_id) == made[0]


def test_a_new_key_encrypts_at_once_and_an_old_one_is_still_read(scene: Scene, store: SessionStore) -> None:
    old = store.create_session("ana", data=DATA).session
    rotated = store_of(scene, keyring=FernetKeyring(OTHER_KEY, KEY))
    new = rotated.create_session("ana", data=DATA).session

    assert rotated.get_session(old.session_id) == old
    with pytest.raises(UnreadableDataError, match="the keyring has no key for it"):
        store_of(scene).get_session(new.session_id)
    rotated.update_data(old, {"more": 1})
    only_new = store_of(scene, keyring=FernetKeyring(OTHER_KEY))
    assert only_new.get_session(old.session_id).data["more"] == 1  # type: ignore[union-attr]


def test_a_data_key_of_another_store_is_a_configuration_error(scene: Scene, store: SessionStore) -> None:
    store.create_session("ana", data=DATA)

    with pytest.raises(StoreConfigurationError, match="store_id"):
        store_of(scene, store_id="other").create_session("ana", data=DATA)


# Attacks by those who can write the table


@contextmanager
def refused(scene: Scene, store: SessionStore, session: Session) -> Iterator[None]:
    """Its data is refused wherever it is read, without a word of it, nothing ends, and it can be ended."""
    yield
    reader = store_of(scene)
    calls: tuple[Callable[[], object], ...] = (
        lambda: reader.get_session(session.session_id),
        lambda: reader.update_data(session.session_id, {"a": 1}),
        lambda: reader.replace_data(session.session_id, {}, version=1),
    )
    for call in calls:
        with pytest.raises(UnreadableDataError) as raised:
            call()
        assert MARK not in str(raised.value)
        assert raised.value.__context__ is None
    assert session.session_id not in {each.session_id for each in reader.get_customer_sessions("ana").sessions}
    assert {event.name for event in scene.events} == {IncidentName.UNREADABLE_ROW}
    assert store.end_session(session.session_id)


Tamper = Callable[[Item, Item], dict[str, Any]]
TAMPERED: dict[str, Tamper] = {
    "the data of another session": lambda _, other: {"data": other["data"]},
    "its client in place of its data": lambda row, _: {"data": row["client"]},
    "another session's client": lambda _, other: {"client": other["client"]},
    "one bit flipped": lambda row, _: {"data": {"B": row["data"]["B"][:-1] + bytes([row["data"]["B"][-1] ^ 1])}},
    "another form claimed": lambda row, _: {"data": {"B": b"\2" + row["data"]["B"][1:]}},
    "the name of another key": lambda row, _: {"data": {"B": row["data"]["B"][:1] + bytes(8) + row["data"]["B"][9:]}},
    "truncated": lambda row, _: {"data": {"B": row["data"]["B"][:40]}},
    "next to nothing": lambda *_: {"data": {"B": b"\1"}},
    "text": lambda *_: {"data": {"S": "tea"}},
    "no data": lambda *_: {"data": None},
    "no data and no codec": lambda *_: {"data": None, "data_codec": None},
    "plain data": lambda *_: {"data": {"M": {"admin": {"BOOL": True}}}, "data_codec": None},
    "plain data among chosen keys": lambda *_: {"data": {"M": {"admin": {"BOOL": True}}}, "data_codec": {"S": "k"}},
    "no data among chosen keys": lambda *_: {"data": {"M": {}}, "data_codec": {"S": "k"}},
    "the data under a chosen key": lambda row, _: {"data": {"M": {"cart": row["data"]}}, "data_codec": {"S": "k"}},
    "compressed data": lambda *_: {"data": {"B": b"x\x9c\xab\xae\x05\x00\x01u\x00\xf9"}, "data_codec": {"S": "z"}},
    "a plain client": lambda *_: {"client": {"S": "phone"}},
}


@pytest.mark.shows("T130")
@pytest.mark.parametrize("attempt", TAMPERED)
def test_what_was_moved_changed_or_put_in_plainly_is_refused(scene: Scene, store: SessionStore, attempt: str) -> None:
    session, other = (store.create_session("ana", data=DATA, client=MARK).session for _ in range(2))
    row = row_of(scene, session.session_id)

    with refused(scene, store, session):
        put(scene, row, **TAMPERED[attempt](row, row_of(scene, other.session_id)))


@pytest.mark.shows("T130")
def test_an_encrypted_value_cannot_be_moved_to_another_key(scene: Scene) -> None:
    store = store_of(scene, "cart", "card")
    session = store.create_session("ana", data={"cart": [1], "card": [2]}).session
    row = row_of(scene, session.session_id)
    members = row["data"]["M"]

    for value in (members["card"], {"NULL": True}):
        put(scene, row, data={"M": members | {"cart": value}})
        with pytest.raises(UnreadableDataError):
            store.get_session(session.session_id)


@pytest.mark.shows("T130")
def test_a_data_key_that_was_exchanged_opens_nothing(scene: Scene, store: SessionStore) -> None:
    session = store.create_session("ana", data=DATA, client=MARK, timeouts=LONG).session
    scene.clock.advance(timedelta(days=7))
    store.create_session("ana", data=DATA)
    first, second = (row for row in scene.raw_rows() if row["entity_type"]["S"] == "data_key")

    with refused(scene, store, session):
        put(scene, first, wrapped=second["wrapped"])
        put(scene, second, wrapped=first["wrapped"])


@pytest.mark.shows("T130")
def test_a_data_key_that_has_leaked_is_another_one_in_a_later_weeks_row(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[bytes] = []

    def cipher(key: bytes) -> AESGCM:
        used.append(key)
        return AESGCM(key)

    monkeypatch.setattr(aead, "AESGCM", cipher)
    keyring = KmsKeyring(arn("one"), client=FakeKms())  # the same key each week, as if its row was copied
    store = store_of(scene, keyring=keyring)
    for _ in range(2):
        store.create_session("ana", data=DATA)
        scene.clock.advance(timedelta(days=7))

    assert len({*used, b"k" * 32}) == 3


def test_a_row_from_before_data_keys_were_bound_to_their_week_is_read_and_saved(scene: Scene) -> None:
    earlier = json.loads(Path(__file__).with_name("earlier_encrypted.json").read_text())
    for row in (earlier["data_key"], earlier["session"]):
        put(
            scene, {name: {k: b64decode(v) if k == "B" else v for k, v in value.items()} for name, value in row.items()}
        )
    clock = MovableClock(datetime(2026, 11, 28, tzinfo=UTC))
    store, other = (scene.another_store(encryption=encryption(), clock=clock) for _ in range(2))

    session = store.validate(earlier["token"])
    assert (session.data, getattr(session, "client", None)) == ({"cart": ["tea"]}, "phone")
    clock.advance(timedelta(days=7))
    store.update_data(session.session_id, {"visits": 1})
    assert other.validate(earlier["token"]).data == {"cart": ["tea"], "visits": 1}


def test_a_whole_older_row_can_be_put_back_unnoticed(scene: Scene, store: SessionStore) -> None:
    session = store.create_session("ana", data={"cart": []}).session
    older = row_of(scene, session.session_id)
    store.update_data(session, {"cart": ["tea"]})

    put(scene, older)
    assert store.get_session(session.session_id) == session  # a known limit


def test_plain_rows_are_read_while_a_setting_says_so_and_encrypted_by_their_next_save(
    scene: Scene, store: SessionStore
) -> None:
    plain = scene.store.create_session("ana", data=DATA, client=MARK).session
    moving = store_of(scene, accepts_plain=True)

    assert moving.get_session(plain.session_id) == plain
    with pytest.raises(UnreadableDataError, match="accepts_plain"):
        store.get_session(plain.session_id)

    assert moving.update_data(plain, {"more": 1}).data == DATA | {"more": 1}
    assert not is_marked([{"data": row_of(scene, plain.session_id)["data"]}])


def of_a_newer_form(row: Item) -> dict[str, Any]:
    return {"data": {"B": b"\x7f" + row["data"]["B"][1:]}}


def of_a_newer_codec(_: Item) -> dict[str, Any]:
    return {"data_codec": {"S": "x9"}}


@pytest.mark.parametrize("newer", [None, of_a_newer_form, of_a_newer_codec])
def test_a_library_or_store_that_does_not_know_a_form_changes_nothing_of_it(
    scene: Scene, store: SessionStore, newer: Callable[[Item], dict[str, Any]] | None
) -> None:
    """The store of an earlier version, or without the keys."""
    created = store.create_session("ana", data=DATA)
    session_id = created.session.session_id
    if newer:
        put(scene, row_of(scene, session_id), **newer(row_of(scene, session_id)))
    before, old = row_of(scene, session_id), store if newer else scene.other

    calls: tuple[Callable[[], object], ...] = (
        lambda: old.validate(created.token),
        lambda: old.update_data(session_id, {"visits": 2}, last_write_wins=True),
        lambda: old.replace_data(session_id, {}, version=1),
        lambda: old.increment(session_id, "visits"),
        lambda: old.take(session_id, "visits"),
        lambda: old.create_session("ana", replaces=created.token, carry_data=True),
    )
    for call in calls:
        with pytest.raises(UnreadableDataError):
            call()
    assert row_of(scene, session_id) == before
    assert old.end_session(session_id)


@pytest.mark.parametrize("keys", [(), ("cart",)])
def test_a_store_without_encryption_says_so_and_not_before_ends_what_it_cannot_read(
    scene: Scene, keys: tuple[str, ...]
) -> None:
    created = store_of(scene, *keys).create_session("ana", data=DATA, client=MARK)
    with pytest.raises(UnreadableDataError, match=r"lacks encryption \(SESSION_ENCRYPTION_KEYS\)"):
        scene.other.validate(created.token)

    back = scene.another_store(not_before=datetime.fromtimestamp(scene.clock.now(), UTC) + timedelta(seconds=1))
    with pytest.raises(InvalidTokenError, match=Refusal.REVOKED):
        back.validate(created.token)
    scene.clock.advance(timedelta(seconds=2))
    assert back.create_session("ana", replaces=created.token, carry_data=True).session.data == {}


@pytest.mark.parametrize("given", ["alias/shop", "arn:aws:kms:eu-central-1:111122223333:alias/shop", 5, None])
def test_a_key_of_kms_is_named_by_its_arn(given: Any) -> None:
    with pytest.raises(InvalidInputError, match="key: must be the ARN of a key in KMS, no alias"):
        KmsKeyring(given)


@pytest.mark.parametrize("given", ["secret", b"secret", 5, None])
def test_a_malformed_key_of_fernet_is_refused_and_not_shown(given: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"URL-safe base64$"):
        FernetKeyring(given)


def test_nothing_of_a_key_shows_in_a_repr(scene: Scene) -> None:
    config = encryption()
    store = store_of(scene)
    store.create_session("ana", data=DATA)

    assert KEY not in repr(config) + repr(config.keyring) + repr(store) + json.dumps(str(vars(store)))
