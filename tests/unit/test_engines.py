"""An engine that this machine cannot run is skipped with its reason, or fails where all are required."""

from __future__ import annotations

import pytest

from tests.support.engines import ENGINES, REQUIRE_ENGINES, Moto
from tests.support.scenes import running


class Absent(Moto):
    def why_unavailable(self) -> str:
        return "it is not installed"


def test_an_absent_engine_is_skipped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE_ENGINES, raising=False)

    with pytest.raises(pytest.skip.Exception, match="it is not installed"):
        next(running(Absent("moto")))


def test_an_absent_engine_fails_where_all_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE_ENGINES, "1")

    with pytest.raises(pytest.fail.Exception, match="it is not installed"):
        next(running(Absent("moto")))


def test_the_three_engines_of_the_design_are_there() -> None:
    assert {engine.name for engine in ENGINES} >= {"moto", "embedded AWS", "dynoxide"}
