"""Imports: they create, and bring nothing back that they were not asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from session_store import InvalidInputError, Refusal, SessionState, SessionStore, UnreadableDataError
from session_store.encryption import Encryption, FernetKeyring
from session_store.storage.attribute_values import Item
from session_store.whole_table.export_format import VERSION
from session_store.whole_table.import_file import import_file
from session_store.whole_table.importing import Choices, Import, Outcome, Place, read_place
from session_store.whole_table.rows import read_json, write_json
from tests.contract.refusals import refusal
from tests.support.faults import FOREVER
from tests.support.forms import KEY
from tests.support.scene import Scene, SignedIn, children_of, new_store
from tests.unit.whole_table.tables import Copy, delete, export, put, row_of, rows_of, table_of

NAMES = ("all.jsonl", "all.jsonl.gz", "all.jsonl.zst")


@pytest.fixture
def path(scene: Scene, ana: SignedIn, tmp_path: Path) -> Path:
    """An export of the scene's table."""
    return export(scene, tmp_path / "all.jsonl", segments=2)


def state(row: Item) -> str:
    return str(row.get("session_state", {}).get("S"))


# Without being asked to revive


@pytest.mark.shows("T111")
def test_sessions_arrive_as_ended_and_hold_nothing_personal_but_their_customer(
    ana: SignedIn, copy: Copy, path: Path
) -> None:
    loaded = copy.load(path)

    assert {state(row) for row in copy.rows.values()} == {SessionState.ENDED}
    reasons = [row["end_reason"]["S"] for row in copy.rows.values()]
    assert sorted(reasons) == ["operator"] * 4 + ["signed_out"]  # one was a tombstone in the export
    assert not {"data", "client", "head", "family_hash", "rotation_key"} & {
        name for row in copy.rows.values() for name in row
    }
    assert refusal(copy.store, ana.token) is refusal(copy.store, ana.child_token, child=True) is Refusal.ENDED
    assert copy.store.get_customer_sessions("ana").sessions == ()
    assert copy.store.get_last_login_time("ana") == ana.root.session.last_login_time
    assert (loaded.count(Outcome.ENDED), loaded.count(Outcome.CREATED)) == (4, 1)  # one was a tombstone in the export


def test_what_an_erasure_left_refused_stays_refused(scene: Scene, ana: SignedIn, path: Path) -> None:
    hidden = row_of(scene, ana.id)
    scene.other.erase_customer("ana")
    put(scene, hidden)  # the index did not show it to the erasure

    import_file(table_of(scene), path)

    assert refusal(scene.other, ana.token, strict=True) is Refusal.REVOKED


@pytest.mark.shows("T111")
@pytest.mark.parametrize("choices", [Choices(), Choices(revive=True)], ids=["ended", "revived"])
def test_a_row_that_is_there_stays_as_it_is(scene: Scene, ana: SignedIn, path: Path, choices: Choices) -> None:
    scene.other.update_data(ana.id, {"cart": ["coffee"]})
    before = rows_of(scene)

    result = import_file(table_of(scene), path, choices)

    assert rows_of(scene) == before
    assert result.counts[Outcome.CREATED] == result.counts[Outcome.ENDED] == 0


# Reviving


@pytest.mark.parametrize("name", NAMES)
def test_revived_every_token_is_good_again(scene: Scene, ana: SignedIn, copy: Copy, tmp_path: Path, name: str) -> None:
    copy.load(export(scene, tmp_path / name), revive=True)

    assert copy.rows == rows_of(scene)
    assert copy.store.validate(ana.token, strict=True).data == ana.root.session.data
    assert refusal(copy.store, ana.child_token, child=True) is None


def test_a_session_that_was_ended_since_stays_ended(scene: Scene, ana: SignedIn, path: Path) -> None:
    scene.other.end_session(ana.id)

    import_file(table_of(scene), path, Choices(revive=True))

    assert refusal(scene.other, ana.token) is Refusal.ENDED


def test_sessions_of_before_an_end_of_all_arrive_as_ended_and_the_generation_stays(
    scene: Scene, ana: SignedIn, path: Path
) -> None:
    scene.other.end_customer_sessions("ana")
    generation = customer_row(scene)["generation"]
    delete(scene, row_of(scene, ana.id))

    import_file(table_of(scene), path, Choices(revive=True))

    assert customer_row(scene)["generation"] == generation
    assert state(row_of(scene, ana.id)) == SessionState.ENDED


