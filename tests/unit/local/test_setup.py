"""The first thing that a newcomer meets, when it does not work: one line that says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import ROOT
from local.ports import HOST, free_port

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

# Answers like Python 3.9 to the one thing that make asks it.
OLD_PYTHON = f"""#!/bin/sh
exec "{sys.executable}" -c 'import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])' "$2"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a fresh checkout as its set-up reads."""
    for name in ("Makefile", "requirements.txt", "package.json", "package-lock.json", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "local", tmp_path / "local", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def make(checkout: Path, *arguments: str, **environment: str) -> tuple[int, list[str]]:
    """Runs make; returns its exit status and what it said on standard error, without make's own line."""
    done = subprocess.run(
        ["make", *arguments],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "HOME": str(checkout), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]


def test_a_python_that_is_too_old_is_one_line(checkout: Path) -> None:
    old = checkout / "old-python"
    old.write_text(OLD_PYTHON)
    old.chmod(0o755)

    status, (line,) = make(checkout, "run", f"PYTHON={old}")

    assert status != 0
    assert line.startswith("error: Python 3.11 or newer is needed")
    assert "is 3.9" in line


def test_a_python_that_is_not_there_is_one_line(checkout: Path) -> None:
    status, (line,) = make(checkout, "run", "PYTHON=python-of-tomorrow")

    assert status != 0
    assert line.startswith("error: there is no python-of-tomorrow here")


@pytest.mark.proof  # it makes a virtual environment, which takes seconds
def test_no_network_at_the_first_set_up_is_one_line(checkout: Path) -> None:
    nowhere = f"http://{HOST}:{free_port()}"

    status, (line,) = make(
        checkout, "run", f"PYTHON={sys.executable}", PIP_INDEX_URL=nowhere, PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull
    )

    assert status != 0
    assert line == "error: Installing uv failed: is the network up? The full output is in .local/setup.log."


def test_make_alone_lists_the_commands(checkout: Path) -> None:
    listed = subprocess.run(["make"], cwd=checkout, capture_output=True, text=True, check=True).stdout

    for command in ("run", "test", "proof", "bench", "lint", "lock", "clean"):
        assert f"make {command} " in listed
