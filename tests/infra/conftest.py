"""Fixtures of the template assertions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import botocore
import jwt
import pytest


@pytest.fixture(scope="session")
def lambda_runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that a Lambda function has besides its code: boto3 and what it needs."""
    runtime = tmp_path_factory.mktemp("runtime")
    site_packages = Path(botocore.__file__).parents[1]
    for name in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"):
        (runtime / name).symlink_to(site_packages / name)
    return runtime


@pytest.fixture(scope="session")
def jwt_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with PyJWT and cryptography, and what they need."""
    layer = tmp_path_factory.mktemp("layer")
    site_packages = Path(jwt.__file__).parents[1]
    for name in ("jwt", "cryptography", "cffi", *(each.name for each in site_packages.glob("_cffi_backend*"))):
        (layer / name).symlink_to(site_packages / name)
    return layer


@pytest.fixture(scope="session")
def run_as_lambda_does(lambda_runtime: Path) -> Callable[[str, Path], None]:
    """Runs a program on a folder of code, with all that a Lambda function has besides."""
    environment = {"TABLE_NAME": "t", "AWS_DEFAULT_REGION": "eu-central-1", "PYTHONPATH": str(lambda_runtime)}

    def run(program: str, folder: Path) -> None:
        command: list[str | Path] = [sys.executable, "-S", "-B", "-W", "error", "-c", program, folder]
        done = subprocess.run(
            command, cwd=lambda_runtime, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr

    return run
