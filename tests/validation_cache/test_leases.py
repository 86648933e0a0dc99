"""The rules of leases, of a real server and of the one in memory that the searches run on; and a real failover."""

from __future__ import annotations

import pytest

from local.ports import HOST
from local.valkey import Running, valkey_server
from session_store.validation_cache.server import Found, Server, ValkeyServer, Wanted
from tests.support.cache_server import MemoryServer
from tests.validation_cache.processes import HIT, MISS, Table, admin, wait_until

KEY = "session-store:t:s:1"


def _read(server: Server, lease: bytes = b"lease", field: str = "f") -> Found:
    (found,) = server.read([Wanted(KEY, field, lease)])
    return found


@pytest.fixture(params=["memory", "valkey"])
def leases(request: pytest.FixtureRequest) -> Server:
    if request.param == "memory":
        return MemoryServer()
    running: Running = request.getfixturevalue("server")
    admin(running.port).delete(KEY)
    return ValkeyServer(HOST, running.port, tls=False, credentials=None)


def test_the_first_reader_makes_the_lease_and_others_share_it(leases: Server) -> None:
    assert [_read(leases, b"one"), _read(leases, b"two")] == [Found(b"one", None)] * 2


def test_a_value_goes_in_under_the_lease_alone(leases: Server) -> None:
    assert not leases.store(KEY, "f", b"one", b"value")
    _read(leases, b"one")
    assert not leases.store(KEY, "f", b"two", b"value")
    assert _read(leases).value is None

    assert leases.store(KEY, "f", b"one", b"value")
    assert _read(leases) == Found(b"one", b"value")


def test_a_deletion_takes_the_values_and_the_lease(leases: Server) -> None:
    _read(leases, b"one")
    leases.store(KEY, "f", b"one", b"value")

    leases.delete([KEY, "session-store:t:s:none"])

    assert not leases.store(KEY, "f", b"one", b"value")
    assert _read(leases, b"two") == Found(b"two", None)
    assert not leases.store(KEY, "f", b"one", b"value")


def test_fields_are_read_by_themselves_and_several_in_one_trip(leases: Server) -> None:
    _read(leases, b"one")
    leases.store(KEY, "f", b"one", b"value")

    wanted = [Wanted(KEY, "f", b"x"), Wanted(KEY, "g", b"x")]

    assert leases.read(wanted) == [Found(b"one", b"value"), Found(b"one", None)]


def test_a_lease_runs_out(server: Running) -> None:
    leases = ValkeyServer(HOST, server.port, tls=False, credentials=None)
    _read(leases)

    assert 4000 < admin(server.port).pttl(KEY) <= 5000


def test_a_server_that_takes_over_knows_nothing_of_the_one_before(valkey: None, table: Table) -> None:
    at_once = ("--repl-diskless-sync-delay", "0")
    with valkey_server(*at_once) as first, valkey_server("--replicaof", HOST, str(first.port)) as second:
        standby = admin(second.port)
        one = table.process(first.port)
        token = one.store.create_session("ana").token
        wait_until(lambda: standby.info("replication")["master_link_status"] == "up")
        assert [one.validate(token), one.validate(token)] == [MISS, HIT]
        wait_until(lambda: standby.dbsize() == 2)

        standby.replicaof("NO", "ONE")

        other = table.process(second.port)
        assert [other.validate(token), other.validate(token)] == [MISS, HIT]
