"""Which tests share a worker under `pytest -n 2`, as a pytest plugin.

The tests that use the deployed system share one, which takes seconds to deploy. Those that read what the rule packs
found share that, and those of one file that look at the same templates share them. Every other test goes to the worker
that is free first. (The marks that xdist has for this, `xdist_group`, do nothing with pytest 9.2 and xdist 3.8.)
"""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

# Each of these starts a system of its own, or runs programs once for all its tests.
_ALONE = (
    *("tests/browser/test_cognito.py", "tests/e2e/test_make_run.py", "tests/rules/"),
    "tests/upgrades/test_deploying_over.py",
)
_FILE_BY_FILE = "tests/infra/"
# In the name of a test case: the address of an object, which differs from worker to worker.
_ADDRESS: Final = re.compile(r" at 0x[0-9a-f]+|<\w+ id='\d+'>")
_THE_DEPLOYED_SYSTEM = ("tests/e2e/", "tests/browser/", "tests/clients/", "tests/least_privilege/")


class OneDeployment(LoadScopeScheduling):  # type: ignore[misc]  # xdist's types are incomplete
    """Hands out tests one by one, but those of a shared system together; the largest groups come first."""

    def _split_scope(self, nodeid: str) -> str:
        """The group of a test."""
        for group in _ALONE:
            if nodeid.startswith(group):
                return group
        if nodeid.startswith(_FILE_BY_FILE):
            return nodeid.partition("::")[0]
        return "the deployed system" if nodeid.startswith(_THE_DEPLOYED_SYSTEM) else nodeid


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse names of test cases that another worker would not have: xdist then runs nothing.

    Raises:
        UsageError: naming one.
    """
    for item in items:
        if _ADDRESS.search(item.nodeid):
            raise pytest.UsageError(f"the name of this test case has the address of an object: {item.nodeid}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneDeployment:
    """xdist's hook for a scheduler of one's own."""
    return OneDeployment(config, log)
