"""Sessions whose data is in S3: saves against each other, against ends and reads, while the stream function deletes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

import pytest

from session_store.testing.memory_engine import MemoryClient
from tests.interleavings.operations import BY_NAME, Operation
from tests.interleavings.scheduler import in_turn
from tests.interleavings.search import search
from tests.interleavings.stream import stream_function
from tests.interleavings.world import DUE, Beginning, World, begin
from tests.support.bucket import BUCKET, pointed_to
from tests.support.figures import Count
from tests.support.forms import Form, stored_as

FIGURE: Final = "interleavings, of two operations on data in S3, and the stream function"
_CHANGES: Final = frozenset({"put_item", "update_item", "transact_write_items", "batch_write_item"})
SAVES: Final = [BY_NAME[name] for name in ("increment", "replace data")]
OTHERS: Final = [BY_NAME[name] for name in ("validate", "save right", "end_session", "create in place of it")]
FAULTED: Final = [BY_NAME[name] for name in ("save right", "end_session")]


@dataclass
class StreamedWorld(World):
    """It knows the objects that were ever pointed to."""

    ever: set[str] = field(default_factory=set)

    def put_back(self, beginning: Beginning) -> Any:
        """Put everything back to a beginning."""
        client = super().put_back(beginning)
        self.ever = pointed_to(self.table.rows)
        return _Streamed(self, client)

    @property
    def sweeping(self) -> Operation:
        """The stream function as a participant."""
        return stream_function(lambda _: self.ever - pointed_to(self.table.rows))


class _Streamed:
    def __init__(self, world: StreamedWorld, client: MemoryClient) -> None:
        self._world, self._client = world, client

    def __getattr__(self, method: str) -> Any:
        answer = getattr(self._client, method)
        if method not in _CHANGES:
            return answer

        def change(**parameters: Any) -> Any:
            reply = answer(**parameters)
            self._world.ever |= pointed_to(self._world.table.rows)
            return reply

        return change


@pytest.fixture
def streamed(world: World) -> Iterator[StreamedWorld]:
    with patch.object(BUCKET, "around", in_turn):
        yield StreamedWorld()


@pytest.mark.proof
@pytest.mark.parametrize("first", SAVES, ids=str)
def test_no_order_of_two_operations_and_the_stream_function_is_wrong(
    streamed: StreamedWorld, count: Count, first: Operation
) -> None:
    with stored_as(Form.IN_S3):
        beginning = begin(streamed, after=DUE)
        for second in OTHERS:
            count(FIGURE, search(streamed, beginning, (first, second, streamed.sweeping)))


@pytest.mark.proof
@pytest.mark.parametrize("first", SAVES, ids=str)
def test_no_order_is_wrong_where_any_request_to_the_table_or_to_s3_times_out(
    streamed: StreamedWorld, count: Count, first: Operation
) -> None:
    with stored_as(Form.IN_S3):
        beginning = begin(streamed, after=DUE)
        for second in FAULTED:
            count(FIGURE, search(streamed, beginning, (first, second), faults=True))
        count(FIGURE, search(streamed, beginning, (first, BY_NAME["purge"])))


def test_a_save_a_reader_and_the_stream_function_meet_in_every_order(streamed: StreamedWorld, count: Count) -> None:
    with stored_as(Form.CHOSEN_IN_S3):
        beginning = begin(streamed, after=DUE)
        count(FIGURE, search(streamed, beginning, (BY_NAME["increment"], BY_NAME["get_session"], streamed.sweeping)))
