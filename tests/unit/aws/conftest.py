from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from session_store.aws import AwsSessions, StaticCredentials


@pytest.fixture
def aws() -> Iterator[AwsSessions]:
    """Sessions of a user in account 123456789012 of moto, which has every other account as well."""
    with mock_aws():
        yield AwsSessions(region="eu-west-1", credentials=StaticCredentials("AKIAUSER", "hidden-secret"))


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The SDK's configuration file, empty."""
    file = tmp_path / "config"
    file.touch()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    return file
