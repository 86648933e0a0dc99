"""Faults that the model has found, as tests with a name."""

from __future__ import annotations

from tests.support.scene import Scene, SignedIn


def test_after_a_lost_request_an_end_by_another_call_is_not_taken_for_ones_own(
    scene: Scene, signed_in: SignedIn
) -> None:
    # The tombstone once said only when, not by whom: an end of the same second counted for both.
    scene.faults.drop_request("UpdateItem")
    scene.another_store().end_session(signed_in.root.session)

    assert not scene.store.end_session(signed_in.root.session)
    assert scene.store.get_session(signed_in.id) is None
