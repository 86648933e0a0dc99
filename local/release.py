"""Builds what a release consists of, in dist/: `make release`. It uploads nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from local.console import CommandError, fail, step
from local.locked_environment import locked_environment
from local.paths import PYTHON, ROOT

if TYPE_CHECKING:
    from pathlib import Path

_DIST: Final = ROOT / "dist"


def build(folder: Path) -> list[Path]:
    """Builds the sdist and, from the checkout, the wheel. Then checks the metadata of both.

    Args:
        folder: The folder for both. Its earlier contents are deleted.

    Returns:
        The two files.

    Raises:
        CommandError: They cannot be built, or their metadata has a mistake.
    """
    shutil.rmtree(folder, ignore_errors=True)
    with step("Building the sdist and the wheel"):
        _run(PYTHON, "-m", "hatchling", "build", "--directory", folder)
    files = sorted(folder.iterdir())
    with step("Checking their metadata"):
        twine = locked_environment("release", python_versions=">=3.11") / "twine"
        _run(twine, "check", "--strict", *files)
    return files


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{command[0]} failed: {(done.stdout + done.stderr).strip()}")


def main() -> int:
    """Builds a release, and names its files.

    Returns:
        The exit status.
    """
    try:
        files = build(_DIST)
    except CommandError as error:
        return fail(str(error))
    for file in files:
        print(file.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
