"""The operator's command `session-store`. Needs the extra `cli`.

`main` is what the installed program calls. It loads click only when it runs, and says what to install without it.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec


def main() -> None:
    """Run the command line. Ends the process with the exit status of the command."""
    for package in ("click", "rich"):
        if find_spec(package) is None:
            problem = f"session-store needs {package}: install the extra, from a checkout with pip install '.[cli]'"
            sys.exit(f"Error: {problem}")
    from session_store.cli.main import program  # noqa: PLC0415 - it is made of click's classes

    program()
