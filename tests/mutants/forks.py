"""Runs tests on a mutant: a process with the libraries loaded forks, and the fork imports one module changed."""

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

from tests.mutants.mutations import Mutant

ROOT: Final = Path(__file__).parents[2]
_NOTICED: Final = 1
# Every fork needs them, and no mutant changes them.
_LIBRARIES: Final = ("boto3", "moto", "moto.dynamodb", "botocore.session", "greenlet")


@dataclass
class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from changed source."""

    name: str
    code: str

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        path = source_of(self.name)
        places = [str(path.parent)] if path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(fullname, path, loader=self, submodule_search_locations=places)

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self.code, str(source_of(self.name)), "exec"), vars(module))


def source_of(module: str) -> Path:
    """The path of a module's source."""
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def load_libraries() -> None:
    """Import what every fork needs."""
    for name in _LIBRARIES:
        importlib.import_module(name)


def is_noticed(module: str, mutant: Mutant, tests: Sequence[str], seconds: int) -> bool:
    """Whether a test fails, or does not end.

    Args:
        module: the one that is changed.
        mutant: the change.
        tests: pytest's arguments: options, files.
        seconds: for all of the tests; a mutant that takes longer has been noticed.
    """
    child = os.fork()
    if child == 0:
        os._exit(_run(module, mutant, tests, seconds))
    _, status = os.waitpid(child, 0)
    return status != 0


def _run(module: str, mutant: Mutant, tests: Sequence[str], seconds: int) -> int:
    """In the fork: the tests' exit status."""
    signal.alarm(seconds)
    for output in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    sys.meta_path.insert(0, _Changed(module, mutant.code))
    try:
        return int(pytest.main(["-xq", "-pno:cacheprovider", "-pno:xdist", *tests]))
    except BaseException:  # noqa: BLE001 - a module that cannot be imported has been noticed
        return _NOTICED
