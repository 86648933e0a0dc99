"""RFC 7396, with the examples of its appendix that have an object at the top, and where two changes meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_store import JSONObject
from session_store.data.merge_patch import clashes, merge

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["x", "y"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@pytest.mark.parametrize(
    ("target", "patch", "merged"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_patch_is_merged(target: JSONObject, patch: JSONObject, merged: JSONObject) -> None:
    assert merge(target, patch) == merged


@given(objects, objects)
def test_merging_twice_is_merging_once_and_changes_no_argument(target: JSONObject, patch: JSONObject) -> None:
    before = repr((target, patch))

    once = merge(target, patch)

    assert merge(once, patch) == once
    assert repr((target, patch)) == before


@given(objects, objects, objects)
def test_changes_that_do_not_clash_give_the_same_in_both_orders(
    base: JSONObject, one: JSONObject, other: JSONObject
) -> None:
    first_one, first_other = merge(base, one), merge(base, other)

    if not clashes(other, base, first_one) and not clashes(one, base, first_other):
        assert merge(first_one, other) == merge(first_other, one)


@given(objects, objects)
def test_nothing_clashes_with_what_has_not_changed(base: JSONObject, patch: JSONObject) -> None:
    assert clashes(patch, base, dict(base)) == []


@pytest.mark.parametrize(
    ("patch", "base", "current", "places"),
    [
        ({"a": 1}, {}, {"a": 2}, ["/a"]),
        ({"a": 1}, {"a": 2}, {}, ["/a"]),
        ({"a": None}, {"a": 2}, {"a": 3}, ["/a"]),
        ({"a": {"b": 1}}, {"a": {"b": 0, "c": 0}}, {"a": {"b": 0, "c": 1}}, []),
        ({"a": {"b": 1}}, {"a": {"b": 0}}, {"a": {"b": 2}}, ["/a/b"]),
        ({"a": {"b": 1}}, {"a": {"b": 0}}, {"a": "text"}, ["/a"]),
        ({"a": [1]}, {"a": [0]}, {"a": [0, 2]}, ["/a"]),
        ({"a": 1, "b": 1}, {}, {"a": 0, "b": 0}, ["/a", "/b"]),
        ({"a~/b": 1}, {}, {"a~/b": 0}, ["/a~0~1b"]),
        ({"a": 1}, {"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": 1}, {"a": True}, ["/a"]),
        ({"a": 1}, {"a": None}, {}, ["/a"]),
    ],
)
def test_a_clash_is_named_by_its_place(
    patch: JSONObject, base: JSONObject, current: JSONObject, places: list[str]
) -> None:
    assert clashes(patch, base, current) == places


def test_the_places_of_clashes_are_few_and_short_however_many_and_deep_they_are() -> None:
    patch = {"k" * 200_000: {str(number): 1 for number in range(20_000)}}
    assert clashes(patch, {"k" * 200_000: {}}, patch) == [""]

    many: JSONObject = {str(number): 1 for number in range(1_000)}
    assert clashes(many, {}, many) == [f"/{number}" for number in range(32)]
