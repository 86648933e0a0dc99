"""Prices as data: region, SKU, date and tiers of each. A file has them, and `price_list` writes it anew."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

GB: Final = 1024**3
"""Bytes, as storage and logs are billed."""
_FILE: Final = "prices.json"


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one thing.

    Attributes:
        service: AWS's code of the service in the price list.
        usage_type: AWS's name of the thing, without the region before it.
        sku: AWS's number of the product, None where it is not known.
        date: when the price was published or, without a SKU, written down. ISO 8601.
        unit: what one of it is, in AWS's words.
        tiers: from so many a month on, so many dollars for one. The first begins at 0. No free tier is in it: the rest
            of the account may have used it up.
    """

    service: str
    usage_type: str
    sku: str | None
    date: str
    unit: str
    tiers: tuple[tuple[float, float], ...]

    def of(self, amount: float) -> float:
        """Dollars for so many in a month."""
        ends = [*self.tiers, (math.inf, 0.0)]
        return sum((min(amount, end) - start) * price for (start, price), (end, _) in pairwise(ends) if amount > start)


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one region.

    Attributes:
        region: AWS's name of it.
        source: where they come from, in words.
        prices: by our names of the things.
    """

    region: str
    source: str
    prices: Mapping[str, Price]

    def __getitem__(self, name: str) -> Price:
        return self.prices[name]

    @property
    def date(self) -> str:
        """That of the oldest price."""
        return min(price.date for price in self.prices.values())


def read_prices(path: str | Path | None = None) -> Prices:
    """The prices of a file.

    Args:
        path: of a file that `price_list` wrote. None: the prices that come with the package.

    Raises:
        InvalidInputError: the file is no list of prices, or one that lacks some.
    """
    ours = _read((files(__package__) / _FILE).read_text(encoding="utf-8"))
    if path is None:
        return ours
    try:
        prices = _read(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise InvalidInputError("prices", "cannot be read as a list of prices", value=str(path)) from None
    if missing := sorted(ours.prices.keys() - prices.prices.keys()):
        raise InvalidInputError("prices", f"lacks {', '.join(missing)}", value=str(path))
    return prices


def written(prices: Prices) -> str:
    """Prices as the text of a file."""
    rows = [
        f"    {json.dumps(name)}: {json.dumps({field: getattr(price, field) for field in Price.__slots__})}"
        for name, price in prices.prices.items()
    ]
    head = f'  "region": {json.dumps(prices.region)},\n  "source": {json.dumps(prices.source)},'
    return "{\n" + head + '\n  "prices": {\n' + ",\n".join(rows) + "\n  }\n}\n"


def _read(text: str) -> Prices:
    found = json.loads(text)
    return Prices(found["region"], found["source"], {name: _price(row) for name, row in found["prices"].items()})


def _price(row: Mapping[str, Any]) -> Price:
    tiers = tuple((float(start), float(price)) for start, price in row["tiers"])
    if not tiers or tiers[0][0] != 0 or list(tiers) != sorted(tiers) or min(price for _, price in tiers) < 0:
        raise ValueError("tiers")
    return Price(row["service"], row["usage_type"], row["sku"], row["date"], row["unit"], tiers)
