"""Python interpreters of this machine, by their version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Neither the user's modules nor variables: what it says and makes depends on the interpreter alone.
ISOLATED: Final = ("-I", "-S")
_SAYS_KIND: Final = "import sys; print(sys.implementation.name, *sys.version_info[:2], sys.version_info.releaselevel)"
_PATIENCE_SECONDS: Final = 10


@cache
def interpreter_of(python: str) -> Path | None:
    """A released CPython of a minor version: this one, or one on the path or of pyenv. None without one.

    Args:
        python: the version, for instance `3.13`.
    """
    return next((each for each in _candidates(python) if _is(each, python)), None)


def _candidates(python: str) -> Iterator[Path]:
    yield Path(sys.executable)
    if found := shutil.which(f"python{python}"):
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser()
    yield from sorted(pyenv.glob(f"versions/{python}.*/bin/python{python}"), reverse=True)


def _is(interpreter: Path, python: str) -> bool:
    """Whether it is of this version. One of pyenv's shims says so only where a version is chosen."""
    try:
        done = subprocess.run(  # noqa: S603 - none of it is input
            [interpreter, *ISOLATED, "-c", _SAYS_KIND], capture_output=True, timeout=_PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.split() == f"cpython {python.replace('.', ' ')} final".encode().split()
