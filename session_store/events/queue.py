"""The parking queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from session_store.events.delivery import Answer, answer_of, deliver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.storage.deadline import Deadline

_MAX_MESSAGES: Final = 10


def park(client: Any, queue_url: str, messages: Sequence[Mapping[str, Any]], deadline: Deadline) -> list[bool]:  # noqa: ANN401 - made at run time
    """Put messages into the queue. Each is small: a row's key and a few names.

    Args:
        client: of SQS.
        queue_url: the queue.
        messages: their bodies.
        deadline: when no further attempt may start.

    Returns:
        Whether the queue has accepted each. None of those for which there was no time.
    """

    def send(numbers: Sequence[int]) -> list[Answer]:
        of_request = [{"Id": str(number), "MessageBody": json.dumps(messages[number])} for number in numbers]
        reply = client.send_message_batch(QueueUrl=queue_url, Entries=of_request)
        answers = {each["Id"]: Answer.ACCEPTED for each in reply.get("Successful", ())}
        answers |= {each["Id"]: answer_of(each["Code"]) for each in reply.get("Failed", ())}
        return [answers.get(str(number), Answer.PASSING) for number in numbers]

    outcomes: dict[int, Answer] = {}
    for begin in range(0, len(messages), _MAX_MESSAGES):
        if begin and deadline.passed:
            break
        outcomes |= deliver(send, range(begin, min(begin + _MAX_MESSAGES, len(messages))), deadline)
    return [outcomes.get(number) is Answer.ACCEPTED for number in range(len(messages))]
