"""The limits of DynamoDB, Lambda and API Gateway, and the growth at which each is met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.cli.cost.dollars import calls_per_request
from session_store.cli.cost.question import SECONDS_PER_DAY, Through
from session_store.cli.cost.units import calls_of_a_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.cli.cost.question import Question

TIMES: Final = (10, 1_000, 100_000)
_DOCS: Final = "https://docs.aws.amazon.com"
_DYNAMODB: Final = f"{_DOCS}/amazondynamodb/latest/developerguide"
_LAMBDA: Final = f"{_DOCS}/lambda/latest/dg/gettingstarted-limits.html"


class Limit(NamedTuple):
    """One limit, in the busiest second.

    Attributes:
        name: in words.
        of: the load that it limits.
        value: the load that AWS accepts before anything is changed.
        remedy: how it is moved.
        source: AWS's page.
    """

    name: str
    of: str
    value: float
    remedy: str
    source: str


class Met(NamedTuple):
    """A limit, and how far away it is.

    Attributes:
        limit: which.
        load: of today, in the busiest second.
        at: the growth at which it is met, as a multiple of today.
    """

    limit: Limit
    load: float
    at: float


LIMITS: Final = (
    Limit(
        "write units of a new on-demand table",
        "write_units",
        4_000,
        "warm throughput, or growth that doubles within 30 minutes at most",
        f"{_DYNAMODB}/on-demand-capacity-mode.html",
    ),
    Limit(
        "read units of a new on-demand table",
        "read_units",
        12_000,
        "warm throughput, or growth that doubles within 30 minutes at most",
        f"{_DYNAMODB}/on-demand-capacity-mode.html",
    ),
    Limit("write units of one table", "write_units", 40_000, "Service Quotas", f"{_DYNAMODB}/ServiceQuotas.html"),
    Limit("read units of one table", "read_units", 40_000, "Service Quotas", f"{_DYNAMODB}/ServiceQuotas.html"),
    Limit("Lambda's concurrent executions", "concurrency", 1_000, "Service Quotas", _LAMBDA),
    Limit("Lambda's calls a second", "function_calls", 10_000, "Service Quotas, with the concurrency", _LAMBDA),
    Limit(
        "API Gateway's calls a second",
        "function_calls",
        10_000,
        "Service Quotas",
        f"{_DOCS}/apigateway/latest/developerguide/limits.html",
    ),
)


def loads(question: Question) -> Mapping[str, float]:
    """The load of the busiest second, by the names that limits have for it."""
    calls = calls_of_a_day(question)
    busiest = question.peak / SECONDS_PER_DAY
    functions = 0.0
    if question.through is Through.API:
        each = question.requests_per_session * calls_per_request(question) + 1 + question.signed_out
        functions = busiest * question.sessions_per_day * each
    return {
        "read_units": busiest * sum(each.rru for each in calls),
        "write_units": busiest * sum(each.table_wru + each.index_wru for each in calls),
        "function_calls": functions,
        "concurrency": functions * question.milliseconds / 1000,
    }


def met_limits(question: Question) -> list[Met]:
    """The limits in the order in which growing traffic meets them, without those that it never does."""
    today = loads(question)
    met = [Met(limit, today[limit.of], limit.value / today[limit.of]) for limit in LIMITS if today[limit.of]]
    return sorted(met, key=lambda each: each.at)
