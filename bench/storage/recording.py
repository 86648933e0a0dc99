"""A run of the comparison as JSON, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from bench.storage.run import Entry
from bench.storage.times import Times
from bench.storage.traffic import Measured
from bench.storage.use import Use

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.storage.run import Run

_DIGITS: Final = 4  # after the point, of milliseconds


def as_json(run: Run) -> dict[str, Any]:
    """The run as plain values. Uses leave out zeros."""
    return {"storage": {size: {form: _entry(each) for form, each in forms.items()} for size, forms in run.items()}}


def from_json(recorded: Mapping[str, Any]) -> Run:
    """The run that `as_json` was given."""
    return {size: {form: _read(each) for form, each in forms.items()} for size, forms in recorded["storage"].items()}


def _entry(entry: Entry) -> dict[str, Any]:
    measured = entry.measured
    return {
        "row_bytes": measured.row_bytes,
        "object_bytes": measured.object_bytes,
        "uses": {name: _use(use) for name, use in measured.uses.items()},
        "check": _times(entry.check),
        "save": _times(entry.save),
    }


def _use(use: Use) -> dict[str, float]:
    return {name: value for name, value in asdict(use).items() if value}


def _times(times: Times) -> dict[str, float]:
    return {name: round(value, _DIGITS) for name, value in asdict(times).items()}


def _read(row: Mapping[str, Any]) -> Entry:
    uses = {name: Use(**use) for name, use in row["uses"].items()}
    measured = Measured(uses, row["row_bytes"], row["object_bytes"])
    return Entry(measured, Times(**row["check"]), Times(**row["save"]))
