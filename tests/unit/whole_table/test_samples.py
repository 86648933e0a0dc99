"""Sample data of NoSQL Workbench."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from docgen import workbench
from local.paths import ROOT
from session_store import InvalidInputError, Refusal, SessionState
from session_store.storage.attribute_values import Item, read_map
from session_store.tokens import is_session_id
from session_store.whole_table.samples import Samples, import_samples
from session_store.whole_table.verifying import Verification
from tests.contract.refusals import refusal
from tests.support.scene import Scene, children_of
from tests.unit.whole_table.tables import rows_of, table_of

OURS = ROOT / "docs" / "nosql-workbench.json"
ABC, ABC_CLOSING = "01880fb9-92c0-7001-8abc-000000000002", "01880fb9-92c0-7000-8abc-000000000001"
# In the form of the published schema for session management.
PUBLISHED: list[dict[str, str]] = [
    {"PK": "suuid#k1", "SK": "child#suuid#k1a", "access_token": "in the clear", "session_state": "closing"},
    {"PK": "suuid#k1", "SK": "c#KLM", "last_login_time": "2023-01-02T03:04:05", "session_state": "active"},
]


def load(scene: Scene, path: Path) -> tuple[Samples, dict[int, str]]:
    problems: dict[int, str] = {}
    result = import_samples(table_of(scene), path, on_problem=problems.__setitem__)
    return result, problems


def model(path: Path, rows: list[Any]) -> Path:
    keys = {"PartitionKey": {"AttributeName": "PK"}, "SortKey": {"AttributeName": "SK"}}
    others = {"KeyAttributes": {"PartitionKey": {"AttributeName": "id"}}, "TableData": [{"id": {"S": "1"}}]}
    path.write_text(json.dumps({"DataModel": [others, {"KeyAttributes": keys, "TableData": rows}]}))
    return path


def as_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def cell(name: str, value: Item) -> str:
    ((kind, content),) = value.items()
    return json.dumps(read_map(value["M"]) if name == "data" else content) if kind in {"M", "BOOL"} else str(content)


def ours_as_csv(path: Path) -> Path:
    rows = json.loads(OURS.read_text())["DataModel"][0]["TableData"]
    return as_csv(path, [{name: cell(name, value) for name, value in row.items()} for row in rows])


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_sessions_of_our_own_model_are_there_from_now_on(scene: Scene, tmp_path: Path, kind: str) -> None:
    result, problems = load(scene, OURS if kind == "json" else ours_as_csv(tmp_path / "all.csv"))

    assert (result.created, problems) == (6, {})
    listed = {session.session_id: session for session in scene.other.get_customer_sessions("ABC").sessions}
    assert listed[ABC].data["cart"] == [{"sku": "B-1001", "quantity": 2}]
    assert listed[ABC].last_seen_at.timestamp() == scene.clock.now()
    assert listed[ABC_CLOSING].session_state is SessionState.CLOSING
    assert len(children_of(scene.other, ABC) or ()) == 2
    assert list(Verification(table_of(scene)).findings()) == []


def test_a_token_that_can_be_worked_out_of_the_published_rows_opens_nothing(scene: Scene) -> None:
    load(scene, OURS)

    assert refusal(scene.other, workbench._token(ABC, None).encode()) is Refusal.UNKNOWN


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_rows_of_the_published_schema_become_rows_of_this_one(scene: Scene, tmp_path: Path, kind: str) -> None:
    typed = [{name: {"S": value} for name, value in row.items()} for row in PUBLISHED]
    path = model(tmp_path / "all.json", typed) if kind == "json" else as_csv(tmp_path / "all.csv", PUBLISHED)

    assert load(scene, path) == (Samples(created=2), {})
    assert load(scene, path) == (Samples(there=2), {})
    (session,) = scene.other.get_customer_sessions("KLM").sessions
    (child,) = children_of(scene.other, session) or ()
    assert is_session_id(session.session_id)
    assert session.last_login_time is not None
    assert session.last_login_time.isoformat() == "2023-01-02T03:04:05+00:00"
    assert child.session_state is SessionState.CLOSING
    assert "in the clear" not in str(rows_of(scene))
    assert list(Verification(table_of(scene)).findings()) == []


def test_they_come_under_the_row_that_their_customer_has(scene: Scene) -> None:
    created = scene.other.create_session("ABC")

    load(scene, OURS)

    assert refusal(scene.other, created.token, strict=True) is None
    scene.other.end_customer_sessions("ABC")
    assert scene.other.get_customer_sessions("ABC").sessions == ()


def test_a_row_that_is_wrong_is_named_and_the_others_arrive(scene: Scene, tmp_path: Path) -> None:
    good = [{name: {"S": value} for name, value in row.items()} for row in PUBLISHED]
    login = {"last_login_time": {"S": "yesterday"}, "session_state": {"S": "active"}}
    wrong = [
        7,
        {"PK": "suuid#1"},
        {"PK": {"S": "suuid#2"}, "SK": {"S": "child#suuid#2"}, "session_state": {"S": "active"}},
        {"PK": {"S": "suuid#3"}, "SK": {"S": "c#KLM"}, **login},
        {"PK": {"S": "suuid#4"}, "SK": {"S": "d#KLM"}, **login},
        good[1] | {"session_state": {"S": "open"}},
        good[1] | {"entity_type": {"S": "session"}},
    ]

    result, problems = load(scene, model(tmp_path / "all.json", [*wrong, *good]))

    assert sorted(problems) == [1, 2, 3, 4, 5, 6, 7]
    assert (result.created, result.broken) == (2, 7)


def test_ended_sessions_and_other_kinds_of_rows_are_left_out(scene: Scene, tmp_path: Path) -> None:
    row = json.loads(OURS.read_text())["DataModel"][0]["TableData"]
    ended = [each | {"session_state": {"S": "ended"}} for each in row if each["PK"]["S"].endswith(ABC_CLOSING)]

    assert load(scene, model(tmp_path / "all.json", [*row[:2], *ended])) == (Samples(left_out=3), {})
    assert rows_of(scene) == {}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("all.json", b"[]", "no model"),
        ("all.json", b"tea", "no model"),
        ("all.json", b'{"DataModel": [1]}', "no model"),
        ("all.json", b"\xff\xfe", "UTF-8"),
        ("all.csv", b"id,name\n1,2\n", "PK and SK"),
        ("all.csv", b"", "PK and SK"),
        ("all.json", b" " * (17 * 1024 * 1024), "larger than sample data"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    scene: Scene, tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(InvalidInputError, match=problem):
        load(scene, path)
