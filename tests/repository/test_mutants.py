"""The mutation tester changes what runs, one thing at a time, and its explanations are about code that there is."""

from __future__ import annotations

import ast
from itertools import islice

from tests.mutants.__main__ import MODULES
from tests.mutants.explained import EXPLAINED
from tests.mutants.forks import source_of
from tests.mutants.mutations import mutants
from tests.mutants.sample import draw, drawn

SOURCE = '''
"""A module."""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import a

def f(x: int = 1) -> "int":
    """A function."""
    call(x, y=x)
    raise ValueError
    return x + 1 if x < 2 and not x == 3 else 0
'''


def test_everything_that_runs_is_changed_in_turn() -> None:
    changes = [mutant.change for mutant in mutants(SOURCE)]

    assert sorted(changes) == sorted(
        [
            *(
                "1 -> 2",
                "call removed",
                "y left out",
                "not raised",
                "returns None",
                "condition negated",
                "Add -> Sub",
                "1 -> 2",
            ),
            *("And -> Or", "Lt -> LtE", "2 -> 3", "not removed", "Eq -> NotEq", "3 -> 4", "0 -> 1"),
        ]
    )


def test_every_mutant_is_another_program() -> None:
    programs = [mutant.code for mutant in mutants(SOURCE)]

    assert len({ast.dump(ast.parse(program)) for program in [SOURCE, *programs]}) == len(programs) + 1


def test_every_explanation_is_of_a_mutant_that_there_is() -> None:
    known = set()
    for module in MODULES:
        known |= {drawn(module, mutant).key for mutant in mutants(source_of(module).read_text(encoding="utf-8"))}

    assert EXPLAINED.keys() <= known


def test_a_seed_gives_the_same_sample_again() -> None:
    first, again, other = (list(islice(draw(seed), 20)) for seed in (1, 1, 2))

    assert first == again != other
    assert len({(drawn.module, drawn.mutant.line, drawn.mutant.change) for drawn in first}) == len(first)
