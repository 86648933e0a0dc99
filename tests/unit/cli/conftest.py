"""The command line in this process, on a store in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from local.ports import free_port
from session_store import SessionStore
from session_store.cli.main import program
from session_store.testing import in_memory_store, moto_store


@dataclass(frozen=True)
class CommandLine:
    """The program, run with a table that exists. Its stdin is no terminal."""

    store: SessionStore

    def run(self, *arguments: str, stdin: str | bytes | None = None, **environment: str) -> Result:
        """Run a command on the store's table."""
        return self.anywhere(*arguments, stdin=stdin, **{"TABLE_NAME": self.store.table_name} | environment)

    def anywhere(self, *arguments: str, stdin: str | bytes | None = None, **environment: str) -> Result:
        """Run a command that has no table unless the arguments name one."""
        done = CliRunner().invoke(program, arguments, input=stdin, env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done

    def rows(self, *arguments: str, stdin: str | bytes | None = None) -> list[dict[str, Any]]:
        """The rows of a command that has to succeed."""
        done = self.run(*arguments, stdin=stdin)
        assert done.exit_code == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


def cache_nowhere() -> dict[str, str]:
    """The variables of a cache of validations that cannot be reached."""
    cache = {"HOST": "127.0.0.1", "PORT": str(free_port()), "TLS": "false"}
    return {f"SESSION_VALIDATION_CACHE_{name}": value for name, value in cache.items()}


@pytest.fixture
def command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    """The program beside an empty table, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with in_memory_store() as store:
        yield CommandLine(store)


@pytest.fixture
def moto_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    """The same on moto, for what calls AWS besides the store."""
    monkeypatch.chdir(tmp_path)
    with moto_store() as store:
        yield CommandLine(store)
