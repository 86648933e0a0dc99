"""The dollars of `docs/storage-compared.md`, from the recorded run."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from bench import recorded
from bench.storage.forms import Form
from bench.storage.overview import dollars_of
from bench.storage.recording import from_json
from bench.storage.traffic import HIT, REQUESTS
from docgen.markdown import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.storage.run import Entry, Run
    from bench.storage.use import Use

_DOES_NOT_FIT: Final = "-"


@cache
def recorded_run() -> Run:
    """The recorded run of the comparison."""
    return from_json(recorded.read("storage"))


def dollars() -> str:
    """Dollars for a million requests, by size, by requests of a session and by form."""
    return table(
        ("data", "requests of a session", *Form),
        (
            (size, f"{requests:,}", *(_dollars(forms.get(form), requests) for form in Form))
            for size, forms in recorded_run().items()
            for requests in REQUESTS
        ),
    )


def _dollars(entry: Entry | None, requests: int) -> str:
    return _DOES_NOT_FIT if entry is None else f"${dollars_of(entry, requests):,.2f}"


def is_hit(uses: Mapping[str, Use]) -> bool:
    """Whether a cache takes data of the size."""
    return not uses[HIT.name].rru
