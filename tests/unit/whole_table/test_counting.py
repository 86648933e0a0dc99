"""Counts of what a table holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store import StoreUnavailableError
from session_store.storage.attribute_values import Item
from session_store.whole_table.counting import OLDER, OTHER, count
from tests.support.faults import FOREVER
from tests.support.scene import Scene, SignedIn
from tests.unit.whole_table.tables import put, row_of, rows_of, table_of


def test_sessions_are_counted_by_state_hour_client_and_age(scene: Scene, ana: SignedIn) -> None:
    put(scene, row_of(scene, ana.id) | {"PK": {"S": "suuid#x"}, "session_state": {"S": "suspended"}})

    counts = count(table_of(scene))

    assert (counts.active, counts.anonymous, counts.ended, counts.children, counts.customers) == (3, 1, 1, 1, 2)
    assert counts.unknown == 1
    assert counts.rows == len(rows_of(scene))
    assert counts.clients == {"(none)": 2, "Firefox": 1}
    assert counts.signed_in["2040-01-01T00:00Z"] == counts.seen["2040-01-01T00:00Z"] == 3
    assert len(counts.signed_in) == 24
    assert counts.ages["under an hour"] == 3


def test_they_grow_old_and_run_out(scene: Scene, ana: SignedIn) -> None:
    scene.clock.advance(timedelta(minutes=29))
    scene.other.extend_session(ana.id)
    scene.clock.advance(timedelta(minutes=20))
    row = row_of(scene, ana.id)
    put(scene, row | {"PK": {"S": f"{row['PK']['S'][:-4]}0000"}, "created_at": {"N": "1"}})
    scene.clock.advance(timedelta(minutes=9, seconds=30))

    counts = count(table_of(scene))

    assert (counts.active, counts.expired) == (2, 2)
    assert (counts.ages["under an hour"], counts.ages[OLDER]) == (1, 1)
    assert sum(counts.signed_in.values()) == 1


def test_any_number_of_clients_takes_little_memory(
    scene: Scene, ana: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_store.whole_table.counting._MOST_CLIENTS", 2)
    template = row_of(scene, ana.id)
    for number in range(5):
        row: Item = template | {"PK": {"S": f"suuid#{number}"}, "client": {"S": f"browser {number}"}}
        put(scene, row)

    counts = count(table_of(scene), segments=1)

    assert len(counts.clients) == 3
    assert counts.clients[OTHER] == counts.active - sum(
        counts.clients[name] for name in counts.clients if name != OTHER
    )


def test_a_fault_is_no_count(scene: Scene, ana: SignedIn) -> None:
    scene.faults.throttle("Scan", times=FOREVER, skip=1)

    with pytest.raises(StoreUnavailableError):
        count(table_of(scene))
