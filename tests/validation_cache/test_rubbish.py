"""Entries that the library did not make: each is a miss, counted as a fault, and lets no one in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from local.valkey import Running
from session_store import CreatedSession
from session_store.encryption import Encryption, FernetKeyring
from tests.support.forms import KEY
from tests.validation_cache.processes import HIT, MISS, Process, Table, admin

RUBBISH: Final[dict[str, Callable[[bytes], bytes]]] = {
    "nothing": lambda _: b"",
    "a text": lambda _: b"valid",
    "a part": lambda value: value[:-5],
    "more": lambda value: value + b" ",
    "another mark": lambda value: bytes(32) + value[32:],
    "a later moment": lambda value: value.replace(b'{"at":', b'{"at":1'),
    "another customer": lambda value: value.replace(b'"ana"', b'"eva"'),
}


@pytest.fixture(name="admin")
def of_the_server(server: Running) -> Iterator[Any]:
    with admin(server.port) as client:
        client.flushall()
        yield client


@pytest.fixture
def process(server: Running, table: Table) -> Process:
    return table.process(server.port)


@pytest.fixture
def created(process: Process) -> CreatedSession:
    created = process.store.create_session("ana")
    assert [process.validate(created.token), process.validate(created.token)] == [MISS, HIT]
    return created


def _entry(admin: Any, kind: str) -> tuple[str, str, bytes]:
    """The key, the field and the value of the only entry of a kind."""
    (key,) = admin.keys(f"session-store:sessions:{kind}:*")
    ((field, value),) = [each for each in admin.hgetall(key).items() if each[0] not in {b"server", b"lease"}]
    return key, field, value


@pytest.mark.shows("T140")
@pytest.mark.parametrize("name", RUBBISH)
def test_a_changed_entry_is_a_miss(admin: Any, process: Process, created: CreatedSession, name: str) -> None:
    key, field, value = _entry(admin, "s")
    admin.hset(key, field, RUBBISH[name](value))

    assert process.validate(created.token) is MISS
    assert process.faults == 1
    assert process.validate(created.token) is HIT


@pytest.mark.parametrize("value", [b"", b"[", b"[1, 2]", b'[0, "zz", 1]', b"[" * 9999, b'["nan", "", 1]'])
def test_a_changed_customer_is_a_miss(admin: Any, process: Process, created: CreatedSession, value: bytes) -> None:
    key, field, _ = _entry(admin, "c")
    admin.hset(key, field, value)

    assert process.validate(created.token) is MISS
    assert process.validate(created.token) is HIT


@pytest.mark.shows("T140")
def test_an_entry_under_another_token_lets_no_one_in(admin: Any, process: Process, created: CreatedSession) -> None:
    _, _, value = _entry(admin, "s")
    ended = process.store.create_session("eva")
    process.validate(ended.token)
    process.store.end_session(ended.session)
    own = process.store.create_session("ida")
    process.validate(own.token)
    for key in admin.keys("session-store:sessions:s:*"):
        for field in set(admin.hgetall(key)) - {b"server", b"lease"}:
            admin.hset(key, field, value)

    assert process.store.validate(own.token).customer_id == "ida"
    assert process.refuses(ended.token)


def test_a_key_of_another_type_is_a_fault_that_an_end_removes(
    admin: Any, process: Process, created: CreatedSession, table: Table
) -> None:
    key, _, _ = _entry(admin, "s")
    admin.set(key, "text")

    assert process.validate(created.token) is MISS
    assert table.seconds_of(lambda: process.store.end_session(created.session)) == 0
    assert admin.exists(key) == 0


def _everything(admin: Any) -> bytes:
    hashes = [admin.hgetall(key) for key in admin.scan_iter()]
    return b"".join(part for one in hashes for pair in one.items() for part in pair)


def test_the_cache_knows_no_secret_and_no_name(admin: Any, process: Process, created: CreatedSession) -> None:
    _, _, family, secret = created.token.split(".")
    known = _everything(admin)

    assert family.encode() not in known
    assert secret.encode() not in known
    assert b"ana" not in b"".join(admin.scan_iter())
    assert not [name for name in (b"head", b"rotation_key", b"family_hash") if name in known]


def test_data_that_the_table_has_encrypted_is_encrypted_in_the_cache(admin: Any, server: Running, table: Table) -> None:
    encryption = Encryption(FernetKeyring(KEY), store_id="tests")
    one, other = (table.process(server.port, encryption=encryption) for _ in range(2))
    created = one.store.create_session("ana", data={"cart": "a marked value"}, client="a marked phone")

    assert [one.validate(created.token), other.validate(created.token)] == [MISS, HIT]

    assert other.store.validate(created.token) == created.session
    assert b"marked" not in _everything(admin)
