"""A tombstone says why its session ended. The first end counts, and no read shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from session_store import EndReason, InvalidInputError, SessionStore
from session_store.storage import items, schema
from session_store.storage.attribute_values import item_bytes
from tests.contract.refusals import refusal
from tests.support.faults import FOREVER
from tests.support.scene import Scene, SignedIn

Ends = Callable[[Scene, SignedIn], object]


def _stolen(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.validate(signed_in.new_token)
    scene.clock.advance(2 * 120 + 1)
    scene.store.validate(signed_in.new_token)
    refusal(scene.store, signed_in.token)


def _not_reached(scene: Scene, signed_in: SignedIn, end: Callable[[SessionStore], object]) -> None:
    scene.faults.hide_from_index(signed_in.id)
    end(scene.store)
    refusal(scene.store, signed_in.token, strict=True)


def _with_a_limit(scene: Scene, signed_in: SignedIn) -> None:
    scene.store_with(max_sessions_per_customer=1).create_session(signed_in.customer_id)


ENDS: Final[dict[str, tuple[EndReason, Ends]]] = {
    "ended by id": (EndReason.SIGNED_OUT, lambda scene, s: scene.store.end_session(s.id)),
    "ended as read": (EndReason.SIGNED_OUT, lambda scene, s: scene.store.end_session(s.root.session)),
    "ended by an operator": (EndReason.OPERATOR, lambda scene, s: scene.store.end_session(s.id, reason="operator")),
    "signed in over": (EndReason.REPLACED, lambda scene, s: scene.store.create_session("ana", replaces=s.token)),
    "all ended": (EndReason.ALL_ENDED, lambda scene, _: scene.store.end_customer_sessions("ana")),
    "all ended after a theft": (
        EndReason.THEFT,
        lambda scene, _: scene.store.end_customer_sessions("ana", reason=EndReason.THEFT),
    ),
    "not reached by an end of all": (
        EndReason.ALL_ENDED,
        lambda scene, s: _not_reached(scene, s, lambda store: store.end_customer_sessions("ana", reason="operator")),
    ),
    "not reached by an erasure": (
        EndReason.ALL_ENDED,
        lambda scene, s: _not_reached(scene, s, lambda store: store.erase_customer("ana")),
    ),
    "beyond the limit": (EndReason.SESSION_LIMIT, _with_a_limit),
    "a token used again": (EndReason.THEFT, _stolen),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_tombstone_says_why_the_session_ended(scene: Scene, signed_in: SignedIn, end: str) -> None:
    reason, does = ENDS[end]

    does(scene, signed_in)

    assert (scene.session_row(signed_in.id) or {})["end_reason"] == reason


def test_an_idempotency_key_that_is_used_again_replaces_the_session(scene: Scene) -> None:
    first, _ = [scene.store.create_session("ana", idempotency_key="key").session for _ in range(2)]

    assert (scene.session_row(first.session_id) or {})["end_reason"] == EndReason.REPLACED


@pytest.mark.parametrize("reason", [None, *EndReason])
def test_a_childs_tombstone_says_it_and_its_root_goes_on(
    scene: Scene, signed_in: SignedIn, reason: EndReason | None
) -> None:
    scene.store.end_child_session(signed_in.id, signed_in.child_id, **({} if reason is None else {"reason": reason}))

    assert "end_reason" not in (scene.session_row(signed_in.id) or {})
    rows = scene.rows(schema.session_partition_key(signed_in.id))
    assert [row.get("end_reason") for row in rows if row["entity_type"] == "child_session"] == [reason or "signed_out"]


def test_the_first_end_counts(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.end_session(signed_in.id, reason=EndReason.THEFT)
    scene.store.end_customer_sessions("ana")

    assert not scene.store.end_session(signed_in.id, reason=EndReason.OPERATOR)
    assert (scene.session_row(signed_in.id) or {})["end_reason"] == EndReason.THEFT


@pytest.mark.parametrize("reason", ["", "Operator", None, 1, ["operator"]])
def test_another_reason_is_refused_before_any_call(scene: Scene, signed_in: SignedIn, reason: Any) -> None:
    scene.faults.drop_request("UpdateItem", times=FOREVER)
    for end in (
        lambda: scene.store.end_session(signed_in.id, reason=reason),
        lambda: scene.store.end_child_session(signed_in.id, signed_in.child_id, reason=reason),
        lambda: scene.store.end_customer_sessions("ana", reason=reason),
    ):
        with pytest.raises(InvalidInputError, match="must be one of signed_out, replaced, operator") as refused:
            end()
        assert refused.value.field == "reason"
    assert not scene.faults.struck


def test_a_tombstone_from_before_reasons_were_kept_reads_as_signed_out(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.end_session(signed_in.id, reason=EndReason.OPERATOR)
    scene.store.end_child_session(signed_in.id, signed_in.child_id, reason=EndReason.OPERATOR)
    rows = [row for row in scene.raw_rows() if row["entity_type"]["S"] in {"session", "child_session"}]

    assert {items.read_record(row).end_reason for row in rows} == {EndReason.OPERATOR}
    for row in rows:
        del row["end_reason"]
    assert {items.read_record(row).end_reason for row in rows} == {EndReason.SIGNED_OUT}


def test_a_tombstone_stays_far_below_a_kilobyte(scene: Scene) -> None:
    created = scene.store.create_session("ana", client="c" * 512)
    scene.store.create_child_session(created.session)
    for number in range(9):
        scene.store.update_data(created.session.session_id, {"n": number})
    scene.store.end_session(created.session, reason=EndReason.SESSION_LIMIT)

    sizes = [item_bytes(row) for row in scene.raw_rows() if row["entity_type"]["S"] == "session"]
    assert max(sizes) < 1024 / 2
