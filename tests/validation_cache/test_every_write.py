"""Each access pattern of the catalog that changes a session's row tells the cache: none can be forgotten."""

from __future__ import annotations

import pytest

from session_store.storage import schema
from session_store.validation_cache.cache import Cache
from tests.support.cache_server import MemoryServer
from tests.support.costs import CACHE, CASES, Case
from tests.support.scene import Scene

# What moves an expiry on, or a TTL, makes no token refused and changes no data.
_UNTOLD = {"last_seen_at", "expires_at", "ttl", "collection_until", "covered", "kept", "provider_logout_at"}
OF_CACHED = [case for case in CASES if case.pattern.cost(case.when).cache_trips]  # of stores with a cache of their own
Rows = dict[tuple[str, str], dict[str, object]]


def _rows(scene: Scene) -> Rows:
    return {(row[schema.PARTITION_KEY], row[schema.SORT_KEY]): row for row in scene.all_rows()}


def _changed(before: Rows, after: Rows) -> set[tuple[str, str]]:
    """The rows that were there, and are changed in more than what need not be told."""
    return {
        key
        for key, row in before.items()
        if key not in after
        or {name for name in row.keys() | after[key].keys() if row.get(name) != after[key].get(name)} - _UNTOLD
    }


@pytest.mark.parametrize("case", [case for case in CASES if case not in OF_CACHED], ids=str)
def test_what_a_pattern_changes_the_cache_has_no_more(scene: Scene, memory: MemoryServer, case: Case) -> None:
    call, keys = case.arrange(scene), Cache(memory, scene.table_name, scene.clock)
    before = _rows(scene)
    names = {
        key: keys.customer_key(str(row["customer_id"]))
        if row["entity_type"] == schema.EntityType.CUSTOMER
        else keys.session_key(schema.session_id_of(key[0]))
        for key, row in before.items()
        if row["entity_type"]
        in {schema.EntityType.CUSTOMER, schema.EntityType.SESSION, schema.EntityType.CHILD_SESSION}
    }
    memory.hashes = {name: {"server": memory.name, "lease": b"before"} for name in names.values()}

    call()

    changed = {names[key] for key in _changed(before, _rows(scene)) & names.keys()}
    assert not [name for name in changed if memory.hashes.get(name, {}).get("lease") == b"before"]


@pytest.mark.parametrize("case", OF_CACHED, ids=str)
def test_a_call_makes_as_many_trips_to_the_cache_as_it_costs(scene: Scene, case: Case) -> None:
    call = case.arrange(scene)

    call()

    assert CACHE.trips == case.pattern.cost(case.when).cache_trips
