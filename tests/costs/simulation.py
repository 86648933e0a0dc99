"""Plays a day of traffic through the store on dynoxide, under a clock that jumps, and adds up what it consumes."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from local.dynoxide import dynoxide
from local.embedded_aws import REGION
from session_store import SessionStore
from session_store.aws.connection import Key, connect
from session_store.cli.cost.question import Through
from session_store.cli.cost.units import calls_of_a_day
from session_store.testing import MovableClock, create_table
from tests.costs.traffic import Day, Visit
from tests.support.scene import START

_TABLE: Final = "costs"
_READS: Final = frozenset({"GetItem", "Query", "BatchGetItem"})
DATA_BYTES: Final = {Through.DECORATOR: 100, Through.API: 5000}
_FRAME: Final = len('{"page":0,"text":""}')


@dataclass
class Units:
    """Request units of a day."""

    rru: float = 0
    table_wru: float = 0
    index_wru: float = 0

    @classmethod
    def calculated(cls, through: Through, day: Day) -> Units:
        """The units that the command calculates for the same day."""
        calls = calls_of_a_day(day.question(through, DATA_BYTES[through]))
        return cls(
            sum(each.rru for each in calls),
            sum(each.table_wru for each in calls),
            sum(each.index_wru for each in calls),
        )

    def count(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        """Add what a reply says that it consumed."""
        found = parsed.get("ConsumedCapacity") or []
        for consumed in found if isinstance(found, list) else [found]:
            index = sum(each["CapacityUnits"] for each in consumed.get("GlobalSecondaryIndexes", {}).values())
            if model.name in _READS:
                self.rru += consumed["CapacityUnits"]
            else:
                self.table_wru += consumed["CapacityUnits"] - index
                self.index_wru += index


def consumed(days: Mapping[Through, Day]) -> dict[Through, Units]:
    """The request units of days that go on side by side on one table, as the engine reports them."""
    clock = MovableClock(START)
    units = {through: Units() for through in days}
    with dynoxide() as url:
        create_table(_client(url), _TABLE)
        visits = []
        for through, day in days.items():
            client = _counted(_client(url), units[through])
            browsers = _Browsers(SessionStore(_TABLE, dynamodb_client=client, clock=clock), through)
            visits += [(visit.at, browsers.visit(visit)) for visit in day.visits]
        _play(visits, clock)
    return units


def _client(url: str) -> Any:
    return connect("dynamodb", region_name=REGION, endpoint_url=url, key=Key("any", "any"))


def _counted(client: Any, units: Units) -> Any:
    """The client, whose calls are counted from now on."""
    client.meta.events.register("before-parameter-build.dynamodb", _ask)
    client.meta.events.register("after-call.dynamodb", units.count)
    return client


def _ask(params: dict[str, Any], **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "INDEXES"


class _Browsers:
    """The devices with their tokens, and the application that they call."""

    def __init__(self, store: SessionStore, through: Through) -> None:
        self._store = store
        self._by_id = through is Through.API
        self._text = "x" * (DATA_BYTES[through] - _FRAME)

    def visit(self, visit: Visit) -> Iterator[float]:
        """One session. Yields the pauses between its steps, in seconds."""
        data = {"page": 0, "text": self._text}
        token = self._store.create_session(f"customer-{visit.number}", data=data).token
        for number, (pause, changes) in enumerate(zip(visit.pauses, visit.changes, strict=True)):
            yield pause
            if self._by_id:
                session = self._store.validate(token)
            else:
                validated = self._store.validate_and_rotate(token)
                session, token = validated.session, validated.token or token
            if changes:
                saved = session.session_id if self._by_id else session
                self._store.update_data(saved, {"page": number % 9})
        if visit.signs_out:
            self._store.end_session(session.session_id if self._by_id else session)


def _play(visits: Iterable[tuple[float, Iterator[float]]], clock: MovableClock) -> None:
    """All visits side by side. The clock jumps from one step to the next."""
    order = itertools.count()
    steps = [(at, next(order), visit) for at, visit in visits]
    heapq.heapify(steps)
    while steps:
        at, _, visit = heapq.heappop(steps)
        clock.set(START + timedelta(seconds=at))
        pause = next(visit, None)
        if pause is not None:
            heapq.heappush(steps, (at + pause, next(order), visit))
