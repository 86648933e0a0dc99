"""The script that writes prices anew, on an excerpt in the format of AWS's price list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from session_store.cli.cost import price_list
from session_store.cli.cost.prices import read_prices

EXCERPT = Path(__file__).parent / "price_list.json"


def refresh(tmp_path: Path, capsys: pytest.CaptureFixture[str], lists: dict[str, Any]) -> tuple[int, str, str]:
    for service, listed in lists.items():
        (tmp_path / f"{service}.json").write_text(json.dumps(listed))
    status = price_list.main(["eu-west-1", "--from", str(tmp_path)])
    return status, *capsys.readouterr()


@pytest.fixture
def lists() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EXCERPT.read_text())
    return found


def test_every_price_is_found_with_its_sku_and_its_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lists: dict[str, Any]
) -> None:
    status, text, _ = refresh(tmp_path, capsys, lists)
    (tmp_path / "prices.json").write_text(text)
    prices = read_prices(tmp_path / "prices.json")

    assert (status, prices.region, prices.date) == (0, "eu-west-1", "2026-11-20")
    assert prices.prices.keys() == read_prices().prices.keys()
    assert (prices["write_units"].sku, prices["write_units"].tiers) == ("DDBWRITE", ((0, 7.05e-7),))
    assert prices["gateway_calls"].tiers == ((0, 1.11e-6), (3e8, 1e-6))


def test_a_free_tier_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str], lists: dict[str, Any]) -> None:
    _, text, _ = refresh(tmp_path, capsys, lists)

    assert json.loads(text)["prices"]["table_gb"]["tiers"] == [[0, 0.283]]


def test_a_price_that_is_missing_or_there_twice_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lists: dict[str, Any]
) -> None:
    products = lists["AmazonDynamoDB"]["products"]
    products["DDBWRITEIA"]["attributes"]["usagetype"] = "EU-WriteRequestUnits"
    status, text, said = refresh(tmp_path, capsys, lists)
    assert (status, text) == (1, "")
    assert "AmazonDynamoDB in eu-west-1 has 2 prices of WriteRequestUnits, not one" in said

    del products["DDBWRITEIA"], products["DDBWRITE"]
    status, _, said = refresh(tmp_path, capsys, lists)
    assert status == 1
    assert "has 0 prices of WriteRequestUnits" in said
