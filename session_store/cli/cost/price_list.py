"""Writes the prices anew, from AWS's public price list.

    python -m session_store.cli.cost.price_list eu-west-1 > prices.json
    session-store cost --prices prices.json ...

The list needs no credentials. It has a file for each service and region. `--from FOLDER` takes files that were
downloaded before, `AmazonDynamoDB.json` and so on.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.request
from dataclasses import replace
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from session_store.cli.cost.prices import Price, Prices, read_prices, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    PriceList = Mapping[str, Any]

_HOST: Final = "https://pricing.us-east-1.amazonaws.com"
_PATH: Final = "/offers/v1.0/aws/{service}/current/{region}/index.json"
_SECONDS: Final = 60
_REGION: Final = (
    r"(?:EU|[A-Z]{3}\d|[a-z]{2}(?:-[a-z]+)+-\d)-"  # as usage types begin in most regions, those of KMS in all
)


class PriceListError(Exception):
    """The list does not have a price, or has more than one."""


def refreshed(region: str, load: Callable[[str], PriceList]) -> Prices:
    """The prices of a region.

    Args:
        region: AWS's name of it.
        load: the list of a service.

    Raises:
        PriceListError: a price is not there, or not only once.
    """
    known = read_prices().prices
    lists = {service: load(service) for service in sorted({price.service for price in known.values()})}
    prices = {name: _refreshed(price, region, lists[price.service]) for name, price in known.items()}
    return Prices(region, "AWS's price list", prices)


def _refreshed(price: Price, region: str, listed: PriceList) -> Price:
    usage_type = re.compile(f"(?:{_REGION})?{re.escape(price.usage_type)}")
    found = [
        sku
        for sku, product in listed["products"].items()
        if usage_type.fullmatch(product["attributes"].get("usagetype", ""))
        and product["attributes"].get("regionCode", region) == region
    ]
    tiers = {_tiers(listed, sku): sku for sku in found}
    if len(tiers) != 1:
        raise PriceListError(f"{price.service} in {region} has {len(tiers)} prices of {price.usage_type}, not one")
    ((each, sku),) = tiers.items()
    return replace(price, sku=sku, date=listed["publicationDate"][:10], tiers=each)


def _tiers(listed: PriceList, sku: str) -> tuple[tuple[float, float], ...]:
    """The tiers of a product, without those that are free. The first one that is not begins at 0."""
    (term,) = listed["terms"]["OnDemand"][sku].values()
    dimensions = term["priceDimensions"].values()
    tiers = sorted((float(each["beginRange"]), float(each["pricePerUnit"]["USD"])) for each in dimensions)
    paid = dropwhile(lambda tier: not tier[1], tiers)
    return tuple((begin if number else 0.0, price) for number, (begin, price) in enumerate(paid))


def _download(region: str) -> Callable[[str], PriceList]:
    def load(service: str) -> PriceList:
        url = _HOST + _PATH.format(service=service, region=region)
        with urllib.request.urlopen(url, timeout=_SECONDS) as reply:  # noqa: S310 - the scheme is ours
            listed: PriceList = json.load(reply)
        return listed

    return load


def _from_folder(folder: Path) -> Callable[[str], PriceList]:
    def load(service: str) -> PriceList:
        listed: PriceList = json.loads((folder / f"{service}.json").read_text(encoding="utf-8"))
        return listed

    return load


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the prices of a region as a file for `--prices`.

    Returns:
        The exit status: 1 when the list cannot be had, or lacks a price.
    """
    parser = argparse.ArgumentParser(prog="python -m session_store.cli.cost.price_list", description=__doc__)
    parser.add_argument("region", nargs="?", default="us-east-1", help="default us-east-1")
    parser.add_argument("--from", dest="folder", type=Path, help="a folder with the files of the services")
    given = parser.parse_args(arguments)
    load = _from_folder(given.folder) if given.folder else _download(given.region)
    try:
        prices = refreshed(given.region, load)
    except (PriceListError, OSError, ValueError, LookupError) as error:
        sys.stderr.write(f"error: {type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(written(prices))
    return 0


if __name__ == "__main__":
    sys.exit(main())
