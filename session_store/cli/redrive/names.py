"""Where the parking queue and the event bus are: options, the outputs of a stack, variables, or `make run`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.catalog.lifecycle import EVENT_BUS, PARKING_QUEUE
from session_store.cli.connect import outputs_of
from session_store.cli.exits import Exit, Failure
from session_store.settings import EVENT_BUS as EVENT_BUS_NAME
from session_store.settings import PARKING_QUEUE_URL

if TYPE_CHECKING:
    from session_store.aws.sessions import AwsSessions
    from session_store.catalog.pattern import Resource
    from session_store.cli.places import Place

_QUEUE: Final = ("--queue-url", "ParkingQueueUrl", PARKING_QUEUE_URL)
_BUS: Final = ("--event-bus", "EventBus", EVENT_BUS_NAME)
_ARN: Final = "arn:"
_URL: Final = re.compile(r"https?://[^/]+/\d{12}/[\w-]+")
_EXAMPLE: Final = "https://sqs.eu-west-1.amazonaws.com/111122223333/parked"


class Names(NamedTuple):
    """The queue and the bus.

    Attributes:
        queue_url: the queue's URL.
        event_bus: the bus's name or ARN.
    """

    queue_url: str
    event_bus: str

    def arns(self, partition: str, region: str) -> dict[Resource, str]:
        """Their ARNs. A bus that is given by its name is in the queue's account."""
        account, name = self.queue_url.split("/")[-2:]
        bus = f"arn:{partition}:events:{region}:{account}:event-bus/{self.event_bus}"
        return {
            PARKING_QUEUE: f"arn:{partition}:sqs:{region}:{account}:{name}",
            EVENT_BUS: self.event_bus if self.event_bus.startswith(_ARN) else bus,
        }


def find_names(aws: AwsSessions, place: Place, queue_url: str | None, event_bus: str | None) -> Names:
    """The queue and the bus of a table.

    Args:
        aws: the AWS sessions.
        place: where the table is.
        queue_url: the option, None when it is not given.
        event_bus: likewise.

    Raises:
        Failure: nothing names one of them, or the URL is none.
    """
    outputs = outputs_of(aws, place) if place.stack and not (queue_url and event_bus) else {}

    def name(given: str | None, option: str, output: str, variable: str) -> str:
        found = given or (outputs.get(output) if place.stack else place.variables.get(variable))
        if found:
            return found
        if place.stack:
            problem = f"The stack {place.stack} has no output {output}. Are lifecycle events on? Else give {option}."
            raise Failure(problem, Exit.MISCONFIGURED)
        raise Failure(f"Give {option}, or set {variable}.", Exit.USAGE)

    url, bus = name(queue_url, *_QUEUE), name(event_bus, *_BUS)
    if not _URL.fullmatch(url):
        raise Failure(f"--queue-url: {url!r} is no URL like {_EXAMPLE}", Exit.USAGE)
    return Names(url, bus)
