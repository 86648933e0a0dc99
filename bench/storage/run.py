"""A run of the comparison: every form of every size that it takes, measured on engines of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.storage.data import SIZES, data_of
from bench.storage.engines import running_engines
from bench.storage.forms import Form, options
from bench.storage.life import measure
from bench.storage.times import CHECK, SAVE, Times, timed_calls, times_of
from session_store import SessionStore, Transport
from session_store.testing import MovableClock, create_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.storage.engines import Engines
    from bench.storage.traffic import Measured

_ROUNDS: Final = {"0.5 KB": 400, "4 KB": 400, "50 KB": 200, "500 KB": 40, "5 MB": 15}


@dataclass(frozen=True, slots=True)
class Entry:
    """One form of sessions of one size.

    Attributes:
        measured: the use of each kind of call.
        check: times of a check that reads the data.
        save: times of a save of one key.
    """

    measured: Measured
    check: Times
    save: Times


Run = Mapping[str, Mapping[str, Entry]]
"""Size -> form -> its entry. A form that does not take such data is left out."""


def storage_run(share: float = 1) -> Run:
    """Measure everything.

    Args:
        share: of the usual number of calls.

    Raises:
        CommandError: this machine cannot run an engine.
    """
    with running_engines() as engines:
        return {size: _entries(engines, size, max(2, round(rounds * share))) for size, rounds in _ROUNDS.items()}


def _entries(engines: Engines, size: str, rounds: int) -> dict[str, Entry]:
    data = data_of(SIZES[size])
    tables = {form: f"{form.name}-{SIZES[size]}" for form in Form}
    uses: dict[Form, Measured] = {}
    calls: dict[tuple[Form, str], Callable[[], object]] = {}
    for form, table_name in tables.items():
        create_table(engines.table, table_name)
        if (measured := measure(form, data, engines, table_name)) is not None:
            uses[form] = measured
            store = SessionStore(table_name, transport=Transport.OWN, clock=MovableClock(), **options(form, engines))
            calls |= {(form, name): call for name, call in timed_calls(store, data).items()}
    times = times_of(calls, rounds)
    return {form: Entry(measured, times[form, CHECK], times[form, SAVE]) for form, measured in uses.items()}
