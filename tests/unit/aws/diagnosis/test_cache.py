"""Findings about the cache of validations."""

from __future__ import annotations

from session_store.aws.diagnosis import Severity, cache
from session_store.validation_cache import ValidationCache
from tests.support.cache_server import MemoryServer
from tests.unit.cli.conftest import cache_nowhere


def test_one_that_answers_is_as_it_should_be() -> None:
    (found,) = cache.check(ValidationCache.on(MemoryServer()))

    assert found.severity is Severity.OK


def test_one_that_does_not_is_a_note_because_functions_may_reach_it() -> None:
    (found,) = cache.check(ValidationCache.from_environment(cache_nowhere()))

    assert found.severity is Severity.NOTE
    assert "Each end by this machine waits for 5 seconds" in found.why
