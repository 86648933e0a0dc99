"""Runs store operations side by side, one API call at a time, in every possible order.

Each operation is a participant with a stack of its own (a greenlet) that is suspended before every API call until
its turn comes. Nothing runs in parallel, so a run is decided by its schedule alone and can be repeated. `explore` walks
through all schedules, depth first: each run follows the one before up to its last point with an untried alternative.
It leaves out what cannot make a difference: of two steps that touch different partitions, or only read, the order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from botocore.exceptions import ReadTimeoutError
from greenlet import getcurrent, greenlet

from session_store.storage import schema
from session_store.storage.requests import DynamoDBClient

Participation = Callable[["DynamoDBClient"], Any]

_WRITES: Final = frozenset(
    {
        *("put_item", "update_item", "transact_write_items", "batch_write_item"),
        *("put_object", "delete_object", "delete_objects"),
    }
)
_MOST_STEPS: Final = 100
_INDEX: Final = "the index"
_CACHE: Final = "cache_"  # how the calls of a cache of validations begin, none of which only reads
_EVERYTHING: Final = "everything"


class Loss(StrEnum):
    """The causes of a timeout, which the caller cannot tell apart."""

    REPLY = "took effect, the reply was lost"
    REQUEST = "was lost before it took effect"


Lose = Callable[[Loss, Callable[[], object]], object]
"""Makes a call and loses its request or its reply."""


def time_out(loss: Loss, call: Callable[[], object]) -> None:
    """Lose one as the SDK tells it."""
    if loss is Loss.REPLY:
        call()
    raise ReadTimeoutError(endpoint_url="memory")


@dataclass(frozen=True)
class Fault:
    """One write of one participant that times out."""

    participant: int
    write: int  # its number among the participant's
    loss: Loss

    def __str__(self) -> str:
        return f"write {self.write} of participant {self.participant} {self.loss}"


@dataclass(frozen=True)
class Step:
    """One API call of a run."""

    participant: int
    method: str
    touched: frozenset[str]  # partitions that it read or wrote, and the index where it matters
    first: bool  # its participant began with it: what was acknowledged before must not change places with it

    def commutes_with(self, other: Step) -> bool:
        """Whether the order of the two makes no observable difference."""
        if _EVERYTHING in self.touched | other.touched:
            return False
        reading = not (_changes(self.method) or _changes(other.method))
        return not (self.first or other.first) and (reading or not self.touched & other.touched)


@dataclass
class Choice:
    """One point of a run: who could go on, and who did."""

    waiting: tuple[int, ...]
    asleep: dict[int, Step]  # their next step was tried before, and nothing that matters to it has happened since
    chosen: int
    tried: dict[int, Step] = field(default_factory=dict)  # taken here, the last one in the present run

    def advance(self) -> bool:
        """Choose the next that was not tried; False when there is none."""
        left = [number for number in self.waiting if number not in self.tried and number not in self.asleep]
        self.chosen = left[0] if left else self.chosen
        return bool(left)

    def asleep_after(self) -> dict[int, Step]:
        """The operations that need not be tried at the next point."""
        step = self.tried[self.chosen]
        resting = (self.asleep | self.tried).items()
        return {number: other for number, other in resting if number != self.chosen and other.commutes_with(step)}


@dataclass
class Outcome:
    """The result of one operation. Its steps are numbers in the run's trace."""

    value: Any = None
    error: Exception | None = None
    first_step: int = _MOST_STEPS  # its first API call; reads of the clock before it do not matter here
    last_step: int = -1  # its last one: it is acknowledged before any later step
    writes: int = 0

    def began_after(self, other: Outcome) -> bool:
        """Whether it began when the other had been acknowledged."""
        return self.first_step > other.last_step


@dataclass
class Run:
    """One schedule, carried out."""

    outcomes: list[Outcome]
    trace: list[Step] = field(default_factory=list)
    complete: bool = True

    def __str__(self) -> str:
        return "\n".join(f"  {step.participant}: {step.method}" for step in self.trace)