def test_sessions_of_an_erased_customer_who_is_back_arrive_as_ended(scene: Scene, ana: SignedIn, path: Path) -> None:
    scene.other.erase_customer("ana")
    again = scene.other.create_session("ana")

    import_file(table_of(scene), path, Choices(revive=True))

    assert refusal(scene.other, ana.token) is Refusal.ENDED
    assert refusal(scene.other, again.token, strict=True) is None


def customer_row(scene: Scene) -> Item:
    return rows_of(scene)["c#ana", "customer#ana"]


def test_a_child_of_an_ended_root_arrives_as_ended_and_one_without_a_root_does_not(
    scene: Scene, ana: SignedIn, path: Path
) -> None:
    child = next(row for key, row in rows_of(scene).items() if key[1].startswith("child"))
    scene.other.end_session(ana.id)
    delete(scene, child)
    result = import_file(table_of(scene), path, Choices(revive=True))
    assert result.counts[Outcome.ENDED] == 1
    assert {state(row) for key, row in rows_of(scene).items() if ana.id in key[0]} == {SessionState.ENDED}

    lines = [line for line in path.read_text().splitlines() if '"SK":{"S":"c#ana"}' not in line]
    path.write_text("\n".join(lines))
    for key, row in rows_of(scene).items():
        if ana.id in key[0]:
            delete(scene, row)
    import_file(table_of(scene), path, Choices(revive=True))
    assert not [key for key in rows_of(scene) if ana.id in key[0]]


def test_children_that_were_ended_by_their_roots_mark_arrive_as_ended(scene: Scene, ana: SignedIn, path: Path) -> None:
    child = next(row for key, row in rows_of(scene).items() if key[1].startswith("child"))
    scene.other.end_customer_sessions("ana", except_session_id=ana.id)
    delete(scene, child)

    import_file(table_of(scene), path, Choices(revive=True))

    assert children_of(scene.other, ana.id) == ()
    assert refusal(scene.other, ana.child_token, child=True) is Refusal.ENDED


@pytest.mark.shows("T111")
@pytest.mark.parametrize("at", ["BatchGetItem", "PutItem"])
@pytest.mark.parametrize("does", ["end_all", "end", "erase", "sign_in_again", "save"])
def test_live_traffic_between_the_steps_of_an_import_loses_nothing_and_nothing_comes_back(
    copy: Copy, ana: SignedIn, path: Path, at: str, does: str
) -> None:
    """Before each request of the import, and right after ana's session has arrived, another process acts."""
    scene, acted = copy.scene, list[object]()

    def act() -> None:
        store = copy.store
        if does == "sign_in_again":
            acted.append(store.create_session("ana").token)
        elif does == "end_all":
            acted.append(store.end_customer_sessions("ana"))
        elif does == "erase":
            acted.append(store.erase_customer("ana"))
        elif store.get_session(ana.id) is not None:
            acted.append(store.increment(ana.id, "visits") if does == "save" else store.end_session(ana.id))

    scene.faults.before(at, act, times=FOREVER)
    scene.faults.after("PutItem", act, times=FOREVER, session_id=ana.id)

    import_file(table_of(scene, copy.name), path, Choices(revive=True))
    scene.faults.clear()

    verdict = refusal(copy.store, ana.token, strict=True)
    if does == "save":
        assert verdict is None
        saved = copy.store.get_session(ana.id)
        assert saved is not None
        assert saved.data["visits"] == 1 + len(acted)
    elif does == "sign_in_again":
        assert refusal(copy.store, str(acted[-1]), strict=True) is None
    else:
        assert acted
        assert verdict is not None


def test_rows_that_are_there_already_count_against_the_rate(scene: Scene, ana: SignedIn, path: Path) -> None:
    """DynamoDB charges a write whose condition does not hold, and does not report it."""
    began = scene.clock.monotonic()

    import_file(table_of(scene, max_wcu=1), path)

    assert scene.clock.monotonic() - began >= 3  # five rows, of which the last one and one unused second are free


# Lines


