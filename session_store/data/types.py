"""Types of session data."""

from __future__ import annotations

from typing import Any, TypeAlias

# Session data as it comes out: dicts and lists at every level. Data that goes in is a `Mapping[str, object]`, checked
# at run time: to a type checker a dict of mixed values, or a TypedDict, is nothing narrower.
JSONObject: TypeAlias = dict[str, Any]
PlainValue: TypeAlias = "bool | int | float | str | list[PlainValue] | dict[str, PlainValue] | None"
