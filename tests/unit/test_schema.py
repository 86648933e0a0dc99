"""Every key of the table, pinned. A change here is a migration of all users' data."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_store import checks
from session_store.storage import schema
from tests.support.customer_ids import ANY_ID, LIKE_KEYS

SESSION = "018812a0-0000-7000-8000-000000000000"
CHILD = "018812a0-0001-7000-8000-000000000000"


def test_names_are_those_of_the_published_design() -> None:
    assert (schema.PARTITION_KEY, schema.SORT_KEY, schema.TTL_ATTRIBUTE) == ("PK", "SK", "ttl")
    assert (schema.INDEX_NAME, schema.INDEX_PARTITION_KEY, schema.INDEX_SORT_KEY) == ("GSI1_inverse", "SK", "PK")


@pytest.mark.shows("N14")
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
    assert schema.idempotency_partition_key("0a") == "idempotency#0a"
    assert schema.provider_session_partition_key("0a") == "provider#0a"
    assert schema.provider_logout_key("0a") == "logout#0a"


def test_the_values_of_entity_type_are_as_deployed_tables_have_them() -> None:
    of_providers = {"provider_session", "provider_logout"}
    kinds = {"session", "child_session", "customer", "idempotency_key", "data_key", *of_providers}
    assert {str(kind) for kind in schema.EntityType} == kinds


def test_in_the_index_a_customers_other_rows_stand_below_the_sessions() -> None:
    for key in (schema.idempotency_partition_key("f"), schema.provider_session_partition_key("f")):
        assert key < schema.SESSIONS_PARTITION_KEYS < schema.session_partition_key("0")


def test_a_sessions_own_row_stands_before_its_childrens() -> None:
    for customer_id in ("ABC", None, "child", "\U0010ffff"):
        assert schema.session_sort_key(SESSION, customer_id) < schema.CHILDREN_SORT_KEYS
    assert schema.child_sort_key(CHILD) >= schema.CHILDREN_SORT_KEYS


PARTS = st.sampled_from([*LIKE_KEYS, "suuid#", "child#", "customer#", "c#", "#", "t#", "#01", SESSION, CHILD])
# Any id that a customer may have, and many that look like keys.
CUSTOMER_IDS = st.one_of(
    st.from_regex(ANY_ID, fullmatch=True).filter(lambda text: len(text.encode()) <= checks.MAX_CUSTOMER_ID_BYTES),
    st.lists(PARTS, min_size=1, max_size=4).map("".join),
)
# Two of them; often one is the other with something before or behind it.
TWO_IDS = st.one_of(
    st.tuples(CUSTOMER_IDS, CUSTOMER_IDS),
    st.tuples(CUSTOMER_IDS, PARTS).map(lambda pair: (pair[0], "".join(pair))),
    st.tuples(PARTS, CUSTOMER_IDS).map(lambda pair: (pair[1], "".join(pair))),
)
# By what each kind of row has in its key: its partition key and its sort key. Those of another home are reserved.
ROWS: dict[str, Callable[[str], tuple[str, str]]] = {
    "session": lambda _: (schema.session_partition_key(SESSION), schema.session_sort_key(SESSION, None)),
    "customer's session": lambda id_: (schema.session_partition_key(SESSION), schema.session_sort_key(SESSION, id_)),
    "child": lambda _: (schema.session_partition_key(SESSION), schema.child_sort_key(CHILD)),
    "customer": lambda id_: (schema.customer_item_partition_key(id_), schema.customer_item_sort_key(id_)),
    "idempotency key": lambda _: (schema.idempotency_partition_key("0a"), schema.session_sort_key("0a", None)),
    "provider's session": lambda id_: (schema.provider_session_partition_key("0a"), schema.customer_sort_key(id_)),
    "provider's logout": lambda _: (schema.provider_logout_key("0a"), schema.provider_logout_key("0a")),
    "customer of home 1": lambda id_: (schema.customer_item_partition_key(id_), f"customer-01#{id_}"),
}


@pytest.mark.shows("T40")
@given(TWO_IDS)
def test_no_id_yields_the_key_of_another_customer_or_of_another_kind(ids: tuple[str, str]) -> None:
    one, other = ids
    sort_keys = {(kind, id_): key(id_)[1] for kind, key in ROWS.items() for id_ in (one, other)}
    del sort_keys["provider's session", one]  # it stands in the partition of the index that lists the sessions
    sort_keys.pop(("provider's session", other), None)
    # A visitor's session and a child have no customer in their keys.
    without = {"session", "child", "idempotency key", "provider's logout"}
    distinct = {(kind, "" if kind in without else id_) for kind, id_ in sort_keys}

    assert len(set(sort_keys.values())) == len(distinct)
    assert (schema.customer_item_partition_key(one) == schema.customer_item_partition_key(other)) == (one == other)
    assert schema.session_partition_key(SESSION) != schema.customer_item_partition_key(one)


@given(CUSTOMER_IDS)
def test_every_key_fits_and_is_none_of_those_kept_for_tenants_and_for_later(customer_id: str) -> None:
    for row in ROWS.values():
        for key in row(customer_id):
            assert len(key.encode()) <= 1024  # what a sort key may have; the index makes one of each partition key
            assert not key.startswith(("t#", "c!"))


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
