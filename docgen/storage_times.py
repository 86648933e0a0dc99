"""The calls and the times of `docs/storage-compared.md`, from the recorded run, and latencies that are published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench import recorded
from bench.storage.forms import Form
from bench.storage.overview import use_of
from bench.storage.traffic import HIT, REQUESTS
from docgen.markdown import table
from docgen.storage_dollars import is_hit, recorded_run
from docgen.storage_published import PUBLISHED
from session_store.cli.cost import units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.storage.times import Times
    from bench.storage.use import Use

_USUAL_SIZE: Final = "4 KB"
_CALLS: Final = {"sign-in": units.SIGN_IN, "check": units.CHECK, "save": units.SAVE}


def calls_and_times() -> str:
    """Calls, times on engines of one machine, and published latencies."""
    run = recorded.read("storage")
    engines = (
        f"Milliseconds on {run['date']}, with Python {run['python']} on {run['cores']} cores, against engines on the "
        "same machine: dynoxide is the table, the embedded AWS is S3, valkey-server the cache. A check behind Valkey "
        "is a hit, where the cache takes the data."
    )
    return "\n\n".join(
        (
            _calls(),
            _calls_of_sessions(),
            engines,
            _times(),
            "A network adds what AWS says of its services:",
            _published(),
        )
    )


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


def _calls_of_sessions() -> str:
    """Calls for each request. They are the same with any data."""
    forms = recorded_run()[_USUAL_SIZE]
    return table(
        ("calls for each request, of sessions of", *Form),
        (
            (
                f"{requests:,} request{'s' * (requests > 1)}",
                *(f"{use_of(forms[form], requests).calls / requests:.1f}" for form in Form),
            )
            for requests in REQUESTS
        ),
    )


def _times() -> str:
    """CPU time and percentiles of the latency, on the engines of this machine."""
    return table(
        ("data", "form", "check: CPU", "p50, p90, p99", "save: CPU", "p50, p90, p99"),
        (
            (size, form, *_said(entry.check), *_said(entry.save))
            for size, forms in recorded_run().items()
            for form, entry in forms.items()
        ),
    )


def _said(times: Times) -> tuple[str, str]:
    return f"{times.cpu:.2f}", ", ".join(f"{value:.1f}" for value in (times.p50, times.p90, times.p99))


def _published() -> str:
    """Published latencies, with their sources."""
    return table(
        ("service", "AWS says", "source", "read on"),
        ((each.service, f"“{each.says}”", f"[{each.source}]({each.url})", each.read) for each in PUBLISHED),
    )
