"""A random sample of the mutants of all that is shipped or deployed: the wheel's modules and `stacks/`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from tests.mutants.forks import ROOT, source_of
from tests.mutants.mutations import Mutant, mutants

_ENGINES: Final = "not dynoxide and not moto and not embedded and not wheel"
_PICKED: Final = ("-mnot proof", f"-k{_ENGINES}")
_OF_THE_STORE: Final = (
    "tests/unit/test_tokens.py",
    "tests/unit/storage",
    *(f"tests/unit/test_{name}.py" for name in ("attribute_values", "bad_input", "requests", "schema", "settings")),
    "tests/contract",
    "tests/unit",
    "tests/faults",
    "tests/repository",
)
_OF_THE_WEB: Final = ("tests/unit", "tests/contract/test_decorated_requests.py", "tests/repository", "tests/contract")
_OF_CDK: Final = ("tests/infra", "tests/repository", "--ignore=tests/infra/test_wheel.py")
# The tests that are likely to notice come first: the run of a mutant stops at the first that fails.
_TESTS: Final = {
    "stacks": _OF_CDK,
    "session_store.cdk": _OF_CDK,
    "session_store.catalog": (
        "tests/unit/test_access_patterns.py",
        "tests/repository",
        "tests/unit",
        "tests/infra/test_grants.py",
    ),
    "session_store.testing": ("tests/repository", "tests/contract"),
    **dict.fromkeys(
        [f"session_store.{part}" for part in ("adapters", "api", "kernel", "web", "session_lambda", "data")],
        _OF_THE_WEB,
    ),
}
SECONDS: Final = 240  # for the tests of one mutant


class Drawn(NamedTuple):
    """One mutant of the sample."""

    module: str
    line: str  # the code that it changes
    mutant: Mutant

    @property
    def key(self) -> tuple[str, str, str]:
        """Its name in an explanation: module, line of code, change."""
        return self.module.rpartition(".")[2], self.line, self.mutant.change


def drawn(module: str, mutant: Mutant) -> Drawn:
    """A mutant with the code that it changes."""
    lines = source_of(module).read_text(encoding="utf-8").splitlines()
    return Drawn(module, lines[mutant.line - 1].strip(), mutant)


def modules() -> list[str]:
    """All that a mutant can be of."""
    sources = [path for folder in ("session_store", "stacks") for path in sorted((ROOT / folder).rglob("*.py"))]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources]
    return [name.removesuffix(".__init__") for name in names]


def draw(seed: int) -> Iterator[Drawn]:
    """Mutants in random order, each of all as likely as any other; the same seed gives the same."""
    generator = random.Random(seed)
    found = {name: mutants(source_of(name).read_text(encoding="utf-8")) for name in modules()}
    places = [(name, number) for name, of_module in found.items() for number in range(len(of_module))]
    for name, number in generator.sample(places, len(places)):
        mutant = found[name][number]
        if not mutant.is_prose:
            yield drawn(name, mutant)


def tests_of(module: str) -> list[str]:
    """The arguments of pytest for a module's mutants."""
    parts = module.split(".")
    likely = _TESTS.get(".".join(parts[:2]), _TESTS.get(parts[0], _OF_THE_STORE))
    return [*_PICKED, *likely]
