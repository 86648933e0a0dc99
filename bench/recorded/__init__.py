"""The runs that documents show: a file for each, with the day and the machine.

    python -m bench.recorded storage lambda

measures them anew. The tables and figures of the documents come from the files.
"""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent


def read(name: str) -> dict[str, Any]:
    """A run, as `write` was given it, with `date`, `python` and `cores`."""
    run: dict[str, Any] = json.loads(_file(name).read_text(encoding="utf-8"))
    return run


def write(name: str, run: dict[str, Any]) -> Path:
    """Keep a run.

    Returns:
        Its file.
    """
    where = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }
    file = _file(name)
    file.write_text(json.dumps(where | run, indent=1) + "\n", encoding="utf-8")
    return file


def _file(name: str) -> Path:
    return _FOLDER / f"{name}.json"
