"""Counters of a program outside Lambda: an observer adds up, and a page shows them as Prometheus reads them."""

from collections import Counter
from contextlib import suppress

from session_store import InvalidTokenError, Observation, SessionStore

COUNTERS: Counter[str] = Counter()


def observe(call: Observation) -> None:
    """After each call of the store. Its caller waits for it: count here, and send from elsewhere."""
    COUNTERS[f'calls_total{{method="{call.method}",outcome="{call.outcome}"}}'] += 1
    COUNTERS["units_total"] += round(call.read_units + call.write_units)
    for name, number in call.counts.items():  # Created, Validated, ..., and the names of incidents
        COUNTERS[f'events_total{{name="{name}"}}'] += number


def main() -> None:
    """Needs a region and credentials in the environment."""
    store = SessionStore("sessions", observer=observe)
    token = store.create_session("customer-1").token
    store.end_session(store.validate(token))
    with suppress(InvalidTokenError):
        store.validate(token)
    print(COUNTERS['calls_total{method="validate",outcome="refused"}'])  # 1
    print(COUNTERS['events_total{name="EndedSignedOut"}'], COUNTERS["units_total"])  # 1 8


if __name__ == "__main__":
    main()
