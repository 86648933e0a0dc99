"""Measures runs anew and keeps them. Run it on an idle machine, then `make docs`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

from bench import recorded
from bench.lambda_time import measured_times
from bench.storage.recording import as_json
from bench.storage.run import storage_run
from local.console import CommandError, fail
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RUNS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "lambda": lambda: measured_times()._asdict(),
    "storage": lambda: as_json(storage_run()),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and keep the named runs, by default all.

    Returns:
        The exit status: 1 when this machine cannot run an engine.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.recorded", description=__doc__)
    parser.add_argument("run", nargs="*", choices=[*RUNS, []], help="what to measure; default all")
    try:
        for name in parser.parse_args(arguments).run or RUNS:
            print(f"written: {recorded.write(name, RUNS[name]()).relative_to(ROOT)}")
    except CommandError as error:
        return fail(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
