"""The same on an engine that is not ours: its segments, its units, and the sizes that it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from session_store import Refusal
from session_store.whole_table.counting import count
from session_store.whole_table.ending import end_created_before
from session_store.whole_table.exporting import Options, export_to_file
from session_store.whole_table.findings import Kind
from session_store.whole_table.importing import Outcome
from tests.contract.refusals import refusal
from tests.support.engines import Dynoxide, Engine
from tests.support.scene import Scene, SignedIn
from tests.support.scenes import running
from tests.unit.whole_table.tables import Copy, export, rows_of, table_of
from tests.unit.whole_table.test_verifying import REPAIRED, found


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    yield from running(Dynoxide("dynoxide"))


@pytest.mark.parametrize("segments", [1, 4])
def test_what_is_exported_and_revived_is_the_same_table(
    scene: Scene, ana: SignedIn, copy: Copy, tmp_path: Path, segments: int
) -> None:
    loaded = copy.load(export(scene, tmp_path / "all.gz", segments=segments), revive=True)

    assert loaded.problems == []
    assert copy.rows == rows_of(scene)
    assert refusal(copy.store, ana.token, strict=True) is None
    assert copy.load(tmp_path / "all.gz", revive=True).count(Outcome.THERE) == len(rows_of(scene))


def test_it_keeps_to_its_rate(scene: Scene, ana: SignedIn, tmp_path: Path) -> None:
    for number in range(6):
        scene.other.create_session(f"guest {number}", data={"much": "x" * 20_000})
    began = scene.clock.monotonic()

    done = export_to_file(table_of(scene, max_rcu=2), tmp_path / "all", Options(segments=1))

    last_page, unused_before = 5, 2  # units, at most
    assert done.rru > 15
    assert scene.clock.monotonic() - began >= (done.rru - last_page - unused_before) / 2


def test_a_row_that_is_too_large_is_named(scene: Scene, ana: SignedIn, copy: Copy, tmp_path: Path) -> None:
    path = export(scene, tmp_path / "all")
    lines = path.read_text().splitlines()
    number = next(index for index, line in enumerate(lines) if '"SK":{"S":"c#ana"}' in line and '"data"' in line)
    row = json.loads(lines[number])
    row["Item"]["data"]["M"]["much"] = {"S": "x" * 420_000}
    path.write_text("\n".join([*lines[:number], json.dumps(row), *lines[number + 1 :]]) + "\n")

    (problem,) = copy.load(path, revive=True).problems

    assert (problem.line, problem.session_id) == (number + 1, ana.id)
    assert "DynamoDB refuses the row" in problem.problem


@pytest.mark.parametrize("kind", REPAIRED)
def test_a_fault_is_found_and_repaired(scene: Scene, ana: SignedIn, kind: Kind) -> None:
    REPAIRED[kind].make(scene, ana)

    assert [(finding.kind, finding.fixed) for finding in found(scene, fix=True)] == [(kind, True)]
    assert found(scene) == []


def test_sessions_are_counted_and_ended(scene: Scene, ana: SignedIn) -> None:
    assert count(table_of(scene)).active == 3
    scene.clock.advance(1)

    done = end_created_before(table_of(scene), int(scene.clock.now()))

    assert (done.ended, done.wru >= 3) == (3, True)
    assert refusal(scene.other, ana.token) is Refusal.ENDED
