"""A random sample of mutants of all the code, another one in each run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from local.paths import ROOT
from tests.support.figures import Count

SECONDS = 30  # for all of the sample: about five mutants
# So small a sample says something only when many survive. `make mutants ARGS="--sample 200"` looks closer.
LEAST_SHARE = 0.6


@pytest.mark.proof
def test_the_tests_notice_a_random_sample_of_mutants(count: Count, note: Callable[[str], None]) -> None:
    command = [sys.executable, "-m", "tests.mutants", "--sample", "1000", "--seconds", str(SECONDS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=2 * SECONDS, check=False)

    for line in done.stdout.splitlines():
        note(f"mutants: {line}")
    found = re.search(r"^noticed (\d+) of (\d+) ", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    noticed, tried = int(found[1]), int(found[2])
    count("mutants, noticed", noticed)
    count("mutants, tried", tried)
    assert tried
    assert noticed >= LEAST_SHARE * tried, done.stdout
