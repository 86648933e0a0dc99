"""Every key of the table, pinned: a change here is a migration of everybody's data."""

from __future__ import annotations

import pytest

from session_store.storage import schema

SESSION = "018812a0-0000-7000-8000-000000000000"
CHILD = "018812a0-0001-7000-8000-000000000000"


def test_names_are_those_of_the_published_design() -> None:
    assert (schema.PARTITION_KEY, schema.SORT_KEY, schema.TTL_ATTRIBUTE) == ("PK", "SK", "ttl")
    assert (schema.INDEX_NAME, schema.INDEX_PARTITION_KEY, schema.INDEX_SORT_KEY) == ("GSI1_inverse", "SK", "PK")


def test_the_index_projects_only_what_never_changes() -> None:
    fixed = ("entity_type", "customer_id", "created_at", "last_login_time", "absolute_expires_at")
    assert fixed == schema.INDEX_PROJECTION


def test_every_key_is_built_as_deployed_tables_have_it() -> None:
    assert schema.session_partition_key(SESSION) == f"suuid#{SESSION}"
    assert schema.session_sort_key(SESSION, "ABC") == "c#ABC"
    assert schema.session_sort_key(SESSION, None) == f"a#{SESSION}"
    assert schema.customer_sort_key("ABC") == "c#ABC"
    assert schema.child_sort_key(CHILD) == f"child#suuid#{CHILD}"
    assert schema.customer_item_partition_key("ABC") == "c#ABC"
    assert schema.customer_item_sort_key("ABC") == "customer#ABC"


def test_the_values_of_entity_type_are_as_deployed_tables_have_them() -> None:
    assert {str(kind) for kind in schema.EntityType} == {"session", "child_session", "customer"}


def test_a_sessions_own_row_stands_before_its_childrens() -> None:
    for customer_id in ("ABC", None, "child", "\U0010ffff"):
        assert schema.session_sort_key(SESSION, customer_id) < schema.CHILDREN_SORT_KEYS
    assert schema.child_sort_key(CHILD) >= schema.CHILDREN_SORT_KEYS


def test_the_keys_of_tenants_and_the_ones_kept_for_later_are_not_in_use() -> None:
    for id_ in (SESSION, "t#ABC", "!ABC"):
        made = (schema.session_partition_key(id_), schema.customer_item_partition_key(id_), schema.child_sort_key(id_))
        keys = (
            *made,
            schema.customer_item_sort_key(id_),
            *(schema.session_sort_key(id_, name) for name in (id_, None)),
        )
        assert not [key for key in keys if key.startswith(("t#", "c!"))]


def test_a_customer_has_no_visitors_key_whatever_the_id() -> None:
    assert schema.session_sort_key(SESSION, f"anon#{SESSION}") != schema.session_sort_key(SESSION, None)


def test_ids_are_read_back_from_keys() -> None:
    assert schema.session_id_of(schema.session_partition_key(SESSION)) == SESSION
    assert schema.child_session_id_of(schema.child_sort_key(CHILD)) == CHILD


@pytest.mark.parametrize("key", ["", "suuid#", "c#ABC", SESSION, f"xsuuid#{SESSION}"])
def test_a_key_of_another_kind_is_no_sessions(key: str) -> None:
    with pytest.raises(ValueError, match="suuid#"):
        schema.session_id_of(key)


@pytest.mark.parametrize("key", ["", "child#suuid#", f"suuid#{SESSION}", "c#ABC"])
def test_a_key_of_another_kind_is_no_childs(key: str) -> None:
    with pytest.raises(ValueError, match="child#suuid#"):
        schema.child_session_id_of(key)
