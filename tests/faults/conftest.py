"""The faults, with both transports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.engines import Engine, Memory
from tests.support.scenes import running

_BOTH: Final = [Memory("memory"), Memory("memory", own_transport=True)]


@pytest.fixture(scope="session", params=_BOTH, ids=["botocore", "own-transport"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    yield from running(request.param)
