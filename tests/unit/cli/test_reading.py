"""The commands that read: `list`, `show`, `last-login`, `children`."""

from __future__ import annotations

import json

import pytest

from session_store import Session
from session_store.kernel.response import session_json
from tests.unit.cli.conftest import CommandLine

NONE = "01880fb9-92c0-7001-8abc-000000000002"
READING = pytest.mark.parametrize("command", ["list", "show", "children"])


@pytest.fixture
def session(command_line: CommandLine) -> Session:
    return command_line.store.create_session("ABC", client="Firefox on Linux", data={"secret": "rose"}).session


def test_a_list_has_the_customers_sessions_newest_first_a_line_each(
    command_line: CommandLine, session: Session
) -> None:
    newer = command_line.store.create_session("ABC").session
    command_line.store.create_session("XYZ")

    assert [row["session_id"] for row in command_line.rows("list", "ABC")] == [newer.session_id, session.session_id]


def test_a_long_list_comes_in_pages_of_the_index(command_line: CommandLine) -> None:
    ids = [command_line.store.create_session("ABC").session.session_id for _ in range(101)]

    assert [row["session_id"] for row in command_line.rows("list", "ABC")] == ids[::-1]
    rest = command_line.rows("list", "ABC", "--cursor", ids[2])
    assert [row["session_id"] for row in rest] == [ids[1], ids[0]]


def test_a_customer_without_sessions_has_an_empty_list(command_line: CommandLine) -> None:
    assert command_line.rows("list", "ABC") == []
    assert command_line.run("list", "ABC", "--output", "json").stdout == "[]\n"
    assert command_line.rows("last-login", "ABC") == [{"customer_id": "ABC", "last_login_time": None}]


def test_json_is_one_array_with_what_json_lines_have(command_line: CommandLine, session: Session) -> None:
    command_line.store.create_session("ABC")

    array = json.loads(command_line.run("list", "ABC", "--output", "json").stdout)
    assert array == command_line.rows("list", "ABC", "--output", "jsonl")
    assert session.session_id in {row["session_id"] for row in array}


def test_a_row_is_the_session_of_the_http_api_without_its_data(command_line: CommandLine, session: Session) -> None:
    expected = session_json(session)
    del expected["data"]

    assert command_line.rows("show", session.session_id) == [expected]
    assert command_line.rows("list", "ABC") == [expected]


@READING
def test_data_is_shown_when_asked_for_and_never_else(command_line: CommandLine, session: Session, command: str) -> None:
    child = command_line.store.create_child_session(session, data={"secret": "rose"}).child
    argument = "ABC" if command == "list" else session.session_id

    (row,) = command_line.rows(command, argument, "--show-data")
    assert row["data"] == {"secret": "rose"}
    for form in ("json", "jsonl"):
        assert "rose" not in command_line.run(command, argument, "--output", form).output
    assert child.child_session_id != session.session_id


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_data_cannot_move_the_cursor_of_a_terminal(command_line: CommandLine, form: str) -> None:
    data = {"text": "\x9b2J\u202e\x7fü"}
    session = command_line.store.create_session("ABC", data=data).session

    said = command_line.run("show", session.session_id, "--show-data", "--output", form).stdout
    assert said.replace("\n", "").isprintable()
    assert "ü" in said
    assert json.loads(said)["data"] == data


@READING
def test_a_result_has_no_token_and_no_hash(command_line: CommandLine, command: str) -> None:
    created = command_line.store.create_session("ABC", data={"a": 1})
    child = command_line.store.create_child_session(created.session)
    argument = "ABC" if command == "list" else created.session.session_id

    said = command_line.run(command, argument, "--show-data").output
    assert not [
        part for each in (created, child) for part in each.token.split(".")[2:] if part in said and len(part) > 36
    ]
    assert not {"head", "family_hash", "rotation_key", "token"} & json.loads(said).keys()


def test_the_last_login_outlives_the_session(command_line: CommandLine, session: Session) -> None:
    command_line.store.end_session(session)

    (row,) = command_line.rows("last-login", "ABC")
    assert row["last_login_time"] == session_json(session)["last_login_time"]


def test_children_are_listed_oldest_first(command_line: CommandLine, session: Session) -> None:
    shop, mail = (
        command_line.store.create_child_session(session, audience=audience).child for audience in ("shop", "mail")
    )

    rows = command_line.rows("children", session.session_id)
    assert [row["child_session_id"] for row in rows] == [shop.child_session_id, mail.child_session_id]
    assert [row["audience"] for row in rows] == ["shop", "mail"]


@pytest.mark.parametrize("command", ["show", "children"])
def test_an_id_without_a_live_session_has_a_status_of_its_own(command_line: CommandLine, command: str) -> None:
    done = command_line.run(command, NONE)

    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == f"Error: no live session {NONE}\n"


@pytest.mark.parametrize("command", ["show", "children", "end"])
def test_a_text_that_is_no_id_is_refused_before_aws_is_asked(command_line: CommandLine, command: str) -> None:
    done = command_line.run(command, "abc", TABLE_NAME="no-such-table")

    assert done.exit_code == 2
    assert "must be the id of a session, 36 characters" in done.stderr
    assert "(got 'abc')" in done.stderr


def test_an_id_may_have_spaces_around_it_and_capital_letters(command_line: CommandLine, session: Session) -> None:
    assert command_line.rows("show", f" {session.session_id.upper()} ") == command_line.rows("show", session.session_id)


def test_ids_come_from_stdin_with_the_line_ends_of_windows(command_line: CommandLine, session: Session) -> None:
    other = command_line.store.create_session("Ünïcode").session
    lines = f"\ufeff{session.session_id}\r\n\r\n{other.session_id}\r\n"

    assert [row["session_id"] for row in command_line.rows("show", "-", stdin=lines)] == [
        session.session_id,
        other.session_id,
    ]
    names = command_line.rows("list", "-", stdin="ABC\r\nÜnïcode\r\n")
    assert [row["customer_id"] for row in names] == ["ABC", "Ünïcode"]


def test_the_lines_of_a_list_do_as_ids(command_line: CommandLine, session: Session) -> None:
    lines = command_line.run("list", "ABC").stdout

    assert [row["session_id"] for row in command_line.rows("show", "-", stdin=lines)] == [session.session_id]


def test_of_several_ids_those_that_fail_are_named_and_the_others_shown(
    command_line: CommandLine, session: Session
) -> None:
    done = command_line.run("show", "-", stdin=f"{NONE}\nabc\n{session.session_id}\n".encode() + b"\xff\n{\n")

    assert done.exit_code == 1
    assert [json.loads(line)["session_id"] for line in done.stdout.splitlines()] == [session.session_id]
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [NONE, "abc", "\\udcff", "{"]


def test_a_cursor_goes_with_one_id(command_line: CommandLine) -> None:
    done = command_line.run("list", "-", "--cursor", NONE, stdin="ABC\n")

    assert done.exit_code == 2
    assert "--cursor goes with one id" in done.stderr


def test_a_cursor_of_something_else_is_refused(command_line: CommandLine) -> None:
    done = command_line.run("list", "ABC", "--cursor", "abc")

    assert (done.exit_code, done.stdout) == (2, "")
    assert "cursor: is not one of this list's cursors" in done.stderr


def test_a_table_is_for_a_terminal_alone(command_line: CommandLine) -> None:
    done = command_line.run("list", "ABC", "--output", "table")

    assert done.exit_code == 2
    assert "use json or jsonl" in done.stderr
