"""One line of JSON on standard output for each request, in CloudWatch's embedded metric format.

CloudWatch turns the numbers that the line declares into metrics, without a call. There is one metric per name and
table, so an alarm on it covers all functions of a deployment. Ids, routes and names of errors go along. A token, data,
a customer's id, a path or a query string never does.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Final

from session_store.adapters.aws_lambda.events import names_of
from session_store.catalog.metrics import DIMENSION, NAMESPACE, Metric
from session_store.clock import SystemClock
from session_store.log import logger, place_of
from session_store.observing import REQUEST, Outcome, outcome_of
from session_store.settings import INITIALIZATION, TABLE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextvars import Token
    from typing import Self

    from session_store.clock import Clock
    from session_store.incidents import Incident
    from session_store.observing import Observation, Observer

_PROVISIONED: Final = "provisioned-concurrency"
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500
_OUTCOMES: Final = {
    401: Outcome.REFUSED,
    403: Outcome.REFUSED,
    404: Outcome.NOT_FOUND,
    409: Outcome.CONFLICT,
    412: Outcome.CONFLICT,
}
FAILURES: Final = {
    Outcome.THROTTLED: Metric.THROTTLED,
    Outcome.UNAVAILABLE: Metric.UNAVAILABLE,
    Outcome.FAILED: Metric.FAILED,
}


class RequestLines:
    """Writes the lines of a process.

    Args:
        table_name: the metrics' dimension, where no store has said another one.
        write: takes one line. Standard output by default.
        clock: for tests.
    """

    def __init__(
        self, table_name: str, *, write: Callable[[str], None] | None = None, clock: Clock | None = None
    ) -> None:
        self._table_name = table_name
        self._write = write or _write_line
        self.clock = clock or SystemClock()
        self._served = False

    @classmethod
    def from_environment(cls) -> RequestLines:
        """The lines of a deployed function."""
        return cls(os.environ.get(TABLE_NAME, ""))

    def is_cold(self) -> bool:
        """Whether a request is the first one of a process that was started for it."""
        is_first, self._served = not self._served, True
        return is_first and os.environ.get(INITIALIZATION) != _PROVISIONED

    def outside(self, observation: Observation) -> None:
        """An observer: a call outside of any request has a line of its own."""
        if REQUEST.get() is not None:
            return
        fields = {"method": observation.method, "outcome": observation.outcome, **_of_store([observation])}
        self.write(observation.table_name, metrics_of([observation]), fields)

    def incident(self, incident: Incident) -> None:
        """The sink of a store that has no line: an incident is counted by itself."""
        fields = {"session_id": incident.session_id, "detail": incident.detail}
        self.write(self._table_name, {incident.name.value: 1}, fields)

    def write(self, table_name: str | None, metrics: Mapping[str, float], fields: Mapping[str, object]) -> None:
        """Write a line.

        Args:
            table_name: the metrics' dimension, None for that of the process.
            metrics: none of them zero. Without any it is a line of plain JSON.
            fields: beside them. Empty ones are left out.
        """
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [[DIMENSION]],
            "Metrics": [{"Name": name, "Unit": "Count"} for name in metrics],
        }
        declared = {"Timestamp": int(self.clock.now() * 1000), "CloudWatchMetrics": [directive]}
        line = {
            **({"_aws": declared} if metrics else {}),
            DIMENSION: (table_name or self._table_name).rpartition("/")[2],  # alarms have the name, some stores an ARN
            **{name: value for name, value in fields.items() if value not in {None, ""}},
            **{name: int(value) if value == int(value) else value for name, value in metrics.items()},
        }
        self._write(json.dumps(line, separators=(",", ":")))


class RequestLine:
    """One request, a context manager around all that is done for it. The line is written in any case.

    Args:
        lines: write it.
        event: the request.

    Attributes:
        status: of the answer, None where there is none.
    """

    def __init__(self, lines: RequestLines, event: object) -> None:
        self._lines = lines
        self._event = event
        self._is_cold = lines.is_cold()
        self._observations: list[Observation] = []
        self._error: BaseException | None = None
        self._cause = ""
        self.status: int | None = None

    def __enter__(self) -> Self:
        self._started = self._lines.clock.monotonic()
        self._outer: Token[Observer | None] = REQUEST.set(self._observations.append)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        REQUEST.reset(self._outer)
        if error is not None:
            self.failed(error)
        try:
            self._write()
        except Exception as fault:  # noqa: BLE001 - the request was served, and its answer stands
            logger().error("the line of a request was not written: %s at %s", type(fault).__name__, place_of(fault))

    def failed(self, error: BaseException, cause: str = "") -> None:
        """Note that the request failed.

        Args:
            error: why.
            cause: what may be said of it, besides its class.
        """
        self._error, self._cause = error, cause

    def _write(self) -> None:
        observations = self._observations
        metrics = metrics_of(observations)
        outcome = self._outcome(metrics)
        failure = self._failure(outcome)
        self._lines.write(
            observations[0].table_name if observations else None,
            metrics | ({failure: 1} if failure else {}),
            {
                **names_of(self._event),
                "outcome": outcome,
                "status": self.status,
                **_of_store(observations),
                "milliseconds": round((self._lines.clock.monotonic() - self._started) * 1000, 1),
                "cold_start": self._is_cold or None,
                "error": type(self._error).__name__ if self._error else "",
                "cause": self._cause,
            },
        )

    def _outcome(self, metrics: Mapping[str, float]) -> Outcome:
        if self.status is None or self.status >= _SERVER_ERROR:
            return outcome_of(self._error)
        if self.status >= _BAD_REQUEST:
            return _OUTCOMES.get(self.status, Outcome.BAD_REQUEST)
        is_refused = Metric.VALIDATION_REFUSED in metrics and Metric.VALIDATED not in metrics
        return Outcome.REFUSED if is_refused else Outcome.OK

    def _failure(self, outcome: Outcome) -> Metric | None:
        """The metric of a request that failed for a reason that is not the caller's."""
        return FAILURES.get(outcome)


def metrics_of(observations: list[Observation]) -> dict[str, float]:
    """The counts that are not zero."""
    found: dict[str, float] = {}
    for each in observations:
        figures: dict[str, float] = {**each.counts}
        figures[Metric.RETRIES] = each.retries
        figures[Metric.READ_UNITS], figures[Metric.WRITE_UNITS] = each.read_units, each.write_units
        for name, number in figures.items():
            if number:
                found[name] = found.get(name, 0) + number
    return found


def _of_store(observations: list[Observation]) -> dict[str, object]:
    """The session that came first, the last refusal, the errors behind incidents."""
    ids = [each.session_id for each in observations]
    ids += [incident.session_id for each in observations for incident in each.incidents]
    details = dict.fromkeys(incident.detail for each in observations for incident in each.incidents if incident.detail)
    return {
        "session_id": next(filter(None, ids), None),
        "refusal": next((each.refusal for each in reversed(observations) if each.refusal), None),
        "detail": ", ".join(details),
    }


def _write_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
