"""The answers of a cache on a real server: from the table once, and refused at once after an end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from valkey import Valkey
from valkey.credentials import UsernamePasswordCredentialProvider

from local.ports import free_port
from local.valkey import Running, valkey_server
from session_store import Timeouts
from tests.validation_cache.processes import HIT, MISS, Process, Table, wait_until

ACCESS = ("~session-store:*", "-@all", "+evalsha", "+eval", "+hmget", "+hset", "+pexpire", "+del", "+info")


@pytest.fixture
def processes(server: Running, table: Table) -> tuple[Process, Process]:
    return table.process(server.port), table.process(server.port)


def test_what_one_process_has_read_another_one_need_not(processes: tuple[Process, Process]) -> None:
    one, other = processes
    token = one.store.create_session("ana", data={"cart": ["tea"], "B": "not bytes"}, client="phone").token

    assert [one.validate(token), one.validate(token), other.validate(token)] == [MISS, HIT, HIT]
    assert other.seen[-1].read_units == 0
    assert other.store.validate(token) == one.store.validate(token, strict=True)


def test_a_visitors_session_and_a_child_are_answered_as_well(processes: tuple[Process, Process]) -> None:
    one, other = processes
    visitor = one.store.create_session()
    under = one.store.create_child_session(visitor.session, audience="mail", data={"app": 1})

    assert [one.validate(visitor.token), other.validate(visitor.token)] == [MISS, HIT]
    for process, counted in ((one, MISS), (other, HIT)):
        assert process.validate(under.token, child=True, audience="mail") is counted
    assert other.store.validate(under.token, child=True, audience="mail") == under.child


def test_an_entry_counts_for_four_seconds(processes: tuple[Process, Process], table: Table) -> None:
    one, _ = processes
    token = one.store.create_session("ana").token
    one.validate(token)

    table.clock.advance(3.9)
    assert one.validate(token) is HIT
    table.clock.advance(0.1)
    assert one.validate(token) is MISS


@pytest.mark.parametrize(("size", "again"), [(31 * 1024, HIT), (33 * 1024, MISS)])
def test_a_large_row_is_not_kept(processes: tuple[Process, Process], size: int, again: str) -> None:
    one, _ = processes
    token = one.store.create_session("ana", data={"text": "x" * size}).token

    assert [one.validate(token), one.validate(token)] == [MISS, again]


@pytest.mark.parametrize(
    "how",
    [
        {"strict": True},
        {"max_auth_age": timedelta(hours=1)},
        {"activity": "read_only"},
    ],
    ids=str,
)
def test_who_wants_the_tables_word_gets_it(processes: tuple[Process, Process], how: dict[str, Any]) -> None:
    one, _ = processes
    token = one.store.create_session("ana").token
    one.validate(token)

    assert one.validate(token, **how) is None
    assert one.seen[-1].read_units > 0


def test_a_save_is_seen_at_once_by_every_process(processes: tuple[Process, Process]) -> None:
    one, other = processes
    created = one.store.create_session("ana")
    other.validate(created.token)

    one.store.update_data(created.session, {"cart": ["rum"]})

    assert other.store.validate(created.token).data == {"cart": ["rum"]}


def test_only_the_token_that_the_session_goes_by_is_answered(processes: tuple[Process, Process], table: Table) -> None:
    one, other = processes
    before = one.store.create_session("ana").token
    new = one.store.rotate(before).token or ""
    another = one.store.rotate(before).token or ""
    assert [one.validate(before), other.validate(before)] == [MISS, HIT]

    assert [one.validate(new), one.validate(new), other.validate(new)] == [MISS, MISS, HIT]
    assert [one.validate(before), one.validate(before)] == [MISS, MISS]
    assert [one.validate(another), one.validate(another)] == [MISS, MISS]
    assert other.validate(new) is HIT
    table.clock.advance(timedelta(minutes=4, seconds=1))
    assert [one.validate(new), one.validate(new), other.validate(new)] == [MISS, MISS, HIT]
    assert other.refuses(before)


def test_a_new_token_is_handed_out_when_it_is_due(processes: tuple[Process, Process], table: Table) -> None:
    one, _ = processes
    token = one.store.create_session(
        "ana", timeouts=Timeouts(idle=timedelta(days=10), absolute=timedelta(days=10))
    ).token
    table.clock.advance(timedelta(minutes=14, seconds=57))
    one.store.validate(token)
    assert one.store.validate_and_rotate(token).token is None

    table.clock.advance(3)

    assert one.store.validate_and_rotate(token).token is not None


def test_a_session_that_runs_out_is_refused_by_the_clock(processes: tuple[Process, Process], table: Table) -> None:
    one, other = processes
    token = one.store.create_session(
        "ana", timeouts=Timeouts(idle=timedelta(seconds=2), absolute=timedelta(hours=1))
    ).token
    one.validate(token)

    table.clock.advance(2)

    assert other.refuses(token)


def test_a_use_that_extends_a_session_is_written_and_kept(processes: tuple[Process, Process], table: Table) -> None:
    one, other = processes
    created = one.store.create_session("ana")
    other.validate(created.token)
    table.clock.advance(timedelta(minutes=4))

    assert [one.validate(created.token), other.validate(created.token)] == [MISS, HIT]
    assert one.seen[-1].write_units > 0
    assert other.store.validate(created.token).expires_at == created.session.expires_at + timedelta(minutes=4)


@pytest.mark.proof
def test_a_cluster_and_a_user_of_few_rights_will_do(valkey: None, table: Table) -> None:
    of_cluster = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))  # else 10,000 above: beyond the last
    with valkey_server(*of_cluster) as running, Valkey(port=running.port) as admin:
        admin.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
        admin.execute_command("ACL SETUSER", "app", "on", ">secret", *ACCESS)
        wait_until(lambda: admin.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
        user = UsernamePasswordCredentialProvider("app", "secret")
        one, other = (table.process(running.port, credentials=user) for _ in range(2))
        created = one.store.create_session("ana")

        assert [one.validate(created.token), one.validate(created.token), other.validate(created.token)] == [
            MISS,
            HIT,
            HIT,
        ]
        assert table.seconds_of(lambda: one.store.end_session(created.session)) == 0
        assert other.refuses(created.token)
        assert one.faults == other.faults == 0
