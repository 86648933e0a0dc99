"""A day of traffic consumes the request units that `session-store cost` says."""

from __future__ import annotations

import pytest

from local.dynoxide import why_unavailable
from session_store.cli.cost.question import Through
from tests.costs.simulation import Units, consumed
from tests.costs.traffic import day_of
from tests.support.engines import engines_are_required


@pytest.mark.proof
def test_a_day_of_200_customers_consumes_what_the_calculation_says() -> None:
    if why := why_unavailable():
        assert not engines_are_required(), why
        pytest.skip(why)
    days = dict(zip(Through, day_of(200, seed=1).halves(), strict=True))

    for through, found in consumed(days).items():
        assert vars(found) == pytest.approx(vars(Units.calculated(through, days[through])), rel=0.03)
