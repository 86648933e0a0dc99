"""A larger day than the test's: `python -m tests.costs` plays one of 5,000 customers, in some minutes."""

from __future__ import annotations

import sys

from session_store.cli.cost.question import Through
from tests.costs.simulation import Units, consumed
from tests.costs.traffic import day_of

CUSTOMERS = 5000

days = dict(zip(Through, day_of(int(sys.argv[1]) if sys.argv[1:] else CUSTOMERS, seed=1).halves(), strict=True))
for through, found in consumed(days).items():
    visits = days[through].visits
    requests = sum(len(visit.pauses) for visit in visits)
    sys.stdout.write(f"{through}: {len(visits):,} sessions with {requests:,} requests\n")
    calculated = vars(Units.calculated(through, days[through]))
    for name, value in vars(found).items():
        apart = calculated[name] / value - 1
        sys.stdout.write(f"  {name}: {value:,.0f}, calculated {calculated[name]:,.0f}: {apart:+.2%}\n")
