"""A random sample of mutants of all the code, another one in each run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from local.paths import ROOT
from tests.support.figures import Count

SECONDS = 30  # for all of the sample: about five mutants, and at least one
_MOST_SECONDS = 300  # a mutant that survives lets all tests of its module run
# So small a sample says something only when many survive. `make mutants ARGS="--sample 200"` looks closer.
MOST_SURVIVING = 0.4  # and one in any case


@pytest.mark.proof
def test_the_tests_notice_a_random_sample_of_mutants(count: Count, note: Callable[[str], None]) -> None:
    command = [sys.executable, "-m", "tests.mutants", "--sample", "1000", "--seconds", str(SECONDS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False)

    for line in done.stdout.splitlines():
        note(f"mutants: {line}")
    found = re.search(r"^noticed (\d+) of (\d+) ", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    noticed, tried = int(found[1]), int(found[2])
    count("mutants, noticed", noticed)
    count("mutants, tried", tried)
    assert tried
    assert tried - noticed <= max(1, MOST_SURVIVING * tried), done.stdout
