"""A day of synthetic traffic: who comes when, how long they stay, and how they leave."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from session_store.cli.cost.question import SECONDS_PER_DAY, Question, Through

_DEVICES: Final = (1, 1, 1, 1, 2, 3)  # of a customer
_PAUSE: Final = 120.0  # seconds between two requests, on average
_REQUESTS: Final = 8  # of a visit, on average
_CHANGES: Final = 0.15
_SIGNED_OUT: Final = 0.3
_QUIET: Final = 0.15  # of the requests at noon, those at midnight


@dataclass(frozen=True)
class Visit:
    """One session of one device."""

    number: int  # of the customer
    at: float  # seconds of the day
    pauses: tuple[float, ...]  # before each request
    changes: tuple[bool, ...]  # whether that request changes the data
    signs_out: bool  # else the session is left, and expires


@dataclass(frozen=True)
class Day:
    """All visits, in the order of their beginning."""

    visits: tuple[Visit, ...]

    def halves(self) -> tuple[Day, Day]:
        """The visits of every other customer, and the others."""
        halves = [tuple(visit for visit in self.visits if visit.number % 2 == half) for half in (0, 1)]
        return Day(halves[0]), Day(halves[1])

    def question(self, through: Through, data_bytes: int) -> Question:
        """The traffic of this day, as a caller of the command would know it."""
        visits = self.visits
        requests = sum(len(visit.pauses) for visit in visits)
        return Question(
            sessions_per_day=len(visits),
            requests_per_session=requests / len(visits),
            data_bytes=data_bytes,
            pause=sum(sum(visit.pauses) for visit in visits) / requests,
            changes=sum(sum(visit.changes) for visit in visits) / requests,
            signed_out=sum(visit.signs_out for visit in visits) / len(visits),
            new_customers=len({visit.number for visit in visits}) / len(visits),
            sign_ins_per_month=1000,  # the day is too short for the customers' rows to run out
            through=through,
        )


def day_of(customers: int, *, seed: int) -> Day:
    """The visits of so many customers, most of them around noon."""
    chance = random.Random(seed)
    visits = [_visit(chance, number) for number in range(customers) for _ in range(chance.choice(_DEVICES))]
    return Day(tuple(sorted(visits, key=lambda visit: visit.at)))


def _visit(chance: random.Random, number: int) -> Visit:
    requests = 1 + int(chance.expovariate(1 / (_REQUESTS - 0.5)))
    return Visit(
        number,
        _moment(chance),
        tuple(chance.expovariate(1 / _PAUSE) for _ in range(requests)),
        tuple(chance.random() < _CHANGES for _ in range(requests)),
        chance.random() < _SIGNED_OUT,
    )


def _moment(chance: random.Random) -> float:
    """A second of the day: noon is the busiest, midnight the quietest."""
    while True:
        moment = chance.uniform(0, SECONDS_PER_DAY)
        from_noon = abs(moment / SECONDS_PER_DAY - 0.5) * 2
        if chance.random() < 1 - (1 - _QUIET) * from_noon:
            return moment
