"""The virtual environment of the packages that a decorated request is compared with: their pins are not ours."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

from local.console import CommandError
from local.tools import ROOT, VENV, WORK

if TYPE_CHECKING:
    from pathlib import Path

# session-lambda does not run on Python 3.13.
_PYTHON_VERSIONS: Final = ">=3.11,<3.13"
_REQUIREMENTS: Final = ROOT / "requirements-bench.txt"
_FOLDER: Final = WORK / "bench-venv"
_UV: Final = VENV / "bin" / "uv"


def others_python() -> Path:
    """The environment's interpreter; makes the environment, or brings it up to date with its lock file.

    Raises:
        CommandError: it cannot be made.
    """
    python = _FOLDER / "bin" / "python"
    try:
        if not python.exists():
            _uv("venv", "--quiet", "--clear", "--python", _PYTHON_VERSIONS, _FOLDER)
        _uv("pip", "sync", "--quiet", "--python", python, _REQUIREMENTS)
    except subprocess.CalledProcessError as error:
        raise CommandError(f"cannot install {_REQUIREMENTS.name} for the comparison ({error})") from None
    return python


def _uv(*arguments: str | Path) -> None:
    subprocess.run([_UV, *arguments], cwd=ROOT, check=True)
