"""The operator's command `session-store`. Needs the extra `cli`.

`main` is what the installed program calls. It loads click only when it runs, and says what to install without it.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Ends the process with the exit status of the command."""
    try:
        import click  # noqa: F401, PLC0415 - to say what is missing before anything else does
    except ModuleNotFoundError:
        sys.exit("Error: session-store needs click: install the extra, from a checkout with pip install '.[cli]'")
    from session_store.cli.main import program  # noqa: PLC0415 - it is made of click's classes

    program()
