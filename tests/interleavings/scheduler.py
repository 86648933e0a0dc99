"""Runs store operations side by side, one API call at a time, in every possible order.

Each operation is a participant with a stack of its own (a greenlet) that is suspended before every API call until
its turn comes. Nothing runs in parallel, so a run is decided by its schedule alone and can be repeated. `explore` walks
through all schedules, depth first: each run follows the one before up to its last point with an untried alternative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ReadTimeoutError
from greenlet import getcurrent, greenlet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from session_store.dynamodb import DynamoDBClient

_WRITES: Final = frozenset({"put_item", "update_item", "transact_write_items", "batch_write_item"})
_MOST_STEPS: Final = 100


class Loss(StrEnum):
    """What a timeout can mean: the caller does not know which."""

    REPLY = "took effect, the reply was lost"
    REQUEST = "was lost before it took effect"


@dataclass(frozen=True)
class Fault:
    """One write of one participant that times out.

    Attributes:
        participant: its number.
        write: number of the write among the participant's.
        loss: what became of it.
    """

    participant: int
    write: int
    loss: Loss

    def __str__(self) -> str:
        return f"write {self.write} of participant {self.participant} {self.loss}"


@dataclass(frozen=True)
class Step:
    """One API call of a run: who made it, and what it was."""

    participant: int
    method: str


@dataclass
class Outcome:
    """What became of one operation. Its steps are numbers in the run's trace.

    Attributes:
        first_step: of its first API call; reads of the clock before it do not matter here.
        last_step: of its last one: it is acknowledged before any later step.
    """

    value: Any = None
    error: Exception | None = None
    first_step: int = _MOST_STEPS
    last_step: int = -1
    writes: int = 0

    def began_after(self, other: Outcome) -> bool:
        """Whether it began when the other had been acknowledged."""
        return self.first_step > other.last_step


@dataclass
class Run:
    """One schedule, carried out."""

    outcomes: list[Outcome]
    trace: list[Step] = field(default_factory=list)
    choices: list[tuple[int, ...]] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(f"  {step.participant}: {step.method}" for step in self.trace)


class Turns:
    """Whose turn it is: one run's participants, each suspended before its next API call."""

    def __init__(self, operations: Sequence[Callable[[DynamoDBClient], Any]], backend: Any, fault: Fault | None) -> None:
        self.run = Run([Outcome() for _ in operations])
        self._driver = getcurrent()
        self._participants = [
            greenlet(self._participation(number, operation, _Turnstile(self, number, backend, fault)))
            for number, operation in enumerate(operations)
        ]

    def follow(self, schedule: Sequence[int]) -> Run:
        """Carry out a schedule; past its end the first that can go on does."""
        for participant in self._participants:
            participant.switch()  # up to its first API call
        while waiting := tuple(number for number, one in enumerate(self._participants) if not one.dead):
            position = len(self.run.choices)
            chosen = schedule[position] if position < len(schedule) else waiting[0]
            self.run.choices.append(waiting)
            self._participants[chosen].switch()
            if position > _MOST_STEPS:
                raise AssertionError(f"it does not end:\n{self.run}")
        return self.run

    def wait(self, participant: int, method: str) -> Outcome:
        """Called by a participant before an API call: returns when its turn has come."""
        self._driver.switch()
        outcome = self.run.outcomes[participant]
        outcome.first_step = min(outcome.first_step, len(self.run.trace))
        outcome.last_step = len(self.run.trace)
        self.run.trace.append(Step(participant, method))
        return outcome

    def _participation(
        self, number: int, operation: Callable[[DynamoDBClient], Any], client: DynamoDBClient
    ) -> Callable[[], None]:
        def participate() -> None:
            outcome = self.run.outcomes[number]
            try:
                outcome.value = operation(client)
            except Exception as error:  # noqa: BLE001 - the properties judge it
                outcome.error = error

        return participate


class _Turnstile:
    """A DynamoDB client that waits for its turn before each call."""

    def __init__(self, turns: Turns, participant: int, backend: Any, fault: Fault | None) -> None:
        self._turns = turns
        self._participant = participant
        self._backend = backend
        self._fault = fault if fault and fault.participant == participant else None

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            outcome = self._turns.wait(self._participant, method)
            fault = None
            if method in _WRITES:
                fault = self._fault if self._fault and self._fault.write == outcome.writes else None
                outcome.writes += 1
            if fault is None:
                return getattr(self._backend, method)(**parameters)
            if fault.loss is Loss.REPLY:
                getattr(self._backend, method)(**parameters)
            raise ReadTimeoutError(endpoint_url="memory")

        return call


def explore(
    operations: Sequence[Callable[[DynamoDBClient], Any]], reset: Callable[[], Any], fault: Fault | None = None
) -> Iterator[Run]:
    """All runs of some operations, each from the same beginning.

    Args:
        operations: each takes the client it has to use.
        reset: puts the world back to its beginning and returns the client behind the participants'.
        fault: a write that times out in every run.

    Yields:
        Each run when it is over, before the world is put back for the next.
    """
    schedule: list[int] | None = []
    while schedule is not None:
        run = Turns(operations, reset(), fault).follow(schedule)
        yield run
        schedule = _next_schedule(run)


def _next_schedule(run: Run) -> list[int] | None:
    """The run's schedule up to its last point with an alternative not yet tried, and that alternative."""
    taken = [step.participant for step in run.trace]
    for position in reversed(range(len(taken))):
        later = [participant for participant in run.choices[position] if participant > taken[position]]
        if later:
            return [*taken[:position], later[0]]
    return None
