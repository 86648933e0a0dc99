"""The data of the compared sessions: carts of five sizes, the same at each run."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from session_store.data.types import JSONObject

SIZES: Final = {"0.5 KB": 512, "4 KB": 4 * 1024, "50 KB": 50 * 1024, "500 KB": 500 * 1024, "5 MB": 5 * 1024 * 1024}
"""Bytes of data as JSON, by name."""
_TITLES: Final = ("Green tea", "Black tea", "Tea pot", "Cup", "Filter", "Kettle")
_VARIANTS: Final = ("small", "large", "gift box", "organic")


def data_of(size: int) -> JSONObject:
    """A cart with about so many bytes of JSON. Compressed it takes about a quarter."""
    choose = random.Random(size)  # noqa: S311 - the same cart each time
    cart: list[object] = []
    left = size - len('{"cart":[]}')
    while left > 0:
        line = _line(choose)
        cart.append(line)
        left -= len(json.dumps(line, separators=(",", ":"))) + 1
    return {"cart": cart}


def _line(choose: random.Random) -> dict[str, object]:
    return {
        "sku": f"B-{choose.randrange(10**6):06}",
        "title": f"{choose.choice(_TITLES)}, {choose.choice(_VARIANTS)}",
        "quantity": choose.randrange(1, 5),
        "price": f"{choose.randrange(100, 9999) / 100:.2f}",
        "added": f"2026-11-{choose.randrange(1, 28):02}T{choose.randrange(24):02}:{choose.randrange(60):02}:00Z",
    }
