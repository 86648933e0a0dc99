"""The command on a terminal: tables that fit it, and questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.terminal import CTRL_C, Terminal, open_terminal

QUESTION = "type ABC: "
ENDING = pytest.mark.parametrize("command", [("end", "--customer", "ABC"), ("erase", "ABC")])


@pytest.fixture(scope="module")
def terminal() -> Iterator[Terminal]:
    with open_terminal() as opened:
        yield opened


def test_a_list_is_a_table_with_a_row_for_each_session(terminal: Terminal) -> None:
    heading, *rows = terminal.run("list", "ABC").lines

    assert heading.split() == ["SESSION", "STATE", "LAST", "SEEN", "ENDS", "CLIENT"]
    assert len(rows) == 2
    assert all(row.endswith("Firefox on Linux") and "active" in row for row in rows)


@pytest.mark.parametrize("columns", [50, 64, 80, 120])
@pytest.mark.parametrize("command", ["list", "show", "--help"])
def test_no_line_is_longer_than_the_terminal_and_no_id_is_cut(terminal: Terminal, columns: int, command: str) -> None:
    done = terminal.run(*([command] if command == "--help" else ["list", "ABC"]), columns=columns)

    assert max(map(len, done.lines)) <= columns
    assert command == "--help" or sum(len(word) == 36 for line in done.lines for word in line.split()) == 2


def test_colours_are_left_out_where_they_are_not_wanted(terminal: Terminal) -> None:
    assert "\x1b[1m" in terminal.run("list", "ABC").raw
    assert "\x1b[3" not in terminal.run("list", "ABC", NO_COLOR="1").raw


@pytest.mark.parametrize("columns", [50, 100])
def test_a_list_shows_data_when_asked_to(terminal: Terminal, columns: int) -> None:
    assert "tea" not in terminal.run("list", "ABC", columns=columns).raw
    assert terminal.run("list", "ABC", "--show-data", columns=columns).raw.count('"tea"') == 2


def test_an_empty_list_says_so_on_stderr(terminal: Terminal) -> None:
    done = terminal.run("list", "XYZ")

    assert (done.lines, done.status) == (["There are no live sessions."], 0)


def test_sessions_that_cannot_be_read_are_not_said_to_be_absent_and_are_asked_about(terminal: Terminal) -> None:
    key: Any = {"SESSION_ENCRYPTION_KEYS": '["arn:aws:kms:eu-west-1:111122223333:key/1"]', "SESSION_STORE_ID": "shop"}

    listed = terminal.run("list", "ABC", **key)
    assert (listed.lines[0], listed.status) == ("None of the live sessions can be shown.", 1)
    ended = terminal.run("end", "--customer", "ABC", typed=[(QUESTION, "no\n")], **key)
    assert "2 sessions of ABC will end" in ended.lines[0]


def test_json_can_be_asked_for(terminal: Terminal) -> None:
    assert terminal.run("list", "ABC", "--output", "jsonl", columns=50).raw.count('{"session_id": ') == 2


@ENDING
def test_it_ends_what_it_asked_about_when_the_id_is_typed(terminal: Terminal, command: tuple[str, ...]) -> None:
    done = terminal.run(*command, typed=[(QUESTION, "ABC\n")])

    assert (done.status, done.left) == (0, 0)
    assert re.search(r"ing 2 \w+, [\d,]+/s, \d+ RRU, \d+ WRU", done.raw), done.raw  # how far it got


@ENDING
@pytest.mark.parametrize("typed", ["yes\n", "\n", "abc\n", "\x04"])
def test_another_answer_than_the_id_does_nothing(terminal: Terminal, command: tuple[str, ...], typed: str) -> None:
    done = terminal.run(*command, typed=[(QUESTION, typed)])

    assert done.lines[-1] == "Error: You typed something else. Nothing was done."
    assert (done.status, done.left) == (1, 2)


@ENDING
def test_ctrl_c_at_the_question_does_nothing(terminal: Terminal, command: tuple[str, ...]) -> None:
    done = terminal.run(*command, typed=[(QUESTION, CTRL_C)])

    assert done.lines[-1] == "Interrupted."
    assert (done.status, done.left) == (130, 2)


def test_the_question_says_how_many_and_what_it_costs(terminal: Terminal) -> None:
    done = terminal.run("end", "--customer", "ABC", sessions=3, typed=[(QUESTION, "\n")])

    assert "3 sessions of ABC will end, for about 1.5 RRU and 5 WRU." in "".join(done.lines)


@pytest.mark.parametrize("sessions", [0, 1])
def test_one_session_ends_without_a_question(terminal: Terminal, sessions: int) -> None:
    done = terminal.run("end", "--customer", "ABC", sessions=sessions)

    assert (done.status, done.left) == (0, 0)
    assert "sessions ended" in done.raw


def test_costs_are_tables_under_headings_and_end_with_the_date_of_the_prices(terminal: Terminal) -> None:
    asked = ("--sessions-per-day", "100", "--requests-per-session", "10", "--data-bytes", "100")
    said = terminal.run("cost", *asked, columns=120).lines

    headings = ("Request units", "Dollars", "The first limit", "The same traffic")
    assert sum(line.startswith(headings) for line in said) == len(headings)
    assert {"table", "index", "storage", "functions", "gateway", "logs", "metrics", "stream"} <= {
        line.split()[0] for line in said if line.strip()
    }
    assert said[-1].startswith("Prices of us-east-1, 20")
