"""The costs of a function's own line for each request, and of the metrics in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.cli.cost.prices import GB

if TYPE_CHECKING:
    from session_store.cli.cost.prices import Prices

LINE_BYTES: Final = 500
"""The line of a validation, with the 26 bytes that CloudWatch adds to each. A test measures it."""
OTHER_BYTES: Final = 1_100
"""Lambda's own lines of a call, `platform.start` and `platform.report`, and the gateway's."""
_MONTHS: Final = 1  # that the functions' log groups keep
_COMPRESSED: Final = 0.15  # of the bytes that were written, as CloudWatch estimates for what it keeps
_MILLION: Final = 1_000_000


def dollars_of_logs(written: float, prices: Prices) -> float:
    """Dollars for so many bytes: to write them, and to keep them."""
    gigabytes = written / GB
    return prices["log_gb"].of(gigabytes) + prices["log_gb_kept"].of(gigabytes * _COMPRESSED * _MONTHS)


def line_costs(number: int, prices: Prices) -> list[dict[str, Any]]:
    """The costs of both parts, with so many metrics. These cost the same for any number of requests."""
    lines = dollars_of_logs(_MILLION * LINE_BYTES, prices)
    metrics = prices["metrics"].of(number)
    return [
        {"part": "lines of requests", "amount": LINE_BYTES, "unit": "bytes each", "dollars": lines, "per": "million"},
        {"part": "their metrics", "amount": number, "unit": "at most", "dollars": metrics, "per": "month"},
    ]
