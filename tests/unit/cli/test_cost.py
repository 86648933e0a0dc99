"""`session-store cost`: its figures, its bad input, its chart."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from session_store.catalog.access_patterns import CREATE_SESSION, END_SESSION, VALIDATE
from session_store.catalog.metric_names import METRIC_NAMES
from session_store.cli.cost.dollars import dollars_a_month
from session_store.cli.cost.limits import met_limits
from session_store.cli.cost.lines import LINE_BYTES
from session_store.cli.cost.prices import Price, read_prices
from session_store.cli.cost.question import RANGES, Question, Through
from session_store.cli.cost.units import calls_of_a_day
from session_store.errors import InvalidInputError
from tests.unit.cli.conftest import CommandLine

ASKED = {"sessions_per_day": 1000.0, "requests_per_session": 10.0, "data_bytes": 100}
OPTIONS = [text for name, value in ASKED.items() for text in (f"--{name.replace('_', '-')}", str(value))]
PARTS = ["table", "index", "storage", "functions", "gateway", "logs", "metrics", "stream"]


def asked(**given: Any) -> Question:
    return Question(**ASKED | given)


def answer(command_line: CommandLine, *more: str) -> dict[str, Any]:
    (answered,) = command_line.rows("cost", *OPTIONS, *more)
    return answered


def test_the_answer_has_units_dollars_by_part_limits_and_other_projects(command_line: CommandLine) -> None:
    answered = answer(command_line)

    assert [row["part"] for row in answered["dollars"]] == [*PARTS, "total"]
    assert answered["dollars"][-1]["dollars"] == pytest.approx(sum(row["dollars"] for row in answered["dollars"][:-1]))
    assert [(row["amount"], row["per"]) for row in answered["lines"]] == [
        (LINE_BYTES, "million"),
        (len(METRIC_NAMES), "month"),
    ]
    assert [row["times"] for row in answered["limits"]] == [10, 1_000, 100_000]
    assert all(row["sources"] for row in answered["others"][1:])
    assert answered["prices"]["date"] == read_prices().date


def test_units_are_those_of_the_catalog_for_each_call() -> None:
    question = asked(changes=0, signed_out=1, new_customers=1, idle_timeout=86_400, requests_per_session=1)
    calls = {each.kind.pattern: each for each in calls_of_a_day(question) if each.kind.when != "at an extension"}
    first = CREATE_SESSION.cost("the customer's first").amount()
    ended = END_SESSION.cost("by id alone").amount()

    assert (calls[CREATE_SESSION].rru, calls[CREATE_SESSION].table_wru) == (1000 * first.rru, 1000 * (first.wru - 2))
    assert calls[VALIDATE].rru == pytest.approx(calls[VALIDATE].number * VALIDATE.cost().rru)
    assert (calls[END_SESSION].rru, calls[END_SESSION].table_wru) == (1000 * ended.rru, 1000 * ended.wru)


def test_larger_data_costs_more_for_the_session_and_not_for_the_index() -> None:
    small, large = (calls_of_a_day(asked(data_bytes=size)) for size in (100, 8_500))

    for one, other in zip(small, large, strict=True):
        assert other.rru == one.rru + one.kind.session_rru * one.number * 2
        assert other.table_wru == one.table_wru + one.kind.session_wru * one.number * 8
        assert other.index_wru == one.index_wru


def test_under_the_decorator_tokens_rotate_and_no_function_or_gateway_is_paid() -> None:
    dollars = dollars_a_month(asked(through=Through.DECORATOR), read_prices())

    assert dollars["functions"] == dollars["gateway"] == 0
    assert "check with a new token" in {each.kind.name for each in calls_of_a_day(asked(through=Through.DECORATOR))}
    assert "check with a new token" not in {each.kind.name for each in calls_of_a_day(asked())}


def test_each_limit_is_met_where_the_load_reaches_it() -> None:
    for met in met_limits(asked()):
        grown = asked(sessions_per_day=1000 * met.at)
        assert {each.limit.name: each.load for each in met_limits(grown)}[met.limit.name] == pytest.approx(
            met.limit.value
        )


def test_long_calls_meet_the_concurrency_of_lambda_first() -> None:
    assert met_limits(asked(milliseconds=3000))[0].limit.name == "Lambda's concurrent executions"
    assert "table" in met_limits(asked(through=Through.DECORATOR))[0].limit.name


def test_tiers_are_paid_one_after_the_other() -> None:
    price = Price("service", "usage", None, "2026-11-27", "unit", ((0, 3), (10, 2), (20, 1)))

    assert [price.of(amount) for amount in (0, 5, 10, 15, 25)] == [0, 15, 30, 40, 55]


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("value", [-1, 1e30, float("nan"), float("inf"), True, "many"])
def test_a_number_that_makes_no_sense_is_an_error_that_names_it(name: str, value: Any) -> None:
    with pytest.raises(InvalidInputError) as raised:
        asked(**{name: value})

    assert raised.value.field == name


@pytest.mark.parametrize("name", ASKED)
def test_zero_is_an_error_where_it_is_no_traffic(command_line: CommandLine, name: str) -> None:
    option = f"--{name.replace('_', '-')}"
    done = command_line.run("cost", *OPTIONS, option, "0")

    assert (done.exit_code, done.stdout) == (2, "")
    assert name in done.stderr


def test_numbers_that_contradict_each_other_are_errors() -> None:
    with pytest.raises(InvalidInputError, match="pause"):
        asked(pause=1800)
    with pytest.raises(InvalidInputError, match="requests_per_session"):
        asked(requests_per_session=100_000)


def test_the_chart_is_svg_with_a_bar_and_a_price_for_each_part(command_line: CommandLine) -> None:
    answered = answer(command_line, "--chart", "costs.svg")
    texts = [each.text for each in ET.parse("costs.svg").iter("{http://www.w3.org/2000/svg}text")]

    assert set(PARTS) <= set(texts)
    assert {f"${row['dollars']:,.2f}" for row in answered["dollars"]} <= set(texts)
    assert any(answered["prices"]["date"] in str(text) for text in texts)


def test_a_chart_that_cannot_be_written_is_an_error(command_line: CommandLine) -> None:
    done = command_line.run("cost", *OPTIONS, "--chart", "no/such/folder.svg")

    assert done.exit_code == 2
    assert "folder.svg cannot be written" in done.stderr


@pytest.mark.parametrize("text", ["", "[]", '{"region": "x", "source": "y", "prices": {}}', '{"prices": 1}'])
def test_a_file_without_prices_is_an_error(command_line: CommandLine, text: str) -> None:
    Path("prices.json").write_text(text)
    done = command_line.run("cost", *OPTIONS, "--prices", "prices.json")

    assert done.exit_code == 2
    assert done.stderr.startswith("Error: prices: ")


def test_the_prices_that_come_with_the_package_name_region_and_date() -> None:
    prices = read_prices()

    assert prices.region == "us-east-1"
    assert all(price.tiers[0][0] == 0 for price in prices.prices.values())
    assert date.fromisoformat(prices.date).year >= 2026
