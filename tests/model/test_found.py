"""What the model has found, as tests with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.scene import Scene, SignedIn


def test_after_a_lost_reply_an_end_of_the_same_second_is_taken_for_ones_own(scene: Scene, signed_in: SignedIn) -> None:
    # A tombstone says when, not by whom. The session has ended either way: only `True` is said once too often.
    scene.faults.drop_request("UpdateItem")
    # The pause before the repetition is far below a second: the scene begins at a whole one.
    scene.another_store().expire_session(signed_in.root.session)

    assert scene.store.expire_session(signed_in.root.session)
    assert scene.store.get_session(signed_in.id) is None
