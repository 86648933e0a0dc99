"""Installs what the project's commands need: a virtual environment with its packages, and the Node tools.

Run by make with the machine's own Python, before anything is installed: standard library only. A step is
repeated only when what goes into it has changed since it last succeeded.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from local.console import CommandError, fail, step
from local.paths import PYTHON, ROOT, VENV, WORK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOG: Final = WORK / "setup.log"
_REQUIREMENTS: Final = ROOT / "requirements.txt"
_UV: Final = VENV / "bin" / "uv"
_NPM: Final = VENV / "bin" / "npm"
_NODE_MODULES: Final = ROOT / "node_modules"
_NETWORK_HINT: Final = "is the network up?"


@dataclass(frozen=True)
class _Step:
    title: str
    inputs: tuple[Path, ...]
    stamp: Path
    made: Callable[[], bool]
    run: Callable[[], None]
    hint: str

    def fingerprint(self) -> str:
        digest = hashlib.sha256(f"{self.title} {ROOT}".encode())
        for path in self.inputs:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_done(self) -> bool:
        return self.made() and self.stamp.is_file() and self.stamp.read_text() == self.fingerprint()


def _run(*command: str | Path) -> None:
    with _LOG.open("ab") as log:
        subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
        )


def _make_environment() -> None:
    _run(sys.executable, "-m", "venv", "--clear", VENV)


def _install_uv() -> None:
    """Installs uv with pip, at the version and with the hashes of the locked requirements."""
    locked = re.search(r"^uv==(?:.*\\\n)*.*\n", _REQUIREMENTS.read_text(), re.MULTILINE)
    if locked is None:
        raise CommandError("requirements.txt does not name uv: restore the file, or run `make lock`.")
    wanted = VENV / "uv-requirement.txt"
    wanted.write_text(locked.group())
    _run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", wanted)


def _install_packages() -> None:
    _run(_UV, "pip", "sync", "--python", PYTHON, _REQUIREMENTS)


def _install_project() -> None:
    _run(_UV, "pip", "install", "--python", PYTHON, "--no-deps", "--no-build-isolation", "--offline", "-e", ROOT)


def _install_node_tools() -> None:
    _run(_NPM, "ci", "--ignore-scripts", "--fetch-retry-mintimeout=1000")


def _project_is_installed() -> bool:
    return any(VENV.glob("lib/python3*/site-packages/session_store-*.dist-info"))


STEPS: Final = (
    _Step(
        "Making a virtual environment in .venv",
        inputs=(),
        stamp=VENV / ".stamp-environment",
        made=PYTHON.exists,
        run=_make_environment,
        hint="does this Python have venv and pip (on Debian: apt install python3-venv)?",
    ),
    _Step(
        "Installing uv",
        inputs=(),
        stamp=VENV / ".stamp-uv",
        made=_UV.exists,
        run=_install_uv,
        hint=_NETWORK_HINT,
    ),
    _Step(
        "Installing the Python packages",
        inputs=(_REQUIREMENTS,),
        stamp=VENV / ".stamp-packages",
        made=(VENV / "bin" / "pytest").exists,
        run=_install_packages,
        hint=_NETWORK_HINT,
    ),
    _Step(
        "Installing session_store itself",
        inputs=(ROOT / "pyproject.toml",),
        stamp=VENV / ".stamp-project",
        made=_project_is_installed,
        run=_install_project,
        hint="is pyproject.toml as it should be?",
    ),
    _Step(
        "Installing the Node tools",
        inputs=(ROOT / "package.json", ROOT / "package-lock.json"),
        stamp=_NODE_MODULES / ".stamp",
        made=_NODE_MODULES.is_dir,
        run=_install_node_tools,
        hint=_NETWORK_HINT,
    ),
)


def main() -> int:
    """Does every step whose inputs have changed, in order.

    Returns:
        The exit status: 0, or 1 after one line that says which step failed and what to look at.
    """
    WORK.mkdir(exist_ok=True)
    _LOG.unlink(missing_ok=True)
    for task in STEPS:
        if task.is_done():
            continue
        try:
            with step(task.title):
                task.run()
        except CommandError as error:
            return fail(str(error))
        except (OSError, subprocess.CalledProcessError):
            return fail(f"{task.title} failed: {task.hint} The full output is in {_LOG.relative_to(ROOT)}.")
        task.stamp.write_text(task.fingerprint())
    return 0


if __name__ == "__main__":
    sys.exit(main())
