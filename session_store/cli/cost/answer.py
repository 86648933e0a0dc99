"""The answer to a question about costs, as plain values: for JSON, for tables and for the chart."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from session_store.cli.cost.chart import chart
from session_store.cli.cost.dollars import dollars_a_month
from session_store.cli.cost.limits import TIMES, met_limits
from session_store.cli.cost.lines import line_costs
from session_store.cli.cost.others import others
from session_store.cli.cost.units import calls_of_a_day

if TYPE_CHECKING:
    from session_store.cli.cost.limits import Met
    from session_store.cli.cost.prices import Prices
    from session_store.cli.cost.question import Question

OURS: Final = "session-store"
TOTAL: Final = "total"
_SUMMED: Final = ("count", "rru", "table_wru", "index_wru")


def answer(question: Question, prices: Prices) -> dict[str, Any]:
    """All figures. Units are for a day, dollars for a month of 30 days."""
    return {
        "question": asdict(question),
        "prices": {
            "region": prices.region,
            "date": prices.date,
            "source": prices.source,
            "skus": {name: price.sku for name, price in prices.prices.items()},
        },
        "units": _units(question),
        "dollars": _dollars(question, prices),
        "lines": line_costs(question.metrics, prices),
        "limits": _limits(question),
        "others": _others(question, prices),
    }


def picture(answered: dict[str, Any]) -> str:
    """The chart of an answer, as SVG."""
    question, prices = answered["question"], answered["prices"]
    dollars = {row["part"]: row["dollars"] for row in answered["dollars"]}
    projects = {row["project"]: row["dollars"] for row in answered["others"]}
    traffic = (
        f"{question['sessions_per_day']:,.10g} sessions a day, {question['requests_per_session']:,.10g} requests each"
    )
    return chart(
        f"Costs of session-store: {traffic}",
        {
            f"Dollars a month, for {traffic}": dollars,
            "Request units alone, beside other projects": projects,
        },
        ours=OURS,
        note=f"Prices of {prices['region']}, {prices['date']}",
    )


def _units(question: Question) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "calls": each.kind.name,
            "pattern": each.kind.pattern.name,
            "count": each.number,
            "rru": each.rru,
            "table_wru": each.table_wru,
            "index_wru": each.index_wru,
        }
        for each in calls_of_a_day(question)
    ]
    total: dict[str, Any] = {"calls": TOTAL, "pattern": None}
    return [*rows, total | {key: sum(row[key] for row in rows) for key in _SUMMED}]


def _dollars(question: Question, prices: Prices) -> list[dict[str, Any]]:
    parts = dollars_a_month(question, prices)
    rows = [{"part": part, "dollars": dollars} for part, dollars in parts.items()]
    return [*rows, {"part": TOTAL, "dollars": sum(parts.values())}]


def _limits(question: Question) -> list[dict[str, Any]]:
    """For each growth the limit that is met first, and all others that are met by then."""
    met = met_limits(question)
    return [_limits_at(times, met) for times in TIMES]


def _limits_at(times: int, met: list[Met]) -> dict[str, Any]:
    reached = [each for each in met if each.at <= times]
    nearest = met[0]
    return {
        "times": times,
        "met": bool(reached),
        "limit": nearest.limit.name,
        "value": nearest.limit.value,
        "load": nearest.load * times,
        "at": nearest.at,
        "remedy": nearest.limit.remedy,
        "source": nearest.limit.source,
        "also": [each.limit.name for each in reached[1:]],
    }


def _others(question: Question, prices: Prices) -> list[dict[str, Any]]:
    ours, dollars = _units(question)[-1], dollars_a_month(question, prices)
    own = {
        "project": OURS,
        "rru": ours["rru"],
        "wru": ours["table_wru"] + ours["index_wru"],
        "dollars": dollars["table"] + dollars["index"],
        "does": "as above: strongly consistent reads, a write in steps of activity, an index by customer",
        "sources": [],
    }
    return [
        own,
        *(
            {
                "project": each.pattern.project,
                "rru": each.rru,
                "wru": each.wru,
                "dollars": each.dollars,
                "does": each.pattern.does,
                "sources": list(each.pattern.sources),
            }
            for each in others(question, prices)
        ),
    ]
