"""A call beside a block: in another thread, or with its request sent before."""

from __future__ import annotations

import threading
from unittest.mock import Mock

import pytest

from session_store.storage.beside import Ahead, Beside


def test_both_go_on_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=10)

    with Beside(meeting.wait) as other:
        meeting.wait()

    assert other.result() in {0, 1}


def test_the_block_ends_when_both_have_ended() -> None:
    begun, done = threading.Event(), []

    def work() -> None:
        begun.wait(10)
        done.append(True)

    def fail() -> None:
        with Beside(work):
            begun.set()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert done == [True]


def test_an_error_is_raised_where_the_result_is_wanted() -> None:
    with Beside(int, "no number") as other:
        pass

    with pytest.raises(ValueError, match="no number"):
        other.result()


def test_a_request_that_was_sent_is_given_up_if_the_block_fails() -> None:
    drop = Mock()
    with Ahead(drop, int, "7") as ahead:
        pass
    assert ahead.result() == 7
    assert not drop.called

    def fail() -> None:
        with Ahead(drop, int, "7"):
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert drop.called
