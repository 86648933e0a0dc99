"""What the template assertions share."""

from __future__ import annotations

from pathlib import Path

import botocore
import pytest


@pytest.fixture(scope="session")
def only_boto3(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with boto3 and what it needs: all that a Lambda function has besides its own code."""
    folder = tmp_path_factory.mktemp("runtime")
    site_packages = Path(botocore.__file__).parents[1]
    for name in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"):
        (folder / name).symlink_to(site_packages / name)
    return str(folder)
