"""A table of many sessions, exported, verified and imported by the command: memory and rate.

    .venv/bin/python -m bench.whole_table --sessions 1000000

A tenth of the sessions have a child. Each command runs in a process of its own, on dynoxide on the same machine.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.report import Figure, table
from local import dynoxide
from local.embedded_aws import REGION
from local.paths import PYTHON, ROOT
from session_store.aws.connection import Key, connect
from session_store.clock import SystemClock
from session_store.testing import create_table, in_memory_store
from session_store.tokens import IdFactory
from session_store.whole_table.rows import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TABLE: Final = "sessions"
MAX_MEGABYTES: Final = 200
_CHILD_OF_EVERY: Final = 10
_NO_LIMIT: Final = "1000000"


@dataclass(frozen=True)
class Run:
    """One command.

    Attributes:
        name: the command and its options.
        rows: that it went through.
        seconds: from its start to its end.
        megabytes: of memory that its process took at most.
        said: on stderr.
    """

    name: str
    rows: int
    seconds: float
    megabytes: int
    said: str

    @property
    def figure(self) -> Figure:
        """The run as a line of the report."""
        return Figure(
            name=f"{self.name}, {self.rows:,} rows",
            measured=f"{self.megabytes} MB, {self.rows / self.seconds:,.0f} rows/s",
            goal=f"<= {MAX_MEGABYTES} MB",
            met=self.megabytes <= MAX_MEGABYTES,
        )


@dataclass(frozen=True)
class Place:
    """A table on a running dynoxide."""

    endpoint_url: str
    folder: Path  # for files

    @property
    def client(self) -> Any:  # noqa: ANN401 - botocore's
        """A client for it."""
        return connect("dynamodb", region_name=REGION, endpoint_url=self.endpoint_url, key=Key("any", "any"))

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a process that works with it."""
        return os.environ | {
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": REGION,
            "TABLE_NAME": TABLE,
        }

    def command(self, *arguments: str) -> list[str]:
        """A command line of session-store, as fast as it can.

        In one segment. For a page of one of several, dynoxide reads the whole table.
        """
        rates = ["--max-rcu", _NO_LIMIT]
        if arguments[0] != "export":
            rates += ["--max-wcu", _NO_LIMIT]
        if arguments[0] != "import":
            rates += ["--segments", "1"]
        return [str(PYTHON), "-m", "session_store.cli", *arguments, *rates]

    def run(self, rows: int, *arguments: str) -> Run:
        """Run a command to its end.

        Raises:
            CalledProcessError: it failed.
        """
        python, minus_m, *rest = self.command(*arguments)
        with tempfile.NamedTemporaryFile("r", encoding="ascii") as memory:
            measured = [python, minus_m, "bench.programs.peak_memory", memory.name, *rest]
            began = time.monotonic()
            done = subprocess.run(
                measured,
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                check=True,
            )
            seconds = time.monotonic() - began
            return Run(arguments[0], rows, seconds, int(memory.read()) // 1024, done.stderr)


@dataclass(frozen=True)
class Large:
    """A table with many sessions, and an empty one in memory to import into."""

    table: Place
    copy: Place
    sessions: int

    @property
    def children(self) -> int:
        """Child sessions."""
        return -(-self.sessions // _CHILD_OF_EVERY)

    @property
    def rows(self) -> int:
        """Customers, sessions and children."""
        return 2 * self.sessions + self.children


@contextmanager
def filled(sessions: int) -> Iterator[Large]:
    """A table with so many sessions while the block runs."""
    with tempfile.TemporaryDirectory() as name, dynoxide.dynoxide() as empty:
        folder = Path(name)
        copy = Place(empty, folder)
        create_table(copy.client, TABLE)
        dynoxide.fill(folder / "database", copy.client.describe_table(TableName=TABLE), _rows(sessions))
        with dynoxide.dynoxide(folder / "database") as endpoint_url:
            yield Large(Place(endpoint_url, folder), copy, sessions)


def _rows(sessions: int) -> Iterator[str]:
    """The lines of the rows: copies of one customer's, with other ids."""
    with in_memory_store() as store:
        created = store.create_session("customer-x", data={"cart": ["tea"] * 5, "visits": 3}, client="Firefox on Linux")
        child = store.create_child_session(created.session, data={"application": "shop"})
        rows = connect("dynamodb").scan(TableName=store.table_name)["Items"]
    templates = {row["entity_type"]["S"]: f'{{"Item":{write_json(row)}}}' for row in rows}
    ids = IdFactory(SystemClock())
    for number in range(sessions):
        session_id, customer = ids.new_id(), f"customer-{number}"
        kinds = ["customer", "session", *(["child_session"] if number % _CHILD_OF_EVERY == 0 else [])]
        for kind in kinds:
            line = templates[kind].replace("customer-x", customer).replace(created.session.session_id, session_id)
            yield line.replace(child.child.child_session_id, ids.new_id()) if kind == "child_session" else line


def measure(large: Large) -> Iterator[Run]:
    """Export, verify and import the table."""
    file = str(large.table.folder / "export.jsonl.gz")
    yield large.table.run(large.rows, "export", file)
    yield large.table.run(2 * large.rows, "verify")
    yield large.copy.run(large.rows, "import", file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print.

    Args:
        arguments: the command line, without the program's name.

    Returns:
        The exit status: 1 when a command took more memory than the goal.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.whole_table", description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000, help="default 10,000")
    parser.add_argument("--steps", type=int, default=3, help="1: export; 2: verify, too; 3: import, too")
    options = parser.parse_args(arguments)
    with filled(options.sessions) as large:
        runs = []
        for run in itertools.islice(measure(large), options.steps):
            print(
                f"{run.name}: {run.rows:,} rows, {run.rows / run.seconds:,.0f} rows/s, {run.megabytes} MB", flush=True
            )
            runs.append(run)
    print(table([run.figure for run in runs]))
    return 0 if all(run.figure.met for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
