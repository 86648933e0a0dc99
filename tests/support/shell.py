"""Shells, as readers of the documents use them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.paths import ROOT


def run(script: str, **environment: str) -> str:
    """Run a script in the checkout, in an environment of its own; it has to succeed. Returns what it prints."""
    return run_in(ROOT, script, environment)


def run_in(folder: Path, script: str, environment: Mapping[str, str]) -> str:
    """Like `run`, in a folder."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def sourced(file: Path, **environment: str) -> dict[str, str]:
    """The variables that a shell has after `source` of a file and had not before."""
    before, after = (
        dict(pair.split("=", 1) for pair in run(f"{command} env -0", **environment).split("\0") if pair)
        for command in ("", f"source '{file}';")
    )
    return {name: value for name, value in after.items() if name not in before}
