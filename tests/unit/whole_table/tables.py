"""Tables under test, and how a whole one compares to another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from session_store import SessionStore
from session_store.storage.attribute_values import Item
from session_store.whole_table.exporting import Options, export_to_file
from session_store.whole_table.frames import compression_of
from session_store.whole_table.import_file import import_file
from session_store.whole_table.import_lines import LineProblem
from session_store.whole_table.importing import Choices, Imported, Outcome
from session_store.whole_table.table import Table
from tests.support.scene import Scene, new_store

NO_LIMIT = 1e9


def table_of(scene: Scene, name: str | None = None, **rates: Any) -> Table:
    """A table whose calls the scene's faults can disturb."""
    rates = {"max_rcu": NO_LIMIT, "max_wcu": NO_LIMIT} | rates
    return Table(name or scene.table_name, scene.disturbed_client, scene.clock, **rates)


def rows_of(scene: Scene, name: str | None = None) -> dict[tuple[str, str], Item]:
    """All rows of a small table by their keys."""
    rows = scene.client.scan(TableName=name or scene.table_name, ConsistentRead=True)["Items"]
    return {(row["PK"]["S"], row["SK"]["S"]): row for row in rows}


def row_of(scene: Scene, session_id: str) -> Item:
    """A session's own row."""
    return next(row for key, row in rows_of(scene).items() if key[0].endswith(session_id) and "child" not in key[1])


def put(scene: Scene, row: Item, name: str | None = None) -> None:
    """Write a row whatever was there."""
    scene.client.put_item(TableName=name or scene.table_name, Item=row)


def delete(scene: Scene, row: Item, name: str | None = None) -> None:
    key = {part: row[part] for part in ("PK", "SK")}
    scene.client.delete_item(TableName=name or scene.table_name, Key=key)


def export(scene: Scene, path: Path, **options: Any) -> Path:
    """The scene's table in a file."""
    export_to_file(table_of(scene), path, Options(**{"compression": compression_of(path)} | options))
    return path


@dataclass
class Copy:
    """A table to import into."""

    scene: Scene
    name: str

    @property
    def store(self) -> SessionStore:
        return new_store(self.name, dynamodb_client=self.scene.client, clock=self.scene.clock)

    @property
    def rows(self) -> dict[tuple[str, str], Item]:
        return rows_of(self.scene, self.name)

    def load(self, path: Path, *, revive: bool = False) -> Loaded:
        """Import a file."""
        problems: list[LineProblem] = []
        table = table_of(self.scene, self.name)
        result = import_file(table, path, Choices(revive=revive), on_problem=problems.append)
        return Loaded(result, problems)


@dataclass
class Loaded:
    """The outcome of an import."""

    result: Imported
    problems: list[LineProblem]

    def count(self, outcome: Outcome) -> int:
        return self.result.counts[outcome]
