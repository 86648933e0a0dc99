"""The rotation rule in simulated hours: no honest browser is signed out, and every thief is found within the bound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest

from session_store import SessionSettings
from session_store.testing import MovableClock, in_memory_store
from tests.rotation.simulation import Browser, Simulation, Thief
from tests.support.figures import Count

HOUR = 3600
MINUTE = 60
SETTINGS = SessionSettings(idle_timeout=timedelta(days=2), absolute_timeout=timedelta(days=30))
INTERVAL = SETTINGS.rotation_interval.total_seconds()
BEGIN = datetime(2040, 1, 1, tzinfo=UTC)


@contextmanager
def simulated(seed: str) -> Iterator[tuple[Simulation, str]]:
    """A new world, and the token of a customer who has just signed in."""
    clock = MovableClock(BEGIN)
    with in_memory_store(settings=SETTINGS, clock=clock) as store:
        yield Simulation(store, clock, Random(seed)), store.create_session("ana").token


# Honest ones


@pytest.mark.shows("T79")
@pytest.mark.parametrize(
    ("think", "loss", "drops"),
    list(product((15, 60, 300), (0.0, 0.02, 0.3), (0.0, 0.5))),
    ids=lambda value: f"{value:g}",
)
def test_no_honest_browser_is_signed_out(count: Count, think: float, loss: float, drops: float) -> None:
    for seed in range(2):
        with simulated(f"{think} {loss} {drops} {seed}") as (world, token):
            browser = Browser(world, token, loss, drops)
            world.at(1, browser.browse, think, (1, 2, 6, 20), 0.1)
            if seed % 2:
                world.at(2, browser.poll, 20)

            assert world.run(12 * HOUR) is None

        assert browser.token != token
        count("rotation, requests of honest browsers", world.requests)


def test_a_client_that_ignores_new_tokens_keeps_its_own_and_costs_no_write() -> None:
    with simulated("ignores") as (world, token):
        for minute in range(1, 24 * 60):
            world.at(minute * MINUTE, world.use, token)
        assert world.run(24 * HOUR) is None

        (row,) = (row for row in _rows(world) if row["entity_type"]["S"] == "session")
        assert (row["epoch"], "first_used" in row) == ({"N": "0"}, False)


# Thieves

PERIODS = (1, 10, 29, 60, 240, 840)
HABITS = {"throws new tokens away": 0, "uses the newest": 1, "collects and mixes them": 40}


@pytest.mark.shows("T30")
@pytest.mark.parametrize("every", PERIODS)
@pytest.mark.parametrize("asks", [True, False], ids=["rotates", "polls"])
@pytest.mark.parametrize("habit", HABITS)
def test_every_thief_is_found(count: Count, every: int, *, asks: bool, habit: str) -> None:
    for seed in range(4):
        with simulated(f"{every} {asks} {habit} {seed}") as (world, token):
            owner = Browser(world, token)
            thief = Thief(world, owner, token, asks, HABITS[habit])
            world.at(world.random.uniform(0, 120), owner.poll, 120)
            world.at(60 + world.random.uniform(0, every), thief.act, every)

            found_at = world.run(6 * HOUR)

        assert found_at is not None
        # The owner gets a new token, uses it, and makes one more request after twice the grace; then the thief has to
        # act once more. A thief who uses a new token first is found by the owner's next request, even sooner.
        bound = 8 * MINUTE if every <= MINUTE else 9 * MINUTE + 1.02 * every
        assert found_at - (owner.first_due_at or found_at) <= bound
        count("rotation, thieves found", 1)


def _rows(world: Simulation) -> list[dict[str, dict[str, str]]]:
    rows: list[dict[str, dict[str, str]]] = world.store._context.storage._client.scan(  # type: ignore[attr-defined]
        TableName=world.store.table_name
    )["Items"]
    return rows