def _item(change: Callable[[Any], None]) -> Callable[[str], str]:
    def broken(line: str) -> str:
        content = json.loads(line)
        change(content["Item"])
        return json.dumps(content)

    return broken


BROKEN: dict[str, Callable[[str], str]] = {
    "no JSON": lambda _: "tea",
    "cut off": lambda line: line[:-40],
    "an array": lambda _: "[1]",
    "nested too deep": lambda _: '{"Item":' * 2000 + "}" * 2000,
    "no row": lambda _: '{"Item": 7}',
    "another kind of line": lambda _: '{"Tea": {}}',
    "a lone value": _item(lambda item: item.update(version="1")),
    "a number that is none": _item(lambda item: item.update(version={"N": "one"})),
    "a version that is text": _item(lambda item: item.update(version={"S": "1"})),
    "no base64": _item(lambda item: item.update(head={"B": "ä"})),
    "an unknown state": _item(lambda item: item.update(session_state={"S": "suspended"})),
    "an unknown kind": _item(lambda item: item.update(entity_type={"S": "device"})),
    "without a TTL": _item(lambda item: item.pop("ttl")),
    "another customer's key": _item(lambda item: item.update(customer_id={"S": "eve"})),
    "a key that is none": _item(lambda item: item.update(PK={"S": "suuid#1"})),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_line_is_named_and_skipped(copy: Copy, ana: SignedIn, path: Path, kind: str) -> None:
    lines = path.read_text().splitlines()
    number = next(index for index, line in enumerate(lines) if '"SK":{"S":"c#bob"}' in line and "suuid#" in line)
    lines[number] = BROKEN[kind](lines[number])
    path.write_text("\n".join(lines) + "\n")

    loaded = copy.load(path, revive=True)

    assert [problem.line for problem in loaded.problems] == [number + 1]
    assert "tea" not in loaded.problems[0].problem
    assert loaded.count(Outcome.BROKEN) == 1
    assert refusal(copy.store, ana.token, strict=True) is None


@pytest.mark.parametrize("end", [b"\r\n", b"\n\n"])
def test_line_ends_of_windows_empty_lines_and_a_byte_order_mark_are_fine(
    ana: SignedIn, copy: Copy, path: Path, end: bytes
) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", end))

    assert copy.load(path, revive=True).problems == []
    assert refusal(copy.store, ana.token, strict=True) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_torn_end_is_named_and_what_is_whole_arrives(
    scene: Scene, ana: SignedIn, copy: Copy, tmp_path: Path, name: str
) -> None:
    path = export(scene, tmp_path / name, segments=1)
    path.write_bytes(path.read_bytes()[:-9])

    loaded = copy.load(path, revive=True)

    assert [problem.problem.split(":")[0] for problem in loaded.problems] == [
        "the file ends in the middle of a line or of a compressed part"
    ]
    assert refusal(copy.store, ana.token, strict=True) is None


def test_lines_that_are_missing_are_noticed(copy: Copy, path: Path) -> None:
    path.write_text(
        "".join(path.read_text().splitlines(keepends=True)[:1] + path.read_text().splitlines(keepends=True)[2:])
    )
    assert "and the file has" in copy.load(path).problems[0].problem

    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert "unfinished" in copy.load(path).problems[0].problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"PK,SK\n", "does not begin"),
        (b'{"Item":{}}\n', "does not begin"),
        (b"x" * 5_000_000, "longer than any row"),
        (b'{"session_store_export":{"version":"one"}}\n', "no readable first line"),
        (json.dumps({"session_store_export": {"version": VERSION + 1}}).encode() + b"\n", "newer session-store"),
    ],
)
def test_what_is_no_export_of_ours_is_refused(copy: Copy, tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "all"
    path.write_bytes(content)

    with pytest.raises(InvalidInputError, match=problem):
        copy.load(path)
    assert copy.rows == {}


def test_an_export_without_secrets_revives_nothing(scene: Scene, ana: SignedIn, copy: Copy, tmp_path: Path) -> None:
    path = export(scene, tmp_path / "all", secrets=False)

    with pytest.raises(InvalidInputError, match="without secrets"):
        copy.load(path, revive=True)
    assert copy.rows == {}
    assert copy.load(path).count(Outcome.ENDED) == 4


def test_rows_whose_time_is_over_are_left_out(scene: Scene, copy: Copy, path: Path) -> None:
    scene.clock.advance(400 * 24 * 60 * 60)

    assert copy.load(path).count(Outcome.LEFT_OUT) == 11
    assert copy.rows == {}


# Going on


def test_a_stopped_import_goes_on_where_it_was(
    scene: Scene, copy: Copy, ana: SignedIn, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_store.whole_table.importing._CHUNK", 2)
    scene.faults.fail("PutItem", KeyboardInterrupt(), skip=6)

    with pytest.raises(KeyboardInterrupt):
        copy.load(path, revive=True)

    stopped = len(copy.rows)
    assert 0 < stopped < len(rows_of(scene))
    scene.faults.clear()
    again = copy.load(path, revive=True)
    assert copy.rows == rows_of(scene)
    assert again.count(Outcome.CREATED) == len(rows_of(scene)) - stopped
    assert again.count(Outcome.THERE) <= 2  # of the chunk that was under way
    assert not list(path.parent.glob("*.progress*"))


def test_the_note_of_another_import_is_none(scene: Scene, copy: Copy, path: Path) -> None:
    scene.faults.throttle("PutItem", times=FOREVER, skip=4)
    with pytest.raises(Exception, match="throttled"):
        copy.load(path, revive=True)
    scene.faults.clear()

    assert copy.load(path).count(Outcome.ENDED) > 0  # not revived: from the beginning


def test_a_place_is_handed_back_as_it_was_printed() -> None:
    assert read_place(str(Place(2, 4000))) == Place(2, 4000)
    for text in ("", "2", "3.1", "2.x", "tea"):
        with pytest.raises(InvalidInputError, match="cursor"):
            read_place(text)


def test_a_lost_reply_is_recognized(scene: Scene, copy: Copy, path: Path) -> None:
    scene.faults.lose_reply("PutItem", times=3)
    scene.faults.stall_request("PutItem", times=3)

    loaded = copy.load(path, revive=True)

    assert loaded.count(Outcome.THERE) == 0
    assert loaded.count(Outcome.CREATED) == len(rows_of(scene))


def test_two_parts_of_a_stream_one_behind_the_other_are_one(scene: Scene, copy: Copy, path: Path) -> None:
    half = path.read_text().splitlines(keepends=True)
    path.write_text("".join(half[:4] + half))

    loaded = copy.load(path, revive=True)

    assert loaded.problems == []
    assert copy.rows == rows_of(scene)


def test_a_stream_is_read_once(copy: Copy, scene: Scene, path: Path) -> None:
    result = Import(table_of(scene, copy.name), lambda: path.open("rb")).run()

    assert result.counts[Outcome.ENDED] == 4


def test_a_row_survives_the_way_through_json() -> None:
    row: Item = {"data": {"M": {"a": {"L": [{"B": b"\x00\xff"}, {"NULL": True}]}, "ä\u2028": {"N": "-1.5E+3"}}}}
    assert read_json(json.loads(write_json(row))) == row
    assert write_json(row).isascii()


@pytest.mark.parametrize("has_a_key", [False, True])
def test_encrypted_sessions_come_with_their_data_keys_unless_the_table_has_others(
    scene: Scene, copy: Copy, tmp_path: Path, *, has_a_key: bool
) -> None:
    def store_of(table_name: str) -> SessionStore:
        encryption = Encryption(FernetKeyring(KEY), store_id="shop")
        return new_store(table_name, dynamodb_client=scene.client, clock=scene.clock, encryption=encryption)

    created = store_of(scene.table_name).create_session("ana", data={"cart": ["tea"]})
    if has_a_key:
        store_of(copy.name).create_session("bob")
    loaded = copy.load(export(scene, tmp_path / "all.jsonl"), revive=True)

    if has_a_key:
        assert [each.problem for each in loaded.problems] == [
            "the table has another data key of that week: import what this one encrypts into an empty table"
        ]
        with pytest.raises(UnreadableDataError):
            store_of(copy.name).validate(created.token)
    else:
        assert not loaded.problems
        assert store_of(copy.name).validate(created.token).data == {"cart": ["tea"]}
