"""README: short enough to be read, and every line of code in it is one that tests run."""

from __future__ import annotations

import re
from typing import Final

from local.paths import ROOT

README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_WORDS: Final = 900
# Run by hand: they install, or need the folder of a checkout.
COMMANDS: Final = ("make run", "make test", "pip install", "pip wheel")
_BLOCK: Final = re.compile(r"```\w+(?: title=\"(\S+)\")?\n(.*?)```", re.DOTALL)


def test_the_readme_has_under_900_words_with_all_its_code() -> None:
    assert len(README.split()) < MOST_WORDS


def test_every_sample_of_the_readme_is_a_file_that_tests_run_or_a_known_command() -> None:
    lines = [line for file, code in _BLOCK.findall(README) if not file for line in code.splitlines()]

    assert lines
    assert not [line for line in lines if not line.startswith(COMMANDS)]


def test_the_readme_shows_the_lines_to_try_the_library_a_handler_and_the_construct() -> None:
    assert [file for file, _ in _BLOCK.findall(README) if file] == [
        "examples/try_it.sh",
        "examples/library_quickstart.py",
        "examples/own_function/functions/visits.py",
        "examples/consumer/app.py",
    ]


def test_costs_and_benchmarks_stand_in_performance_alone() -> None:
    assert "docs/performance.md" in README
    assert not re.search(r"\b[RW]RU\b|\$\d", README)
