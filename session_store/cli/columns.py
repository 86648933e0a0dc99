"""The columns of tables: which value of a row, and how people read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_AGES: Final = (
    (timedelta(days=1), "day", "days"),
    (timedelta(hours=1), "h", "h"),
    (timedelta(minutes=1), "min", "min"),
    (timedelta(seconds=1), "s", "s"),
)
_OLD: Final = timedelta(days=60)


def text(value: Any) -> str:  # noqa: ANN401 - any value of JSON
    """A value as it is, `-` for none."""
    return "-" if value is None else str(value)


def moment(value: str | None) -> str:
    """A time to the second, in UTC, and how far away it is unless that is long."""
    if value is None:
        return "-"
    at = f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M:%S} UTC"
    apart = distance(value)
    return at if at.startswith(apart) else f"{at}, {apart}"


def distance(value: str | None) -> str:
    """How far away a time is: `5 min ago`, `in 25 min`. A date when it is long ago."""
    if value is None:
        return "-"
    at = datetime.fromisoformat(value)
    apart = abs(at - datetime.now(UTC))
    if apart > _OLD:
        return f"{at:%Y-%m-%d}"
    for unit, one, several in _AGES:
        if count := apart // unit:
            length = f"{count} {one if count == 1 else several}"
            return f"in {length}" if at > datetime.now(UTC) else f"{length} ago"
    return "now"


def indented_json(value: Any) -> str:  # noqa: ANN401 - any value of JSON
    """Data, on several lines."""
    return json.dumps(value, ensure_ascii=False, indent=2)


class Column(NamedTuple):
    """A column of a table, or a line of a single result.

    Attributes:
        title: its heading.
        key: the value's name in the row.
        shown: the value as people read it.
        from_width: the width of the terminal from which on a table has it, in characters. 0: always.
        wraps: whether a long value may go on in the next line of its cell.
    """

    title: str
    key: str
    shown: Callable[[Any], str] = text
    from_width: int = 0
    wraps: bool = False
