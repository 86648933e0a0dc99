"""A reading request under `@session`, part by part: the differences of requests that have less and less to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.interpreters import interpreters, printed
from bench.report import Figure
from bench.subject import TABLE_NAME, running_subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ROUNDS: Final = 60
_CALLS: Final = 20
# The name of a part, the request with it, and what is left without it.
_PARTS: Final = (
    ("all of it", "all", ()),
    ("socket and HTTP", "all", ("without network",)),
    ("signature and JSON", "without network", ("without transport",)),
    ("the storage: request and row", "storage", ()),
    ("rules of validation, the session's object", "store", ("storage",)),
    ("event, rules of the page, the token in it", "without use", ()),
    ("handle, data, headers of the response", "without transport", ("store", "without use")),
    ("50 keys of data more", "without transport, large", ("without transport",)),
)


def parts_of_a_read() -> list[Figure]:
    """The microseconds of each part, with each interpreter."""
    figures: list[Figure] = []
    with running_subject() as subject:
        for version, python in interpreters().items():
            arguments = (TABLE_NAME, subject.token, str(_ROUNDS), str(_CALLS))
            found = printed(python, "parts_of_a_read.py", *arguments, environment=subject.environment)
            figures += (_figure(f"{version}: {name}", _left(found, whole, without)) for name, whole, without in _PARTS)
    return figures


def _left(found: Mapping[str, float], whole: str, without: Sequence[str]) -> float:
    return found[whole] - sum(found[each] for each in without)


def _figure(name: str, milliseconds: float) -> Figure:
    return Figure(name=name, measured=f"{milliseconds * 1000:.0f} us", goal="(for comparison)", met=True)
