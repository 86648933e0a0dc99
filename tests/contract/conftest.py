"""The contract suite runs unchanged against every engine; each test has a table of its own.

In proofs it also runs with the transport of our own, and over each form of data, alone and all together: compressed,
encrypted, in S3 and behind a cache of validations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from tests.support.engines import DYNOXIDE, EMBEDDED_AWS, ENGINES, Difference, Engine
from tests.support.forms import Form
from tests.support.own_transport import Compared
from tests.support.scenes import running

_ABOUT_DATA: Final = frozenset({"test_creating", "test_decorated_requests", "test_lost_replies", "test_saving"})
# With the transport of our own also on the embedded AWS, which checks signatures. Its functions send the rest.
_SIGNED: Final = "test_decorated_requests"
_OF_ALL: Final = (
    ("moto", Form.PLAIN),
    ("dynoxide", Form.PLAIN),
    ("memory", Form.PLAIN),
    ("dynoxide", Form.TOGETHER),
    ("dynoxide", Form.COMPRESSED),
    ("dynoxide", Form.ENCRYPTED),
    ("dynoxide", Form.IN_S3),
    ("dynoxide", Form.CACHED),
    ("embedded AWS", Form.TOGETHER),
)
_OF_DATA: Final = (
    ("memory", Form.TOGETHER),
    ("memory", Form.CHOSEN),
    ("memory", Form.CHOSEN_IN_S3),
    ("embedded AWS", Form.PLAIN),
)
# The others take most of the time, and `make proof` has it.
_IN_EVERY_RUN: Final = frozenset({*_OF_ALL[1:3], *_OF_DATA[:2]})
# The engine in memory counts them, too. It has a test of its own, which does not wait for calls side by side.
_RIGHT_ABOUT_UNITS: Final = [
    engine for engine in ENGINES if not engine.differs(Difference.UNITS) and engine.name != "memory"
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        metafunc.parametrize("engine", list(_engines(module)), indirect=True, scope="session")


def _engines(module: str) -> Iterator[Any]:
    for name, form in (*_OF_ALL, *(_OF_DATA if module in _ABOUT_DATA else ())):
        engine = next(replace(engine, form=form) for engine in ENGINES if engine.name == name)
        called = name if form is Form.PLAIN else f"{name}, {form}"
        yield pytest.param(engine, id=called, marks=() if (name, form) in _IN_EVERY_RUN else pytest.mark.proof)
    for engine in (DYNOXIDE, EMBEDDED_AWS)[: 1 + (module == _SIGNED)]:
        own = replace(engine, own_transport=True)
        yield pytest.param(own, id=f"{engine.name}, own transport", marks=pytest.mark.proof)


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One engine, running, with all sessions' data in one form."""
    yield from running(request.param)
    assert Compared.compared or not request.param.own_transport


@pytest.fixture
def in_places(engine: Engine) -> None:
    """For what only holds where saves of different keys go past each other."""
    if engine.form not in {Form.PLAIN, Form.CACHED}:
        pytest.skip("data with a codec is saved as a whole")


@pytest.fixture
def in_rows(engine: Engine) -> None:
    """For what is about the size of rows with data in them."""
    if engine.form.in_s3:
        pytest.skip("a row has a pointer in place of data")


@pytest.fixture
def copyable(engine: Engine) -> None:
    """For what needs rows that are copies of others."""
    if engine.form not in {Form.PLAIN, Form.COMPRESSED, Form.CACHED}:
        pytest.skip("an encrypted row, and a pointer, is bound to its key")


@pytest.fixture
def generation_unread(engine: Engine) -> None:
    """For what only holds while a validation does not read the customer's row."""
    if engine.form.is_cached:
        pytest.skip("what the cache is to have is checked by the customer's row first")


@pytest.fixture(scope="session", params=_RIGHT_ABOUT_UNITS, ids=lambda engine: engine.name)
def metered_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One that reports the units that DynamoDB would."""
    yield from running(request.param)
