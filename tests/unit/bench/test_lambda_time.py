"""The price of CPU time in a function, on numbers that can be checked by hand."""

from __future__ import annotations

import pytest

from bench import lambda_time, recorded


def test_a_function_has_a_share_of_a_core_by_its_memory_and_at_most_one() -> None:
    assert lambda_time.function_time(1, 1769) == 1
    assert lambda_time.function_time(1, 128) == pytest.approx(13.8, abs=0.1)
    assert lambda_time.function_time(1, 10_240) == 1


def test_a_million_times_a_second_of_a_gigabyte_is_a_million_gb_seconds() -> None:
    assert lambda_time.dollars_per_million(1000, 1024, "arm64") == pytest.approx(13.3334)
    assert lambda_time.dollars_per_million(1000, 1024, "x86_64") == pytest.approx(16.6667)


def test_cpu_time_costs_the_same_with_any_memory_and_waiting_does_not() -> None:
    of_cpu = {
        round(lambda_time.dollars_per_million(lambda_time.function_time(1, memory), memory, "arm64"), 9)
        for memory in lambda_time.MEMORIES
    }
    of_waiting = {lambda_time.dollars_per_million(1, memory, "arm64") for memory in lambda_time.MEMORIES}

    assert len(of_cpu) == 1
    assert len(of_waiting) == len(lambda_time.MEMORIES)


def test_the_recorded_run_meets_the_goal() -> None:
    run = recorded.read("lambda")

    assert run["own"] / run["botocore"] <= lambda_time.GOAL
