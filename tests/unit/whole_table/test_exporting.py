"""Exports: complete, good wherever they stop, and on nothing of anybody else's."""

from __future__ import annotations

import io
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from session_store import InvalidInputError, StoreConfigurationError, StoreUnavailableError
from session_store.whole_table.cursor import Cursor, beginning, read_cursor
from session_store.whole_table.export_format import State, read_state
from session_store.whole_table.exporting import Options, export_to_file, export_to_stream
from session_store.whole_table.frames import Compression, lines
from session_store.whole_table.progress import Progress
from session_store.whole_table.scan import scanning
from tests.support.faults import FOREVER
from tests.support.scene import Scene, SignedIn
from tests.unit.whole_table.tables import Copy, delete, export, rows_of, table_of

NAMES = ("all.jsonl", "all.jsonl.gz", "all.jsonl.zst")


@pytest.fixture(params=NAMES)
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return tmp_path / str(request.param)


def items_in(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return [line.text for line in lines(file) if line.text.startswith(b'{"Item"')]


def test_every_row_is_in_it_once(scene: Scene, ana: SignedIn, path: Path) -> None:
    seen: list[Progress] = []
    options = Options(Compression.NONE)

    done = export_to_file(table_of(scene), path, options, on_progress=seen.append)

    assert done.rows == len(rows_of(scene)) == len(set(items_in(path))) == len(items_in(path))
    assert not done.went_on
    assert seen[-1].done == done.rows


@pytest.mark.shows("T110")
def test_it_is_its_owners_alone(scene: Scene, ana: SignedIn, path: Path) -> None:
    assert stat.S_IMODE(export(scene, path).stat().st_mode) == 0o600


def test_one_that_was_cut_off_anywhere_goes_on_and_has_every_row_once(scene: Scene, ana: SignedIn, path: Path) -> None:
    whole = export(scene, path, segments=2).read_bytes()
    with path.open("rb") as file:
        begin = next(line.boundary for line in lines(file) if line.boundary)

    for size in range(begin, len(whole) - 1, max(97, len(whole) // 20)):
        path.write_bytes(whole[:size])
        again = export_to_file(table_of(scene), path, Options(_compression(path), segments=2))

        assert again.rows == len(rows_of(scene))
        assert len(set(items_in(path))) == len(items_in(path)) == again.rows
        assert state_of(path).ended


def _compression(path: Path) -> Compression:
    return {".gz": Compression.GZIP, ".zst": Compression.ZSTD}.get(path.suffix, Compression.NONE)


def state_of(path: Path) -> State:
    with path.open("rb") as file:
        return read_state(file)


def test_what_is_there_already_is_not_written_over(scene: Scene, ana: SignedIn, tmp_path: Path) -> None:
    finished = export(scene, tmp_path / "finished")
    notes = tmp_path / "notes"
    notes.write_text("tea\n")

    for path, problem in ((finished, "finished"), (notes, "no export")):
        before = path.read_bytes()
        with pytest.raises(InvalidInputError, match=problem):
            export(scene, path)
        assert path.read_bytes() == before


def test_a_device_is_not_replaced_by_a_file(scene: Scene, tmp_path: Path) -> None:
    device = tmp_path / "pipe"
    os.mkfifo(device)

    with pytest.raises(InvalidInputError, match="regular file"):
        export(scene, device)
    assert device.is_fifo()


def test_an_unfinished_one_of_another_table_is_not_gone_on_with(
    scene: Scene, copy: Copy, ana: SignedIn, tmp_path: Path
) -> None:
    path = export(scene, tmp_path / "all")
    path.write_bytes(path.read_bytes()[:-5])

    with pytest.raises(InvalidInputError, match="another table"):
        export_to_file(table_of(scene, copy.name), path)
    with pytest.raises(InvalidInputError, match="choice of secrets"):
        export(scene, path, secrets=False)


def test_two_do_not_write_into_one_file(scene: Scene, ana: SignedIn, tmp_path: Path) -> None:
    path = tmp_path / "all"

    def second(_: Progress) -> None:
        with pytest.raises(InvalidInputError, match="another export"):
            export(scene, path)

    export_to_file(table_of(scene), path, on_progress=second)


def test_a_full_disk_leaves_a_good_file(scene: Scene, ana: SignedIn, path: Path) -> None:
    size = export(scene, path).stat().st_size
    path.unlink()

    with room_for(size // 2), pytest.raises(OSError, match="too large"):
        export(scene, path, segments=1)

    assert state_of(path).size == path.stat().st_size
    export(scene, path, segments=1)
    assert len(items_in(path)) == len(rows_of(scene))


@contextmanager
def room_for(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_pipe_that_its_reader_closes_is_an_error_and_no_thread_stays(scene: Scene, ana: SignedIn) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "wb", buffering=0) as stream, pytest.raises(BrokenPipeError):
        export_to_stream(table_of(scene), stream)


def test_a_stream_goes_on_at_its_cursor(scene: Scene, ana: SignedIn) -> None:
    cursor = beginning(1)
    table = table_of(scene, max_rcu=2)  # two rows a page
    with scanning(table, cursor) as pages:
        first = next(pages)
        next(pages)
    rest = io.BytesIO()

    done = export_to_stream(table, rest, cursor=read_cursor(str(cursor)))

    assert done.rows == len(rows_of(scene)) - len(first.rows)


def test_a_fault_that_lasts_is_an_error_and_what_was_written_stays_good(
    scene: Scene, ana: SignedIn, tmp_path: Path
) -> None:
    path = tmp_path / "all"
    scene.faults.throttle("Scan", times=FOREVER, skip=2)

    with pytest.raises(StoreUnavailableError):
        export_to_file(table_of(scene, max_rcu=1), path, Options(segments=1))

    assert state_of(path).rows == 2
    scene.faults.clear()
    assert len(items_in(export(scene, path, segments=1))) == len(rows_of(scene))


def test_faults_that_pass_cost_no_row(scene: Scene, ana: SignedIn, tmp_path: Path) -> None:
    scene.faults.throttle("Scan", times=3)
    scene.faults.refuse("Scan", "InternalServerError", status=500)
    scene.faults.garble("Scan", lambda body: body[: len(body) // 2], with_checksum=True)

    assert len(items_in(export(scene, tmp_path / "all"))) == len(rows_of(scene))


@pytest.mark.shows("T110")
def test_without_secrets_nothing_of_a_token_is_in_it(scene: Scene, ana: SignedIn, tmp_path: Path) -> None:
    text = export(scene, tmp_path / "all", secrets=False).read_text()

    assert not [name for name in ("family_hash", "rotation_key", '"head"', "first_used") if name in text]
    assert ana.id in text


@pytest.mark.parametrize("given", [{"max_rcu": 0}, {"max_rcu": -1}, {"max_wcu": 0}, {"max_rcu": float("nan")}])
def test_a_rate_is_more_than_nothing(scene: Scene, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match=next(iter(given))):
        table_of(scene, **given)


@pytest.mark.parametrize("segments", [0, 65])
def test_segments_are_1_to_64(scene: Scene, tmp_path: Path, segments: int) -> None:
    with pytest.raises(InvalidInputError, match="segments"):
        export(scene, tmp_path / "all", segments=segments)


def test_a_cursor_comes_back_as_it_was_and_a_part_of_one_is_refused() -> None:
    key = {"PK": {"S": "c#ä"}, "SK": {"S": "customer#ä"}}
    text = str(Cursor(3, {0: key, 2: None}))

    assert read_cursor(text) == Cursor(3, {0: key, 2: None})
    assert [segment for segment, _ in read_cursor(text).begins()] == [0, 1]
    for part in (text[:-4], text[4:], "", "tea", str(Cursor(99)), str(Cursor(2, {7: None}))):
        with pytest.raises(InvalidInputError, match="cursor"):
            read_cursor(part)


def test_zstd_without_its_package_says_what_to_install(
    scene: Scene, ana: SignedIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)

    with pytest.raises(StoreConfigurationError, match="install the extra zstd"):
        export(scene, tmp_path / "all.zst")
    assert not any(tmp_path.iterdir())


def test_an_empty_table_is_an_export_too(scene: Scene, path: Path) -> None:
    assert items_in(export(scene, path)) == []
    assert state_of(path).ended


def test_a_table_that_is_none_is_said_before_a_file_is_made(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(StoreConfigurationError, match="no table"):
        export_to_file(table_of(scene, "elsewhere"), tmp_path / "all")
    assert not any(tmp_path.iterdir())


def test_rows_that_come_and_go_meanwhile_hurt_no_other(scene: Scene, ana: SignedIn, tmp_path: Path) -> None:
    before = rows_of(scene)
    first, *_ = before.values()
    scene.faults.after("Scan", lambda: delete(scene, first))
    scene.faults.after("Scan", lambda: scene.other.create_session("dan"))

    path = tmp_path / "all"
    export_to_file(table_of(scene, max_rcu=1), path, Options(segments=1))

    assert len(items_in(path)) >= len(before) - 1
    assert all(one != other for one, other in pairwise(sorted(items_in(path))))
