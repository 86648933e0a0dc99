"""How the command ends when something is wrong: the exit status, and what it says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count

import pytest
from botocore.exceptions import ClientError

from session_store import SessionStore, errors
from session_store.cli.exits import MEANINGS, Exit, failure_of
from session_store.clock import SystemClock
from session_store.testing.memory_engine import MemoryClient
from tests.unit.cli.conftest import CommandLine

NONE = "01880fb9-92c0-7001-8abc-000000000002"
KEY = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
QUOTED = "words of AWS's that quote the request"


@contextmanager
def answering(code: str) -> Iterator[dict[str, str]]:
    """An AWS that refuses each call with this error. Yields the variables that lead there."""

    class Refusal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"__type": f"com.amazonaws#{code}", "message": QUOTED}).encode()
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Refusal) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "TABLE_NAME": "sessions", **KEY}
        server.shutdown()


@pytest.fixture
def outside(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The program without a store in memory: it calls AWS."""
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return CommandLine(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredTokenException", "AWS does not accept the credentials (ExpiredTokenException)"),
        ("UnrecognizedClientException", "AWS does not accept the credentials"),
        ("AccessDeniedException", "dynamodb:Query on table sessions is not allowed"),
        ("ResourceNotFoundException", "there is no table sessions (with its index) in this region"),
        ("ValidationException", "is sessions a session table, with its index?"),
    ],
)
def test_a_refusal_of_aws_is_misconfigured_and_says_where_it_looked(outside: CommandLine, code: str, said: str) -> None:
    with answering(code) as environment:
        done = outside.anywhere("list", "ABC", **environment)

    assert (done.exit_code, done.stdout) == (4, "")
    assert said in done.stderr
    assert "Table: sessions (by TABLE_NAME). Region: that of the profile, or of AWS_DEFAULT_REGION" in done.stderr
    assert "Try: session-store doctor, with the same options." in done.stderr
    assert QUOTED not in done.stderr


def test_a_refusal_of_another_service_has_advice(outside: CommandLine) -> None:
    with answering("AccessDeniedException") as environment:
        done = outside.anywhere("policy", "list", **environment)

    assert done.exit_code == 4
    assert "(AccessDeniedException)" in done.stderr
    assert "\nTry: " in done.stderr
    assert QUOTED not in done.stderr


def test_without_credentials_and_without_a_region_it_says_which_are_missing(
    outside: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = outside.anywhere("list", "ABC", "--table", "sessions")
    assert done.exit_code == 4
    assert "NoCredentialsError" in done.stderr

    monkeypatch.delenv("AWS_DEFAULT_REGION")
    done = outside.anywhere("list", "ABC", "--table", "sessions", **KEY)
    assert done.exit_code == 4
    assert "there is no region" in done.stderr


def test_an_outage_says_to_try_again(command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count()
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: next(seconds))
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: None)

    def throttle(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": QUOTED}}, "Query")

    monkeypatch.setattr(MemoryClient, "query", throttle)

    done = command_line.run("list", "ABC")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr == "Error: Query: the table is throttled; try again\n"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidInputError("field", "problem"), Exit.USAGE),
        (errors.SessionNotFoundError(NONE), Exit.NOT_FOUND),
        (errors.StoreConfigurationError("wrong"), Exit.MISCONFIGURED),
        (errors.ThrottledError("Query", "cause"), Exit.UNAVAILABLE),
        (errors.ConflictError("others"), Exit.UNAVAILABLE),
        (errors.UnsupportedEventError(), Exit.SOME_FAILED),
    ],
)
def test_each_kind_of_error_has_its_status(error: errors.SessionStoreError, status: Exit) -> None:
    assert failure_of(error).status is status


def test_every_status_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Exit)


@pytest.mark.parametrize("command", [("list", "ABC"), ("end", "--customer", "ABC", "--yes"), ("erase", "ABC", "--yes")])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, errors.StoreUnavailableError])
def test_an_interrupted_command_says_the_cursor_to_go_on_with(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], kind: type[BaseException]
) -> None:
    for _ in range(101):
        command_line.store.create_session("ABC")
    interrupted = kind() if kind is KeyboardInterrupt else kind("Query", "outage")
    methods = {"list": "get_customer_sessions", "end": "end_customer_sessions", "erase": "erase_customer"}
    original = getattr(SessionStore, methods[command[0]])

    def once(store: SessionStore, *arguments: object, cursor: str | None = None, **named: object) -> object:
        if cursor is not None:
            raise interrupted
        if command[0] == "end":
            named["limit"] = 40
        return original(store, *arguments, cursor=cursor, **named)

    monkeypatch.setattr(SessionStore, methods[command[0]], once)
    stopped = command_line.run(*command)
    monkeypatch.undo()

    assert stopped.exit_code == (130 if kind is KeyboardInterrupt else 5)
    cursor = stopped.stderr.rpartition("--cursor ")[2].strip()
    assert command_line.run(*command, "--cursor", cursor).exit_code == 0


def test_ids_that_are_done_are_counted_when_others_are_interrupted(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: SessionStore, session_id: str, **_given: object) -> bool:
        if session_id == NONE:
            raise KeyboardInterrupt
        return False

    monkeypatch.setattr(SessionStore, "end_session", stop)
    done = command_line.run("end", "-", "--yes", stdin=f"{NONE[:-1]}3\n{NONE[:-1]}4\n{NONE}\n")

    assert done.exit_code == 130
    assert done.stderr == "Interrupted.\nThe first 2 ids are done. To go on, give those after them.\n"
