"""Fixtures and options of all tests."""

from __future__ import annotations

import gc
import os

import pytest

import local.jsii  # noqa: F401 - before anything imports aws_cdk
from session_store.adapters.aws_lambda import decorator, environment

# The fixtures that users get, `session_store` and `session_clock`, are the ones this project's own tests use.
pytest_plugins = (
    "session_store.testing",
    "tests.support.scheduling",
    "tests.support.scenes",
    "tests.support.deployed",
    "tests.support.figures",
)

# Each collection of garbage looks at thousands of tests and at moto's models. Fewer of them take half of the time.
gc.set_threshold(50_000, 20, 100)

# Nothing of the developer's own AWS settings gets into a test.
for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ |= {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(autouse=True)
def _process() -> None:
    """Each test is a process of its own, as far as its environment's store goes."""
    decorator.made_by.cache_clear()
    environment.store.cache_clear()
    environment.lines.cache_clear()
