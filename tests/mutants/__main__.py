"""`make mutants`: runs the fast tests on every mutant of the token, state and condition code and prints the score.

A process with the libraries loaded forks for each mutant; the fork imports the project with one module changed.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import signal
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

import pytest

from tests.mutants.explained import EXPLAINED
from tests.mutants.mutations import Mutant, mutants

ROOT: Final = Path(__file__).parents[2]
MODULES: Final = (
    "session_store.tokens",
    "session_store.operations.token_rules",
    "session_store.storage.conditions",
    "session_store.operations.admission",
)
# The likeliest to notice come first; the run of a mutant stops at the first that does.
_CONTRACT: Final = ("rotation", "validating", "expiry", "extending", "ending", "ending_all", "children", "creating")
TESTS: Final = (
    "tests/unit/test_tokens.py",
    "tests/unit/test_bad_input.py",
    *(f"tests/contract/test_{name}.py" for name in (*_CONTRACT, "saving", "lost_replies")),
    "tests/adversary/test_forged_tokens.py",
    "tests/interleavings/test_tokens.py",
    "tests/interleavings/test_found.py",
)
_SECONDS: Final = 60  # for one mutant; whatever runs longer has been noticed
_NOTICED: Final = 1


@dataclass
class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from changed source."""

    name: str
    code: str

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self.code, self.name, "exec"), vars(module))


def main(parts: Sequence[str]) -> int:
    """Try every mutant of the modules whose name has one of the parts (or all); 0 when each survivor is explained."""
    chosen = [module for module in MODULES if not parts or any(part in module for part in parts)]
    if not chosen:
        sys.exit(f"error: no module's name contains {' or '.join(parts)}; there are {', '.join(MODULES)}")
    for name in ("boto3", "moto", "moto.dynamodb", "botocore.session"):  # every fork needs them, no mutant changes them
        importlib.import_module(name)
    unchanged = (ROOT / "session_store" / "tokens.py").read_text(encoding="utf-8")
    if _is_noticed("session_store.tokens", Mutant(0, "nothing", unchanged)):
        sys.exit("error: the tests fail without any change")
    results = [_try_all(module) for module in chosen]
    tried, survivors = sum(number for number, _ in results), [key for _, keys in results for key in keys]
    unexplained = [key for key in survivors if key not in EXPLAINED]
    noticed = tried - len(survivors)
    explained = f"{len(survivors) - len(unexplained)} explained, {len(unexplained)} unexplained"
    _say(f"mutation score: {noticed} of {tried} noticed ({100 * noticed / max(1, tried):.1f} %), {explained}")
    return 1 if unexplained else 0


def _try_all(module: str) -> tuple[int, list[tuple[str, str, str]]]:
    """How many mutants a module has, and those that no test noticed."""
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    lines = source.splitlines()
    tried, survivors = 0, []
    for mutant in mutants(source):
        tried += 1
        if not _is_noticed(module, mutant):
            key = (module.rpartition(".")[2], lines[mutant.line - 1].strip(), mutant.change)
            survivors.append(key)
            _say(f"survived: {module}:{mutant.line}: {key}: {EXPLAINED.get(key, 'not explained')}")
    return tried, survivors


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _is_noticed(module: str, mutant: Mutant) -> bool:
    child = os.fork()
    if child == 0:
        os._exit(_run(module, mutant))
    _, status = os.waitpid(child, 0)
    return status != 0


def _run(module: str, mutant: Mutant) -> int:
    """In the fork: the tests' exit status."""
    signal.alarm(_SECONDS)
    for output in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    sys.meta_path.insert(0, _Changed(module, mutant.code))
    picked = "memory or test_tokens or test_bad_input or adversary or test_found"
    options = ["-xq", "-pno:cacheprovider", "-pno:xdist", f"-k{picked}"]
    try:
        return int(pytest.main([*options, *TESTS]))
    except BaseException:  # noqa: BLE001 - a module that cannot be imported has been noticed
        return _NOTICED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
