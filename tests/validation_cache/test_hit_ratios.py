"""The hit ratios that the page tells are those of the real cache, and those that an entry's life of 4 seconds gives."""

from __future__ import annotations

import pytest

from bench.hit_ratio import PATTERNS, Pattern, hit_ratio
from local.paths import ROOT
from local.valkey import why_unavailable
from tests.support.engines import engines_are_required

PAGE = (ROOT / "docs" / "validation-cache.md").read_text(encoding="utf-8")
LIFE = 4  # seconds


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_the_page_tells_the_ratio_that_a_life_of_four_seconds_gives(pattern: Pattern) -> None:
    in_a_life = LIFE / pattern.seconds  # further bursts
    first, others = in_a_life / (1 + in_a_life), len(pattern.burst) - 1

    assert (first + others) / (1 + others) == pytest.approx(pattern.expected, abs=0.01)
    assert f"| {pattern.name} | {pattern.expected} |" in PAGE


@pytest.mark.skipif(why_unavailable() is not None and not engines_are_required(), reason=str(why_unavailable()))
def test_the_real_cache_has_that_ratio() -> None:
    pages = PATTERNS["pages of six requests, every 2 minutes"]

    assert hit_ratio(pages, requests=300) == pytest.approx(pages.expected, abs=0.02)
