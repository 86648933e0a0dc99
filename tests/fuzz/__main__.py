"""Coverage-guided fuzzing: `python -m tests.fuzz SECONDS` feeds each target in turn and adds to its corpus.

It needs atheris, which `make fuzz` installs into an environment of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_CORPUS: Final = Path(__file__).parent / "corpus"
_ONE_TARGET: Final = Path(__file__).parent / "one_target.py"
_DEFAULT_SECONDS: Final = 60
_LONGEST: Final = "-max_len=400"  # bytes; parsers of short texts
_SLOW: Final = "-timeout=2"  # seconds; an input that takes this long is a find, too


def main(arguments: list[str]) -> int:
    """Fuzz each target for so many seconds."""
    seconds = int(arguments[0]) if arguments else _DEFAULT_SECONDS
    return max(_fuzz(folder, seconds) for folder in sorted(_CORPUS.iterdir()))


def _fuzz(corpus: Path, seconds: int) -> int:
    """Fuzz one target. Into its corpus goes an input that breaks it, or else the fewest that reach what is new."""
    with TemporaryDirectory() as found:
        broken = _run(corpus, f"-max_total_time={seconds}", f"-artifact_prefix={corpus}/", found, str(corpus))
        return broken or _run(corpus, "-merge=1", str(corpus), found)


def _run(corpus: Path, *options: str) -> int:
    environment = {**os.environ, "FUZZ_TARGET": corpus.name, "PYTHONPATH": str(_ROOT)}
    return subprocess.run([_ONE_TARGET, _LONGEST, _SLOW, *options], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
