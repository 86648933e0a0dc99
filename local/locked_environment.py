"""Further virtual environments, for tools whose pins are not the project's own: one lock file each."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

from local.console import CommandError
from local.paths import ROOT, VENV, WORK

if TYPE_CHECKING:
    from pathlib import Path

_UV: Final = VENV / "bin" / "uv"


def locked_environment(name: str, *, python_versions: str) -> Path:
    """Makes the environment `.local/NAME-venv`, or brings it up to date with `requirements-NAME.txt`.

    Args:
        name: Of both.
        python_versions: Which versions of Python it may have, like `>=3.11,<3.13`.

    Returns:
        The folder of its programs.

    Raises:
        CommandError: It cannot be made.
    """
    folder = WORK / f"{name}-venv"
    python = folder / "bin" / "python"
    requirements = ROOT / f"requirements-{name}.txt"
    try:
        if not python.exists():
            _uv("venv", "--quiet", "--clear", "--python", python_versions, folder)
        _uv("pip", "sync", "--quiet", "--python", python, requirements)
    except subprocess.CalledProcessError as error:
        raise CommandError(f"cannot install {requirements.name} ({error})") from None
    return python.parent


def _uv(*arguments: str | Path) -> None:
    subprocess.run([_UV, *arguments], cwd=ROOT, check=True)
