"""The commands that change something: `end` and `erase`."""

from __future__ import annotations

import pytest

from session_store import Session, SessionStore
from session_store.aws import connect
from session_store.clock import SystemClock
from tests.unit.cli.conftest import CommandLine, cache_nowhere

NONE = "01880fb9-92c0-7001-8abc-000000000002"
ASKING = pytest.mark.parametrize(
    "arguments",
    [("end", "--customer", "ABC"), ("end", "--customer", "-"), ("end", "-"), ("erase", "ABC"), ("erase", "-")],
)


@pytest.fixture
def sessions(command_line: CommandLine) -> list[Session]:
    """Three of customer ABC."""
    return [command_line.store.create_session("ABC").session for _ in range(3)]


def alive(store: SessionStore, customer_id: str = "ABC") -> set[str]:
    return {session.session_id for session in store.get_customer_sessions(customer_id).sessions}


def test_a_session_ends_once(command_line: CommandLine, sessions: list[Session]) -> None:
    first, *others = sessions

    assert command_line.rows("end", first.session_id) == [{"session_id": first.session_id, "ended": True}]
    assert command_line.rows("end", first.session_id) == [{"session_id": first.session_id, "ended": False}]
    assert command_line.rows("end", NONE) == [{"session_id": NONE, "ended": False}]
    assert alive(command_line.store) == {session.session_id for session in others}


def test_all_sessions_of_a_customer_end(command_line: CommandLine, sessions: list[Session]) -> None:
    done = command_line.rows("end", "--customer", "ABC", "--yes")

    assert done == [{"customer_id": "ABC", "sessions_ended": len(sessions)}]
    assert not alive(command_line.store)


def test_all_but_one_end(command_line: CommandLine, sessions: list[Session]) -> None:
    kept = sessions[1].session_id

    (done,) = command_line.rows("end", "--customer", "ABC", "--except", kept, "--yes")
    assert done["sessions_ended"] == 2
    assert alive(command_line.store) == {kept}


def test_nothing_ends_when_the_session_to_keep_is_not_the_customers(
    command_line: CommandLine, sessions: list[Session]
) -> None:
    done = command_line.run("end", "--customer", "ABC", "--except", NONE, "--yes")

    assert (done.exit_code, done.stderr) == (3, f"Error: no live session {NONE}\n")
    assert len(alive(command_line.store)) == len(sessions)


@pytest.mark.parametrize("arguments", [("{id}",), ("--customer", "ABC", "--yes")])
def test_the_rows_say_that_an_operator_did_it(
    command_line: CommandLine, sessions: list[Session], arguments: tuple[str, ...]
) -> None:
    command_line.rows("end", *(text.format(id=sessions[0].session_id) for text in arguments))

    rows = connect("dynamodb").scan(TableName=command_line.store.table_name)["Items"]
    assert {row["end_reason"]["S"] for row in rows if "end_reason" in row} == {"operator"}


def test_those_of_a_list_end(command_line: CommandLine, sessions: list[Session]) -> None:
    lines = command_line.run("list", "ABC").stdout

    done = command_line.rows("end", "-", "--yes", stdin=lines)
    assert {row["session_id"] for row in done if row["ended"]} == {session.session_id for session in sessions}


def test_an_erasure_leaves_no_row(command_line: CommandLine, sessions: list[Session]) -> None:
    command_line.store.create_child_session(sessions[0])
    command_line.store.end_session(sessions[1])

    (done,) = command_line.rows("erase", "ABC", "--yes")
    assert done == {"customer_id": "ABC", "rows_deleted": 4}
    assert command_line.store.get_last_login_time("ABC") is None


def test_customers_from_stdin_are_erased_and_a_wrong_id_is_named(
    command_line: CommandLine, sessions: list[Session]
) -> None:
    done = command_line.run("erase", "-", "--yes", stdin=f"{'x' * 600}\r\nABC\r\n")

    assert done.exit_code == 1
    assert "must have 1 to 512 characters" in done.stderr
    assert f'"rows_deleted": {len(sessions)}' in done.stdout


@ASKING
def test_without_a_terminal_it_names_the_flag_and_does_nothing(
    command_line: CommandLine, sessions: list[Session], arguments: tuple[str, ...]
) -> None:
    done = command_line.run(*arguments, stdin="ABC\n")

    assert (done.exit_code, done.stdout) == (2, "")
    assert "stdin is no terminal: add --yes" in done.stderr
    assert len(alive(command_line.store)) == len(sessions)


@pytest.mark.parametrize(
    ("arguments", "row"),
    [
        (("end", "--customer", "ABC"), {"customer_id": "ABC", "sessions": 3, "rru": 1.5, "wru": 5}),
        (("erase", "ABC"), {"customer_id": "ABC", "sessions": 3, "rru": 3.5, "wru": 11}),
        (("end", "--customer", "none"), {"customer_id": "none", "sessions": 0, "rru": 1.5, "wru": 2}),
        (("end", NONE), {"session_id": NONE, "sessions": 0, "rru": 1, "wru": 1}),
    ],
)
def test_a_dry_run_says_how_many_and_the_units_and_changes_nothing(
    command_line: CommandLine, sessions: list[Session], arguments: tuple[str, ...], row: dict[str, object]
) -> None:
    assert command_line.rows(*arguments, "--dry-run") == [row]
    assert len(alive(command_line.store)) == len(sessions)


def test_a_dry_run_counts_the_session_to_keep_as_kept(command_line: CommandLine, sessions: list[Session]) -> None:
    (row,) = command_line.rows("end", "--customer", "ABC", "--except", sessions[0].session_id, "--dry-run")

    assert (row["sessions"], row["wru"]) == (2, 7)


@pytest.mark.parametrize(
    "arguments",
    [(), (NONE, "--customer", "ABC"), (NONE, "--except", NONE), (NONE, "--cursor", "1..x"), ("--except", NONE)],
)
def test_options_that_do_not_go_together_are_a_usage_error(
    command_line: CommandLine, arguments: tuple[str, ...]
) -> None:
    done = command_line.run("end", *arguments)

    assert done.exit_code == 2
    assert "Give the ID of a session, --customer or" in done.stderr


def test_a_cursor_of_another_call_is_refused(command_line: CommandLine, sessions: list[Session]) -> None:
    done = command_line.run("end", "--customer", "ABC", "--yes", "--cursor", f"1..{NONE}")

    assert done.exit_code == 2
    assert "begin anew, without it" in done.stderr
    assert len(alive(command_line.store)) == len(sessions)


def test_an_end_waits_for_a_cache_that_it_cannot_tell(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch, sessions: list[Session]
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: waited.append(seconds))

    done = command_line.run("end", sessions[0].session_id, **cache_nowhere())

    assert done.exit_code == 0, done.stderr
    assert sum(waited) == pytest.approx(5, abs=0.5)
