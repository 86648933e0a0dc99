"""Operations that others get in the way of, again and again: they give up with a conflict and leave all as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from session_store import ConflictError, Timeouts
from tests.support.faults import FOREVER
from tests.support.scene import Scene, SignedIn

Operation = Callable[[Scene, SignedIn], object]


def _sign_in_over_it(scene: Scene, signed_in: SignedIn) -> object:
    return scene.store.create_session("ana", replaces=signed_in.root.session, carry_data=True)


def _start_a_child(scene: Scene, signed_in: SignedIn) -> object:
    return scene.store.create_child_session(signed_in.root.session)


def _end_all(scene: Scene, signed_in: SignedIn) -> object:
    return scene.store.end_customer_sessions("ana")


def _save_meanwhile(scene: Scene, signed_in: SignedIn) -> None:
    scene.other.increment(signed_in.id, "visits")


def _end_the_children_meanwhile(scene: Scene, signed_in: SignedIn) -> None:
    scene.other.rotate(signed_in.token, end_children=True)


def _end_all_meanwhile(scene: Scene, signed_in: SignedIn) -> None:
    scene.other.end_customer_sessions("ana", except_session_id=signed_in.id)


@pytest.mark.parametrize(
    ("operation", "request_name", "meanwhile"),
    [
        (_sign_in_over_it, "TransactWriteItems", _save_meanwhile),
        (_start_a_child, "TransactWriteItems", _end_the_children_meanwhile),
        (_end_all, "UpdateItem", _end_all_meanwhile),
    ],
)
def test_what_others_change_each_time_ends_in_a_conflict_and_nothing_is_written(
    scene: Scene, signed_in: SignedIn, operation: Operation, request_name: str, meanwhile: Operation
) -> None:
    rows = len(scene.all_rows())
    scene.faults.before(request_name, lambda: meanwhile(scene, signed_in), times=FOREVER)

    with pytest.raises(ConflictError):
        operation(scene, signed_in)

    assert len(scene.all_rows()) == rows
    assert scene.store.get_session(signed_in.id) is not None


def test_a_sign_in_gives_up_when_its_customer_is_erased_and_signed_in_anew_each_time(scene: Scene) -> None:
    def erase_and_sign_in() -> None:
        scene.other.erase_customer("ana")
        scene.other.create_session("ana")

    scene.other.create_session("ana")
    scene.faults.before("UpdateItem", erase_and_sign_in, times=FOREVER)

    with pytest.raises(ConflictError):
        scene.store.create_session("ana", timeouts=Timeouts(absolute=timedelta(days=60)))

    assert len(scene.other.get_customer_sessions("ana").sessions) == 1
