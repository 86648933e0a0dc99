"""The tables of `docs/storage-compared.md`, and that of Lambda's time, from the recorded runs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from bench import lambda_time, recorded
from bench.hit_ratio import PATTERNS
from bench.storage.forms import Form
from bench.storage.recording import from_json
from bench.storage.traffic import HIT, PAGES, REQUESTS, dollars_per_million, use_of_session
from docgen.markdown import table
from docgen.storage_published import PUBLISHED
from session_store.cli.cost import units
from session_store.cli.cost.prices import read_prices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.storage.run import Entry, Run
    from bench.storage.use import Use

_DOES_NOT_FIT: Final = "-"
_HIT_RATIO: Final = PATTERNS[PAGES].expected
_CALLS: Final = {"sign-in": units.SIGN_IN, "check": units.CHECK, "save": units.SAVE}


@cache
def recorded_run() -> Run:
    """The recorded run of the comparison."""
    return from_json(recorded.read("storage"))


def dollars_of(entry: Entry, requests: int) -> float:
    """Dollars for a million requests of sessions of one form, without the rent of a cache."""
    return dollars_per_million(_use_of(entry, requests), requests, read_prices())


def _use_of(entry: Entry, requests: int) -> Use:
    hit_ratio = _HIT_RATIO if HIT.name in entry.measured.uses else 0
    return use_of_session(entry.measured, requests, hit_ratio=hit_ratio)


def dollars() -> str:
    """Dollars for a million requests, by size, by requests of a session and by form."""
    return table(
        ("data", "requests of a session", *Form),
        (
            (size, f"{requests:,}", *(_dollars(forms.get(form), requests) for form in Form))
            for size, forms in recorded_run().items()
            for requests in REQUESTS
        ),
    )


def _dollars(entry: Entry | None, requests: int) -> str:
    if entry is None:
        return _DOES_NOT_FIT
    return f"${dollars_of(entry, requests):,.2f}, {_use_of(entry, requests).calls / requests:.1f}"


def calls_and_times() -> str:
    """Calls, times on engines of one machine, and published latencies."""
    run = recorded.read("storage")
    engines = (
        f"Milliseconds on {run['date']}, with Python {run['python']} on {run['cores']} cores, against engines on the "
        "same machine: dynoxide is the table, the embedded AWS is S3, valkey-server the cache. A check behind Valkey "
        "is a hit, where the cache takes the data."
    )
    return "\n\n".join((_calls(), engines, _times(), "A network adds what AWS says of its services:", _published()))


def _calls() -> str:
    """Calls and request units of the usual sign-in, check and save."""
    return table(
        ("data", "form", *_CALLS),
        (
            (size, form, *(_kind(entry.measured.uses, kind) for kind in _CALLS.values()))
            for size, forms in recorded_run().items()
            for form, entry in forms.items()
        ),
    )


def _kind(uses: Mapping[str, Use], kind: units.Kind) -> str:
    if kind is not units.CHECK or HIT.name not in uses:
        return _use(uses[kind.name])
    again, miss = _use(uses[HIT.name]), _use(uses[kind.name])
    return f"hit: {again}; miss: {miss}" if is_hit(uses) else again


def is_hit(uses: Mapping[str, Use]) -> bool:
    """Whether a cache takes data of the size."""
    return not uses[HIT.name].rru


def _use(use: Use) -> str:
    parts = {
        "RRU": use.rru,
        "WRU": use.wru,
        "PUT": use.object_writes,
        "GET": use.object_reads,
        "ECPU": use.cache_units,
    }
    number = f"{use.calls:g} call{'s' * (use.calls != 1)}"
    return ", ".join((number, *(f"{value:g} {unit}" for unit, value in parts.items() if value)))


def _times() -> str:
    """CPU time and percentiles of the latency, on the engines of this machine."""
    return table(
        ("data", "form", "check: CPU", "p50", "p90", "p99", "save: CPU", "p50", "p90", "p99"),
        (
            (
                size,
                form,
                *(
                    f"{value:.2f}"
                    for each in (entry.check, entry.save)
                    for value in (each.cpu, each.p50, each.p90, each.p99)
                ),
            )
            for size, forms in recorded_run().items()
            for form, entry in forms.items()
        ),
    )


def _published() -> str:
    """Published latencies, with their sources."""
    return table(
        ("service", "AWS says", "source", "read on"),
        ((each.service, f"“{each.says}”", f"[{each.source}]({each.url})", each.read) for each in PUBLISHED),
    )


def lambda_dollars() -> str:
    """A million validations as Lambda's time."""
    run = recorded.read("lambda")
    names = ("own", "botocore")
    return table(
        (
            "memory",
            *(f"{name}: ms each" for name in names),
            *(f"{name}: {each}" for name in names for each in lambda_time.PRICES),
            "a ms of waiting",
        ),
        (_lambda_row(memory, [run[name] for name in names]) for memory in lambda_time.MEMORIES),
    )


def _lambda_row(memory: int, cpu: list[float]) -> tuple[str, ...]:
    took = [lambda_time.milliseconds(each, memory) for each in cpu]
    dollars = [
        f"${lambda_time.dollars_per_million(each, memory, name):.3f}" for each in took for name in lambda_time.PRICES
    ]
    waiting = ", ".join(f"${lambda_time.dollars_per_million(1, memory, name):.3f}" for name in lambda_time.PRICES)
    return (f"{memory:,} MB", *(f"{each:.2f}" for each in took), *dollars, waiting)
