"""Durations in texts: those of `cdk.json`, for the stacks and for the command line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

# The part of ISO 8601 that CDK's `Duration.parse` takes: no weeks, months and years, whose lengths differ.
_DURATION: Final = re.compile(
    r"P(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)\.?(?P<fraction>\d{1,3})?S)?)?",
    re.ASCII,
)


def duration_of(text: str) -> timedelta:
    """A duration like `PT30M` or `P30D`.

    Raises:
        ValueError: it is none, or too long.
    """
    match = _DURATION.fullmatch(text)
    found = {name: number for name, number in match.groupdict().items() if number} if match else {}
    if not found:
        raise ValueError(text)
    milliseconds = int(found.pop("fraction", "0").ljust(3, "0"))
    try:
        return timedelta(milliseconds=milliseconds, **{unit: int(number) for unit, number in found.items()})
    except OverflowError:
        raise ValueError(text) from None
