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

RUNS: Final[dict[str, Callable[[float], dict[str, Any]]]] = {
    "lambda": lambda share: measured_times(share)._asdict(),
    "storage": lambda share: as_json(storage_run(share)),
}
"""By name. Each takes the share of the usual number of calls."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and keep the named runs, by default all.

    Returns:
        The exit status: 1 when this machine cannot run an engine.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.recorded", description=__doc__)
    parser.add_argument("run", nargs="*", choices=[*RUNS, []], help="what to measure; default all")
    parser.add_argument("--share", type=float, default=1, help="of the usual number of calls, for a try")
    given = parser.parse_args(arguments)
    try:
        for name in given.run or RUNS:
            print(f"written: {recorded.write(name, RUNS[name](given.share)).relative_to(ROOT)}")
    except CommandError as error:
        return fail(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
