"""uv or pip, for wheels of another platform than this machine's."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from session_store.cdk.platforms import Platform

_PATIENCE_SECONDS: Final = 300
_ERROR: Final = re.compile("error: *(.*)", re.IGNORECASE)
_CAUSE: Final = re.compile("cause(?:d by)?: *(.*)", re.IGNORECASE)
_SECRETS: Final = re.compile(r"//[^/\s]*@")  # of an index, whose address a message may name


class InstallError(Exception):
    """The wheels are not installed. The message says why, in a few words without secrets."""


def install(requirements: Path, platform: Platform, folder: Path) -> None:
    """Install wheels into a folder, with their own settings of uv or pip: index, proxy and certificates.

    Args:
        requirements: a file with each version and its hashes, no other is accepted. Nothing else is installed.
        platform: what the wheels have to run on.
        folder: is created.

    Raises:
        InstallError: see there.
    """
    options = ("--only-binary", ":all:", "--no-deps", "--require-hashes", "--requirement", str(requirements))
    command = (*_installer(platform), "--target", str(folder), *options)
    try:
        done = subprocess.run(  # noqa: S603 - none of it is input
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=_PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"{command[0]} took longer than {_PATIENCE_SECONDS} seconds") from None
    except OSError as error:
        raise InstallError(str(error)) from None
    if done.returncode:
        raise InstallError(_SECRETS.sub("//", _reason(done.stderr or str(done.returncode))))


def _installer(platform: Platform) -> Sequence[str]:
    """The command of uv beside this Python or on the path, else of pip."""
    for_python = ("--python-version", platform.python)
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv := beside or shutil.which("uv"):
        tag = f"{platform.processor}-manylinux_2_{platform.glibc}"
        return (uv, "pip", "install", "--python", sys.executable, *for_python, "--python-platform", tag)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--no-user")
    tags = (f"--platform={tag}" for tag in platform.tags)
    return (*pip, "--no-compile", "--implementation", "cp", *for_python, *tags)


def _reason(said: str) -> str:
    """The first error and, of uv, its last cause, else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors, causes = ([found[1] for found in map(kind.match, lines) if found] for kind in (_ERROR, _CAUSE))
    return ": ".join([*errors[:1], *causes[-1:]]) or lines[-1]
