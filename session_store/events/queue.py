"""The parking queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from session_store.events.delivery import Answer, deliver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.storage.deadline import Deadline


def park(client: Any, queue_url: str, messages: Sequence[Mapping[str, Any]], deadline: Deadline) -> int:  # noqa: ANN401 - made at run time
    """Put messages into the queue, one by one, up to the first that it does not take.

    Args:
        client: of SQS.
        queue_url: the queue.
        messages: their bodies.
        deadline: when no further attempt may start. One is made in any case.

    Returns:
        How many the queue has taken.
    """

    def send(numbers: Sequence[int]) -> list[None]:
        for number in numbers:
            client.send_message(QueueUrl=queue_url, MessageBody=json.dumps(messages[number]))
        return [None] * len(numbers)

    for number in range(len(messages)):
        if number and deadline.passed:
            return number
        if deliver(send, [number], deadline)[number] is not Answer.ACCEPTED:
            return number
    return len(messages)
