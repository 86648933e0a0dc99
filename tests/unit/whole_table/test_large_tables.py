"""A table of 20,000 rows and the command in processes of its own: interrupted, killed, and within its memory."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.whole_table import MAX_MEGABYTES, TABLE, Large, Place, Run, filled
from local import dynoxide
from session_store.whole_table.export_format import read_state
from tests.support.engines import engines_are_required

SESSIONS = 9_600  # and as many customers, and a tenth as many children

pytestmark = [pytest.mark.xdist_group("a large table"), pytest.mark.proof]


@pytest.fixture(scope="module")
def large() -> Iterator[Large]:
    reason = dynoxide.why_unavailable()
    if reason:
        (pytest.fail if engines_are_required() else pytest.skip)(reason)
    with filled(SESSIONS) as table:
        yield table


@pytest.fixture(scope="module")
def exported(large: Large) -> Path:
    """The table in a file, by an export that was interrupted once and killed once."""
    place = large.table
    file = place.folder / "all.jsonl.gz"
    stopped = Stopped(place, lambda: file.exists() and file.stat().st_size)

    said = stopped.by(signal.SIGINT, "export", str(file), beyond=100_000)
    assert said.splitlines() == [
        f"To go on, give the same command again: {file} knows where.",
        "Interrupted.",
    ]
    assert stopped.status == 130
    stopped.by(signal.SIGKILL, "export", str(file), beyond=file.stat().st_size + 100_000)
    assert stopped.status == -signal.SIGKILL
    keep(place.run(large.rows, "export", str(file)))
    return file


class Stopped:
    """Starts commands, and ends them when enough is done."""

    def __init__(self, place: Place, done: Callable[[], int]) -> None:
        self.status = 0
        self._place = place
        self._done = done

    def by(self, number: signal.Signals, *arguments: str, beyond: int) -> str:
        """Run a command until it has got beyond so much. Returns what it said on stderr."""
        command = self._place.command(*arguments)
        process = subprocess.Popen(command, env=self._place.environment, stderr=subprocess.PIPE, text=True)
        limit = time.monotonic() + 60
        while process.poll() is None and self._done() <= beyond and time.monotonic() < limit:
            time.sleep(0.02)  # another process's progress: there is no clock to move
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        self.status = process.returncode
        return said


def keep(run: Run) -> str:
    """Check the memory of a run. Returns its figures."""
    assert run.megabytes <= MAX_MEGABYTES, run
    return f"{run.name}: {run.rows:,} rows, {run.rows / run.seconds:,.0f} rows/s, {run.megabytes} MB"


def test_an_export_that_was_killed_has_every_row_once_and_stays_small(large: Large, exported: Path) -> None:
    with exported.open("rb") as file:
        state = read_state(file)

    assert (state.rows, state.ended) == (large.rows, True)


def test_a_verification_finds_nothing_and_stays_small(large: Large, note: Callable[[str], None]) -> None:
    run = large.table.run(2 * large.rows, "verify")

    assert run.said.startswith(f"{2 * large.rows:,} rows read, 0 findings")  # the index, too
    note(keep(run))


def test_an_import_that_was_killed_goes_on_and_stays_small(
    large: Large, exported: Path, note: Callable[[str], None]
) -> None:
    place, created = large.copy, large.sessions + large.children
    progress = exported.with_name(f"{exported.name}.progress")
    stopped = Stopped(place, progress.exists)

    stopped.by(signal.SIGKILL, "import", str(exported), beyond=0)
    assert stopped.status == -signal.SIGKILL
    assert progress.exists()
    note(keep(place.run(created, "import", str(exported))))

    assert place.client.describe_table(TableName=TABLE)["Table"]["ItemCount"] == created
    assert not progress.exists()


def test_a_reader_that_goes_away_ends_an_export_quietly(large: Large) -> None:
    place = large.table
    with subprocess.Popen(
        place.command("export"), env=place.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (141, b"")


def test_a_full_disk_is_said(large: Large) -> None:
    place = large.table
    with Path(os.devnull).with_name("full").open("wb") as full:
        done = subprocess.run(
            place.command("export"), env=place.environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert done.returncode == 5
    assert done.stderr.splitlines()[-2:] == [
        "Error: stdout: No space left on device",
        "Make room, and give the same command again.",
    ]
