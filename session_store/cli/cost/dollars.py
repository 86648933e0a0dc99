"""Dollars a month, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.cli.cost import sizes
from session_store.cli.cost.lines import dollars_of_logs
from session_store.cli.cost.prices import GB
from session_store.cli.cost.question import Through
from session_store.cli.cost.units import calls_of_a_day

if TYPE_CHECKING:
    from session_store.cli.cost.prices import Prices
    from session_store.cli.cost.question import Question

DAYS: Final = 30  # of a month
_MIB_PER_GB: Final = 1024
TTL_DAYS: Final = 2
"""DynamoDB deletes a row within a few days after its TTL."""
_EVENTS: Final = 2  # of a session: it begins and it ends


def dollars_a_month(question: Question, prices: Prices) -> dict[str, float]:
    """Dollars for a month of 30 days, by part. All parts are there, also those that cost nothing."""
    calls = calls_of_a_day(question)
    reads = DAYS * sum(each.rru for each in calls)
    table = DAYS * sum(each.table_wru for each in calls)
    index = DAYS * sum(each.index_wru for each in calls)
    writes = prices["write_units"].of(table + index)
    return {
        "table": prices["read_units"].of(reads) + writes * table / (table + index),
        "index": writes * index / (table + index),
        "storage": _storage(question, prices),
        "functions": _functions(question, prices, _function_calls(question)),
        "gateway": prices["gateway_calls"].of(_function_calls(question)),
        "logs": _logs(question, prices),
        "metrics": prices["metrics"].of(question.metrics),
        "stream": _stream(question, prices),
    }


def stored_bytes(question: Question) -> tuple[float, float]:
    """The bytes of the table and of the index that storage is billed for, once they no longer grow."""
    sessions = question.sessions_per_day * (question.retention + TTL_DAYS)
    ended = sessions * question.signed_out
    customers = question.sessions_per_day * DAYS / question.sign_ins_per_month
    own = sizes.billed_bytes(sizes.customer_bytes(), rows=customers)
    rows = sizes.billed_bytes(sizes.row_bytes(question.data_bytes), rows=sessions - ended)
    tombstones = sizes.billed_bytes(sizes.tombstone_bytes(), rows=ended)
    return rows + tombstones + own, sizes.billed_bytes(sizes.entry_bytes(), rows=sessions) + own


def calls_per_request(question: Question) -> float:
    """Calls of the HTTP API for each request: the check, and a save where the data changes."""
    return 1 + question.changes


def _function_calls(question: Question) -> float:
    """Calls in a month of the HTTP API, each of which runs a function. None under `@session`."""
    if question.through is not Through.API:
        return 0
    of_requests = question.requests_per_day * calls_per_request(question)
    return DAYS * (of_requests + question.sessions_per_day * (1 + question.signed_out))


def _functions(question: Question, prices: Prices, calls: float) -> float:
    seconds = calls * question.milliseconds / 1000
    return prices["function_calls"].of(calls) + prices["function_gb_seconds"].of(
        seconds * question.memory / _MIB_PER_GB
    )


def _storage(question: Question, prices: Prices) -> float:
    """The table, the index, and the backups of the last 35 days, which are on by default."""
    table, index = stored_bytes(question)
    return prices["table_gb"].of((table + index) / GB) + prices["backup_gb"].of(table / GB)


def _logs(question: Question, prices: Prices) -> float:
    """A line for each call of the API or, under `@session`, for each request of the application."""
    calls = _function_calls(question) or DAYS * question.requests_per_day
    return dollars_of_logs(calls * question.log_bytes, prices)


def _stream(question: Question, prices: Prices) -> float:
    """Events on EventBridge, and the function that puts them there. Lambda reads streams for nothing."""
    events = DAYS * question.sessions_per_day * _EVENTS * question.events
    return prices["events"].of(events) + _functions(question, prices, events)
