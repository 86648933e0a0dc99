"""The panel beside a page."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from demo.html import Html, Template, join
from session_store.storage import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.development.calls import Call, Report
    from session_store.storage.attribute_values import AttributeValue, Item

_FOLDER: Final = Path(__file__).with_name("templates")
_PANEL: Final = Template("panel", _FOLDER)
_REQUEST: Final = Template("request", _FOLDER)
_CALL: Final = Template("call", _FOLDER)
_NO_CALL: Final = Template("no_call", _FOLDER)
_ROW: Final = Template("row", _FOLDER)
_NO_ROW: Final = Template("no_row", _FOLDER)
_ATTRIBUTE: Final = Template("attribute", _FOLDER)

_KEYS: Final = (schema.PARTITION_KEY, schema.SORT_KEY)
_NUMBERED: Final = re.compile(r"_\d+$")  # the ids of the last saves, which are all alike
_TIMES: Final = ("_at", "_time", "_until", schema.TTL_ATTRIBUTE)


def panel(reports: Sequence[Report], rows: Sequence[Item]) -> Html:
    """The panel.

    Args:
        reports: of the last requests, the newest last.
        rows: of the session.
    """
    return _PANEL.fill(
        requests=join(map(_request, reports)),
        rows=join(_row(row, opened=row is rows[0]) for row in rows) if rows else _NO_ROW.fill(),
    )


def _request(report: Report) -> Html:
    calls = join(map(_call, report.calls)) if report.calls else _NO_CALL.fill()
    return _REQUEST.fill(
        method=report.method, path=report.path, rru=_number(report.rru), wru=_number(report.wru), calls=calls
    )


def _call(call: Call) -> Html:
    units = "not reported" if call.units is None else f"{_number(call.units)} {'RRU' if call.is_read else 'WRU'}"
    return _CALL.fill(operation=call.operation, on=call.on, units=units)


def _number(units: float) -> str:
    return f"{units:g}"


def _row(row: Item, *, opened: bool) -> Html:
    attributes = {_NUMBERED.sub("_n", name): (name, value) for name, value in sorted(row.items()) if name not in _KEYS}
    return _ROW.fill(
        state=Html("open") if opened else "",
        kind=row["entity_type"]["S"].replace("_", " "),
        partition_key=row[schema.PARTITION_KEY]["S"],
        sort_key=row[schema.SORT_KEY]["S"],
        attributes=join(_ATTRIBUTE.fill(name=name, value=_shown(*each)) for name, each in attributes.items()),
    )


def _shown(name: str, value: AttributeValue) -> str:
    """A value as text. Hashes and keys are binary, and only their size is shown: they stand for the token."""
    kind, content = next(iter(value.items()))
    if kind == "N" and name.endswith(_TIMES):
        return f"{datetime.fromtimestamp(int(content), UTC):%Y-%m-%d %H:%M:%S} UTC"
    return json.dumps(_plain(value), ensure_ascii=False) if kind in {"M", "L"} else str(_plain(value))


def _plain(value: AttributeValue) -> Any:  # noqa: ANN401 - any JSON value
    kind, content = next(iter(value.items()))
    match kind:
        case "M":
            return {name: _plain(each) for name, each in content.items()}
        case "L":
            return [_plain(each) for each in content]
        case "N":
            return json.loads(content)
        case "B":
            return f"{len(content)} bytes"
        case "BS":
            return f"{len(content)} values"
    return None if kind == "NULL" else content
