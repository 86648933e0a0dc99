"""The answers of `docs/storage-compared.md`: to the article's claims, and from which amounts on a form costs less."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bench.hit_ratio import PATTERNS
from bench.storage.break_even import bytes_in_row, checks_for_cache, dollars_of_an_idle_cache, kb_for_s3
from bench.storage.data import SIZES
from bench.storage.forms import Form
from bench.storage.overview import dollars_of
from bench.storage.traffic import PAGES, REQUESTS
from docgen import storage_dollars
from docgen.markdown import table
from docgen.storage_dollars import is_hit, recorded_run
from session_store.cli.cost.prices import read_prices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.hit_ratio import Pattern

_NEVER: Final = "never"
_LEFT_OUT: Final = (
    "`-`: such data does not fit, or stays in the row. On top come the rent of a cache, which takes entries up to "
    "64 KB, the function that deletes replaced objects from S3, and KMS's calls, one for each process and week. ECPU "
    "are counted by KB: a script may take more."
)
_MILLION: Final = 1_000_000
_REQUESTS: Final = 10
_SMALL: Final = "0.5 KB"
_USUAL: Final = "4 KB"
_LARGE: Final = "50 KB"
_LARGEST: Final = "5 MB"


def answers() -> str:
    """The article's claims, each beside what the run says."""
    return table(
        ("the article", "measured"),
        (
            ("DynamoDB is fast and can be expensive", _of_table()),
            ("S3 is slower and cost-effective for large data", _of_s3()),
            ("ElastiCache is very fast and needs management", _of_cache()),
        ),
    )


def _of_table() -> str:
    small, large, compressed = (
        _dollars(size, form) for size, form in ((_SMALL, Form.PLAIN), (_LARGE, Form.PLAIN), (_LARGE, Form.COMPRESSED))
    )
    return (
        f"A check is one call. A million requests, of sessions of {_REQUESTS}, cost {small} with {_SMALL} of data and "
        f"{large} with {_LARGE}, compressed {compressed}."
    )


def _of_s3() -> str:
    slower, largest = _slower(_USUAL, Form.IN_S3), _dollars(_LARGEST, Form.IN_S3)
    plain, compressed = (_in_s3_from(_REQUESTS, form) for form in (Form.PLAIN, Form.COMPRESSED))
    return (
        f"A check is two calls, and takes {slower:.1f} times as long with {_USUAL}. It costs less than plain data from "
        f"{plain} on, than compressed data from {compressed} on. {_LARGEST} cost {largest}."
    )


def _of_cache() -> str:
    slower, rent = _slower(_SMALL, Form.CACHED), dollars_of_an_idle_cache(read_prices())
    return (
        f"A hit takes {slower:.1f} times as long as a read of the table here, where no network is. The cache costs "
        f"${rent:.2f} a month at least, needs a VPC, and pays from {_cached_from(_SMALL, PATTERNS[PAGES])} on if users "
        f"load {PAGES}."
    )


def _dollars(size: str, form: Form) -> str:
    return f"${dollars_of(recorded_run()[size][form], _REQUESTS):.2f}"


def _slower(size: str, form: Form) -> float:
    """The median latency of a check, as a multiple of that of plain data."""
    forms = recorded_run()[size]
    return forms[form].check.p50 / forms[Form.PLAIN].check.p50


def dollars() -> str:
    """Dollars for a million requests, and the amounts from which on data costs less elsewhere than in the table."""
    headings = ("form", "costs less than", "sessions", "from")
    break_even = table(headings, (*_rows_of_s3(), *_rows_of_cache()))
    return "\n\n".join((storage_dollars.dollars(), _LEFT_OUT, break_even))


def _rows_of_s3() -> Iterator[tuple[str, ...]]:
    for form in (Form.PLAIN, Form.COMPRESSED):
        for requests in REQUESTS:
            sessions = f"of {requests:,} request{'s' * (requests > 1)}"
            yield Form.IN_S3, form, sessions, f"{_in_s3_from(requests, form)} of data"


def _in_s3_from(requests: int, form: Form) -> str:
    """All sizes have the same calls in S3."""
    in_s3, in_row = recorded_run()[_USUAL][Form.IN_S3].measured, recorded_run()[_LARGE][form].measured
    found = kb_for_s3(in_s3, requests, read_prices(), in_row=bytes_in_row(in_row, SIZES[_LARGE]))
    return f"{found} KB" if found else _NEVER


def _rows_of_cache() -> Iterator[tuple[str, ...]]:
    """A row for each pattern of requests, and each size that the cache takes."""
    for size, forms in recorded_run().items():
        if Form.CACHED in forms and is_hit(forms[Form.CACHED].measured.uses):
            for pattern in PATTERNS.values():
                sessions = f"{size}, {pattern.name}: {pattern.expected:.0%} hits"
                yield Form.CACHED, Form.PLAIN, sessions, _cached_from(size, pattern)


def _cached_from(size: str, pattern: Pattern) -> str:
    forms = recorded_run()[size]
    plain, cached = forms[Form.PLAIN].measured, forms[Form.CACHED].measured
    checks = checks_for_cache(plain, cached, pattern.expected, read_prices())
    return _NEVER if math.isinf(checks) else f"{checks / _MILLION:,.0f} million checks a month"