class Turns:
    """Whose turn it is: one run's participants, each suspended before its next API call."""

    def __init__(self, operations: Sequence[Participation], backend: Any, fault: Fault | None, lose: Lose) -> None:
        self.run = Run([Outcome() for _ in operations])
        self._driver = getcurrent()
        self._participants = [
            greenlet(self._participation(number, operation, _Turnstile(self, number, backend, fault, lose)))
            for number, operation in enumerate(operations)
        ]

    def follow(self, path: list[Choice]) -> Run:
        """Carry out a path and write on it how the run went on: up to its end, or until nothing new can come."""
        for participant in self._participants:
            participant.switch()  # up to its first API call
        asleep: dict[int, Step] = {}
        while waiting := tuple(number for number, one in enumerate(self._participants) if not one.dead):
            position = len(self.run.trace)
            if position == len(path):
                awake = [number for number in waiting if number not in asleep]
                if not awake:
                    self.run.complete = False
                    for number in waiting:
                        self._participants[number].throw()
                    break
                path.append(Choice(waiting, asleep, awake[0]))
            choice = path[position]
            self._participants[choice.chosen].switch()
            choice.tried[choice.chosen] = self.run.trace[position]
            asleep = choice.asleep_after()
            if position > _MOST_STEPS:
                raise AssertionError(f"it does not end:\n{self.run}")
        return self.run

    def wait(self, participant: int, method: str, parameters: dict[str, Any]) -> Outcome:
        """Called by a participant before an API call: returns when its turn has come."""
        self._driver.switch()
        outcome = self.run.outcomes[participant]
        first = outcome.last_step < 0
        outcome.last_step = len(self.run.trace)
        outcome.first_step = outcome.last_step if first else outcome.first_step
        self.run.trace.append(Step(participant, method, _touched(method, parameters), first))
        return outcome

    def _participation(self, number: int, operation: Participation, client: _Turnstile) -> Callable[[], None]:
        def participate() -> None:
            _TURNSTILES[getcurrent()] = client
            outcome = self.run.outcomes[number]
            try:
                outcome.value = operation(cast("DynamoDBClient", client))
            except Exception as error:  # noqa: BLE001 - the properties judge it
                outcome.error = error

        return participate


class _Turnstile:
    """A DynamoDB client that waits for its turn before each call."""

    def __init__(self, turns: Turns, participant: int, backend: Any, fault: Fault | None, lose: Lose) -> None:
        self._turns, self._participant, self._backend, self._lose = turns, participant, backend, lose
        self._fault = fault if fault and fault.participant == participant else None

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda **parameters: self.call(method, getattr(self._backend, method), parameters)

    def call(self, method: str, answer: Callable[..., Any], parameters: dict[str, Any]) -> Any:
        outcome = self._turns.wait(self._participant, method, parameters)
        fault = None
        if method in _WRITES:
            fault = self._fault if self._fault and self._fault.write == outcome.writes else None
            outcome.writes += 1
        ask = partial(answer, **parameters)
        return self._lose(fault.loss, ask) if fault else ask()


_TURNSTILES: Final[WeakKeyDictionary[Any, _Turnstile]] = WeakKeyDictionary()


def in_turn(method: str, answer: Callable[..., Any], parameters: dict[str, Any]) -> Any:
    """Make a call that is none of the table's client, for instance to S3: in a participant it waits for its turn."""
    turnstile = _TURNSTILES.get(getcurrent())
    return turnstile.call(method, answer, parameters) if turnstile else answer(**parameters)


def _changes(method: str) -> bool:
    return method in _WRITES or method.startswith(_CACHE)


def _touched(method: str, parameters: dict[str, Any]) -> frozenset[str]:
    """Partitions of a request. The index shows no attribute that changes, so only new and deleted rows matter to it."""
    if method.startswith(_CACHE):
        return parameters.get("touched", frozenset({_EVERYTHING}))  # type: ignore[no-any-return]
    if "IndexName" in parameters:
        return frozenset({_INDEX})
    if "Bucket" in parameters:
        return _objects_touched(method, parameters)
    if method == "query":
        return frozenset({parameters["ExpressionAttributeValues"][":pk"]["S"]})
    if "Key" in parameters:  # most requests
        return frozenset({parameters["Key"][schema.PARTITION_KEY]["S"]})
    puts = any("Put" in part for part in parameters.get("TransactItems", ()))
    index = {_INDEX} if puts or method in {"put_item", "batch_write_item"} else set()
    return frozenset(key[schema.PARTITION_KEY]["S"] for key in _keys(parameters)) | index


def _objects_touched(method: str, parameters: dict[str, Any]) -> frozenset[str]:
    """Keys of objects, and of what is listed the session."""
    keys = [each["Key"] for each in parameters.get("Delete", {}).get("Objects", ())]
    keys += [parameters[name] for name in ("Key", "Prefix") if name in parameters]
    listed = {f"{key.partition('/')[0]}/" for key in keys if method != "get_object"}
    return frozenset(keys) | listed


def _keys(parameters: Any) -> Iterator[Any]:
    """Every key, and every new item, anywhere in a request."""
    if isinstance(parameters, dict) and schema.PARTITION_KEY in parameters:
        yield parameters
    elif isinstance(parameters, dict | list):
        for value in parameters.values() if isinstance(parameters, dict) else parameters:
            yield from _keys(value)


def explore(
    operations: Sequence[Participation],
    reset: Callable[[], Any],
    fault: Fault | None = None,
    lose: Lose = time_out,
) -> Iterator[Run]:
    """All runs of some operations, each yielded when it is over, before the world is put back for the next; of runs
    that differ only in the order of steps that have nothing to do with each other, one (sleep sets, Godefroid 1996).

    `reset` puts the world back to its beginning and returns the client behind the participants'; each operation takes
    the client it has to use. The fault happens in every run, by means of `lose`.
    """
    path: list[Choice] = []
    while True:
        run = Turns(operations, reset(), fault, lose).follow(path)
        if run.complete:
            yield run
        while path and not path[-1].advance():
            path.pop()
        if not path:
            return
