"""The virtual environment of the packages that the project is compared with: their pins are not ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.locked_environment import locked_environment

if TYPE_CHECKING:
    from pathlib import Path

# session-lambda does not run on Python 3.13.
_PYTHON_VERSIONS: Final = ">=3.11,<3.13"


def others_python() -> Path:
    """The environment's interpreter. Makes the environment, or brings it up to date with its lock file.

    Raises:
        CommandError: it cannot be made.
    """
    return locked_environment("bench", python_versions=_PYTHON_VERSIONS) / "python"
