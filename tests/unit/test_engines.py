"""An engine that this machine cannot run is skipped with its reason, or fails where all are required."""

from __future__ import annotations

import pytest

from tests.support.engines import ENGINES, REQUIRE_ENGINES, Moto
from tests.support.scenes import running


class Absent(Moto):
    def why_unavailable(self) -> str:
        return "it is not installed"


@pytest.mark.parametrize(("required", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_an_absent_engine_is_skipped_with_its_reason_and_fails_where_all_are_required(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv(REQUIRE_ENGINES, required)

    with pytest.raises(outcome, match="it is not installed"):
        next(running(Absent("moto")))


def test_the_three_engines_of_the_design_are_there() -> None:
    assert {engine.name for engine in ENGINES} >= {"moto", "embedded AWS", "dynoxide"}
