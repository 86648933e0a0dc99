"""Coverage-guided fuzzing: `python -m tests.fuzz SECONDS` feeds each target in turn and adds to its corpus.

It needs atheris, which `make fuzz` installs into an environment of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).parent / "corpus"
_DEFAULT_SECONDS: Final = 60
_SLOW_SECONDS: Final = 2  # an input that takes this long is a find, too


def main(arguments: list[str]) -> int:
    """Fuzz one named target in this process, or each for so many seconds in a process of its own."""
    if arguments and not arguments[0].isdigit():
        _fuzz(arguments[0], arguments[1:])
        return 0
    seconds = int(arguments[0]) if arguments else _DEFAULT_SECONDS
    names = sorted(folder.name for folder in CORPUS.iterdir())
    results = [subprocess.run(_command(name, seconds), check=False) for name in names]
    return max(result.returncode for result in results)


def _command(name: str, seconds: int) -> list[str]:
    """The command of one target; an input that breaks it goes into the corpus too, which every test run replays."""
    folder = CORPUS / name
    options = [f"-max_total_time={seconds}", f"-timeout={_SLOW_SECONDS}", "-max_len=400"]
    return [sys.executable, "-m", "tests.fuzz", name, str(folder), f"-artifact_prefix={folder}/", *options]


def _fuzz(name: str, options: list[str]) -> None:
    import atheris  # noqa: PLC0415 - not in the project's own environment

    atheris.enabled_hooks.add("str")
    with atheris.instrument_imports(include=["session_store", "demo"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - instrumented while it is imported

    atheris.Setup([name, *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
