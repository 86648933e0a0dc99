"""What the rule packs find is found once for all tests of this folder."""

from __future__ import annotations

import pytest

from tests.rules.findings import Finding, Findings


@pytest.fixture(scope="session")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What every tool finds in every environment."""
    from tests.rules.findings import collect  # noqa: PLC0415 - loading cdk-nag takes seconds

    return collect(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def found_in_application(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finding, ...]:
    """What every tool finds in an application's stack."""
    from tests.rules.findings import collect_from_application  # noqa: PLC0415 - loading cdk-nag takes seconds

    return collect_from_application(tmp_path_factory.mktemp("application"))
