"""Measures everything, or the named parts, and prints each figure beside its baseline and its goal.

All times are CPU times and medians of alternating runs (ours, baseline, ours, ...), on this machine in this run.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from bench.aws import aws_sessions
from bench.bundle import bundle_size
from bench.calls import counted_calls
from bench.cold import cold_start
from bench.hit_ratio import hit_ratios
from bench.lambda_time import lambda_time
from bench.parts import parts_of_a_read
from bench.report import table
from bench.storage.figures import storage_compared
from bench.synth import synthesis
from bench.tokens import access_tokens
from bench.warm import warm_validate
from bench.web import decorated_requests
from local.console import CommandError, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.report import Figure

PARTS: Final[dict[str, Callable[[], list[Figure]]]] = {
    "calls": counted_calls,
    "warm": warm_validate,
    "web": decorated_requests,
    "parts": parts_of_a_read,
    "cold": cold_start,
    "bundle": bundle_size,
    "synth": synthesis,
    "aws": aws_sessions,
    "tokens": access_tokens,
    "storage": storage_compared,
    "lambda": lambda_time,
    "cache": hit_ratios,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: the command line, without the program's name.

    Returns:
        The exit status: 1 when a goal was missed and `--check` was given.
    """
    options = _options(arguments)
    try:
        figures = _measure(options.part or list(PARTS))
    except CommandError as error:
        return fail(str(error))
    missed = [figure.name for figure in figures if not figure.met]
    print(f"goals missed: {', '.join(missed)}" if missed else f"all {len(figures)} goals met")
    return 1 if missed and options.check else 0


def _measure(parts: Sequence[str]) -> list[Figure]:
    figures: list[Figure] = []
    for name in parts:
        print(f"==> {name}", file=sys.stderr, flush=True)
        measured = PARTS[name]()
        print(table(measured), end="\n\n", flush=True)
        figures += measured
    return figures


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="what to measure; default all")
    parser.add_argument("--check", action="store_true", help="fail when a goal is missed")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
