"""`make mutants`: changes the code in small ways, runs the tests on each mutant and prints the score.

Without arguments all mutants of the token, state and condition code; `ARGS="--sample 50"` as many of all the code, at
random.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from tests.mutants.explained import EXPLAINED
from tests.mutants.forks import is_noticed, load_libraries, source_of
from tests.mutants.mutations import Mutant, mutants
from tests.mutants.sample import SECONDS, Drawn, draw, drawn, tests_of

MODULES: Final = (
    "session_store.tokens",
    "session_store.operations.token_rules",
    "session_store.storage.conditions",
    "session_store.operations.admission",
)
# The likeliest to notice come first; the run of a mutant stops at the first that does.
_CONTRACT: Final = ("rotation", "validating", "expiry", "extending", "ending", "ending_all", "children", "creating")
TESTS: Final = (
    "-kmemory or test_tokens or test_bad_input or adversary or test_found",
    "tests/unit/test_tokens.py",
    "tests/unit/test_bad_input.py",
    *(f"tests/contract/test_{name}.py" for name in (*_CONTRACT, "saving", "lost_replies")),
    "tests/adversary/test_forged_tokens.py",
    "tests/interleavings/test_tokens.py",
    "tests/interleavings/test_found.py",
)
_SECONDS: Final = 60  # for the tests of one mutant


def main(arguments: Sequence[str]) -> int:
    """Try the mutants; 0 when each that survives is explained."""
    options = _parser().parse_args(arguments)
    load_libraries()
    if options.sample is not None:
        return _try_sample(options.sample, options.seed, options.seconds)
    chosen = [module for module in MODULES if not options.parts or any(part in module for part in options.parts)]
    if not chosen:
        sys.exit(f"error: no module's name contains {' or '.join(options.parts)}; there are {', '.join(MODULES)}")
    _check_tests(TESTS, _SECONDS)
    tried = (
        (each, is_noticed(each.module, each.mutant, TESTS, _SECONDS)) for module in chosen for each in _all_of(module)
    )
    return _report(tried)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("parts", nargs="*", help="only modules whose name contains one of these")
    parser.add_argument("--sample", type=int, metavar="N", help="N random mutants of the wheel and stacks/")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats the sample of that seed")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="what the sample may take after its first")
    return parser


def _all_of(module: str) -> Iterator[Drawn]:
    return (drawn(module, mutant) for mutant in mutants(source_of(module).read_text(encoding="utf-8")))


def _try_sample(size: int, seed: int, seconds: float) -> int:
    _say(f"seed {seed}")
    until = time.monotonic() + seconds

    def tried() -> Iterator[tuple[Drawn, bool]]:
        for number, each in enumerate(islice(draw(seed), size)):
            # The first one gets all the time that it needs. A sample of none says nothing.
            left = until - time.monotonic() if number else SECONDS
            if left < 1:
                return
            noticed = is_noticed(each.module, each.mutant, tests_of(each.module), int(min(SECONDS, left)))
            if not number or not noticed or time.monotonic() < until:  # else it may be the time that was up
                yield each, noticed

    return _report(tried())


def _check_tests(tests: Sequence[str], seconds: int) -> None:
    module = MODULES[0]
    unchanged = Mutant(0, "nothing", source_of(module).read_text(encoding="utf-8"))
    if is_noticed(module, unchanged, tests, seconds):
        sys.exit("error: the tests fail without any change")


def _report(results: Iterable[tuple[Drawn, bool]]) -> int:
    tried, explained, unexplained = 0, 0, 0
    for each, noticed in results:
        tried += 1
        if noticed:
            continue
        reason = EXPLAINED.get(each.key)
        explained, unexplained = explained + bool(reason), unexplained + (not reason)
        _say(f"survived: {each.module}:{each.mutant.line}: {each.key}: {reason or 'not explained'}")
    noticed_ones = tried - explained - unexplained
    share = 100 * noticed_ones / max(1, tried)
    _say(f"noticed {noticed_ones} of {tried} ({share:.1f} %), {explained} explained, {unexplained} unexplained")
    return 1 if unexplained else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
