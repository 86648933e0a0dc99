"""Another user of this machine, who has an account on it and nothing else."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import Final

import pytest

_NAME: Final = "nobody"

takes_root: Final = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
"""Marks a test that uses this module."""


def as_another_user(*command: str | Path) -> str:
    """Run a program as that user; returns all that it says."""
    done = subprocess.run(
        command,
        user=_NAME,
        group=pwd.getpwnam(_NAME).pw_gid,
        extra_groups=[],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.stdout
