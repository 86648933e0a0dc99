"""The comparison as figures with goals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.hit_ratio import PATTERNS
from bench.report import Figure, ratio_figure
from bench.storage.break_even import checks_for_cache, kb_for_s3
from bench.storage.forms import Form
from bench.storage.overview import dollars_of, overview
from bench.storage.run import storage_run
from bench.storage.traffic import PAGES
from session_store.cli.cost.prices import read_prices
from session_store.large_data.settings import DEFAULT_THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.storage.run import Entry, Run
    from bench.storage.traffic import Measured

_REQUESTS: Final = 10  # of the sessions that goals are about
_SHARE: Final = 0.25  # of the calls of a recorded run
GOALS_DOLLARS: Final = {
    ("4 KB", Form.COMPRESSED): 0.7,
    ("50 KB", Form.COMPRESSED): 0.4,
    ("4 KB", Form.ENCRYPTED): 1.5,
    ("50 KB", Form.IN_S3): 0.3,
}
"""At most so many times the dollars of plain data of the size."""
GOALS_CPU: Final = {
    ("4 KB", Form.COMPRESSED): 1.2,
    ("50 KB", Form.COMPRESSED): 0.9,
    ("4 KB", Form.ENCRYPTED): 1.2,
    ("50 KB", Form.ENCRYPTED): 0.9,
    ("4 KB", Form.IN_S3): 5,
    ("50 KB", Form.IN_S3): 1.5,
    ("0.5 KB", Form.CACHED): 1.5,
}
"""At most so many times the CPU time of a check of plain data of the size. The cache answers what is behind it."""
GOAL_CHECKS: Final = 100  # millions a month
_MILLION: Final = 1_000_000


def storage_compared() -> list[Figure]:
    """Print the run, and return its figures."""
    run = storage_run(_SHARE)
    print(overview(run), end="\n\n")
    return figures_of(run)


def figures_of(run: Run) -> list[Figure]:
    """The figures of a run, each form beside plain data of the same run."""
    return [
        *(
            ratio_figure(
                f"{size}, {form} : plain, a million requests of sessions of {_REQUESTS}",
                measured=dollars_of(run[size][form], _REQUESTS),
                baseline=dollars_of(run[size][Form.PLAIN], _REQUESTS),
                unit="dollars",
                limit=limit,
            )
            for (size, form), limit in GOALS_DOLLARS.items()
        ),
        *(
            ratio_figure(
                f"{size}, {form} : plain, a check, CPU",
                measured=run[size][form].check.cpu,
                baseline=run[size][Form.PLAIN].check.cpu,
                unit="ms",
                limit=limit,
            )
            for (size, form), limit in GOALS_CPU.items()
        ),
        _in_s3_from(run["4 KB"][Form.IN_S3].measured),
        _cached_from(run["0.5 KB"]),
    ]


def _cached_from(forms: Mapping[str, Entry]) -> Figure:
    """Pages of six requests have to pay for the cache's rent at a traffic that exists."""
    plain, cached = forms[Form.PLAIN].measured, forms[Form.CACHED].measured
    checks = checks_for_cache(plain, cached, PATTERNS[PAGES].expected, read_prices()) / _MILLION
    return Figure(
        name=f"behind Valkey : plain, 0.5 KB, {PAGES}: cost less from",
        measured=f"{checks:,.0f} million checks a month",
        goal=f"<= {GOAL_CHECKS} million",
        met=checks <= GOAL_CHECKS,
    )


def _in_s3_from(measured: Measured) -> Figure:
    """Data of the size that goes to S3 by default has to cost less there."""
    found, limit = kb_for_s3(measured, _REQUESTS, read_prices()), DEFAULT_THRESHOLD // 1024
    return Figure(
        name=f"in S3 : plain, sessions of {_REQUESTS} requests cost less from",
        measured=f"{found} KB" if found else "never",
        goal=f"<= {limit} KB",
        met=found is not None and found <= limit,
    )
