"""Ending all sessions from before a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store import CreatedSession, InvalidInputError, Refusal
from session_store.whole_table.cursor import beginning
from session_store.whole_table.ending import end_created_before
from tests.contract.refusals import refusal
from tests.support.scene import Scene, SignedIn
from tests.unit.whole_table.tables import row_of, rows_of, table_of


@pytest.fixture
def later(scene: Scene, ana: SignedIn) -> CreatedSession:
    """A session that began ten minutes later, at the very moment."""
    scene.clock.advance(timedelta(minutes=10))
    return scene.other.create_session("cleo")


def test_those_from_before_end_with_their_children_and_no_other(
    scene: Scene, ana: SignedIn, later: CreatedSession
) -> None:
    moment = int(later.session.created_at.timestamp())

    done = end_created_before(table_of(scene), moment)

    assert (done.found, done.ended) == (3, 3)
    assert refusal(scene.other, ana.token) is refusal(scene.other, ana.child_token, child=True) is Refusal.ENDED
    assert refusal(scene.other, later.token) is None
    assert row_of(scene, ana.id)["end_reason"] == {"S": "operator"}
    assert end_created_before(table_of(scene), moment).found == 0


def test_a_dry_run_counts_and_writes_nothing(scene: Scene, ana: SignedIn, later: CreatedSession) -> None:
    before = rows_of(scene)

    done = end_created_before(table_of(scene), int(scene.clock.now()), dry_run=True)

    assert (done.found, done.ended) == (3, 0)
    assert done.wru >= 3
    assert rows_of(scene) == before


def test_a_moment_that_is_to_come_is_refused(scene: Scene, ana: SignedIn) -> None:
    with pytest.raises(InvalidInputError, match="created_before"):
        end_created_before(table_of(scene), int(scene.clock.now()) + 1)


def test_a_stopped_one_goes_on(scene: Scene, ana: SignedIn, later: CreatedSession) -> None:
    cursor = beginning(1)
    moment = int(scene.clock.now())
    scene.faults.fail("UpdateItem", KeyboardInterrupt(), skip=1)

    with pytest.raises(KeyboardInterrupt):
        end_created_before(table_of(scene, max_rcu=1), moment, cursor=cursor)
    scene.faults.clear()
    end_created_before(table_of(scene), moment, cursor=cursor)

    assert refusal(scene.other, ana.token) is Refusal.ENDED
    assert end_created_before(table_of(scene), moment).found == 0


def test_a_lost_reply_counts_once(scene: Scene, ana: SignedIn, later: CreatedSession) -> None:
    scene.faults.lose_reply("UpdateItem", times=2)

    assert end_created_before(table_of(scene), int(scene.clock.now())).ended == 3


def test_what_others_end_meanwhile_is_not_counted(scene: Scene, ana: SignedIn, later: CreatedSession) -> None:
    scene.faults.after("Scan", lambda: scene.other.end_session(ana.id))

    done = end_created_before(table_of(scene), int(scene.clock.now()), segments=1)

    assert (done.found, done.ended) == (3, 2)
