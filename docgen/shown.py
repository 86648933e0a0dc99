"""Which test shows which promise of the documents.

A document names a promise by an id, as in `[T12]`. A test says which promises it shows:

    @pytest.mark.shows("T12", "7.2.4")
    @pytest.mark.shows("7.4.4", host=True)  # only the application can do it; the demo shows how

The site prints the names of the tests in place of the id. `python -m docgen.shown T12` prints them, too. Without an id
it prints the tests of every promise. It fails if a promise has no test.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from docgen import asvs, security_hub
from docgen.documents import markdown_files
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_ID: Final = re.compile(r"\[([TCAN]\d+)\](?![(:])")
_IDS: Final = re.compile(rf"(?P<cell>\| )?(?P<ids>{_ID.pattern}(?: {_ID.pattern})*)")
_MARK: Final = "pytest.mark.shows"


class Mark(NamedTuple):
    """One id in a test's mark.

    Attributes:
        promise: the id.
        file: the test's file, relative to the checkout.
        test: the test's name.
        host: whether it shows what the application has to do.
    """

    promise: str
    file: str
    test: str
    host: bool

    def link(self, root: str) -> str:
        """The test's name, which is a sentence, with a link to its file.

        Args:
            root: the way from the page to the checkout, as in `../`.
        """
        application = " *(application)*" if self.host else ""
        return f"[{self.test.removeprefix('test_').replace('_', ' ')}]({root}{self.file}){application}"


@cache
def marks() -> tuple[Mark, ...]:
    """The marks of all tests, read from their sources. No test is imported."""
    return tuple(mark for file in sorted((ROOT / "tests").rglob("test_*.py")) for mark in _marks_of(file))


@cache
def promises() -> frozenset[str]:
    """The ids of all promises that need a test."""
    named = {number for file in markdown_files() for number in _ID.findall(file.read_text(encoding="utf-8"))}
    return frozenset(named | set(asvs.REQUIREMENTS) | security_hub.SHOWN)


def gaps() -> list[str]:
    """The promises without a test."""
    return sorted(promises() - {mark.promise for mark in marks()})


def tests_of(*ids: str, root: str) -> str:
    """Links to the tests that show some promises, with commas between them."""
    return ", ".join(dict.fromkeys(mark.link(root) for mark in marks() if mark.promise in ids))


def with_tests(markdown: str, root: str) -> str:
    """A document's text with the names of the tests in place of its ids: in brackets, unless they fill a cell."""

    def names(match: re.Match[str]) -> str:
        links = tests_of(*_ID.findall(match["ids"]), root=root)
        return f"{match['cell']}{links}" if match["cell"] else f"({links})"

    return _IDS.sub(names, markdown)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print promises with their tests.

    Args:
        arguments: the command line, without the program's name.

    Returns:
        The exit status: 1 if a promise has no test.
    """
    parser = argparse.ArgumentParser(prog="python -m docgen.shown", description="Print which tests show a promise.")
    parser.add_argument("ids", nargs="*", metavar="id", help="of a promise, for instance T12; default: all")
    wanted = set(parser.parse_args(arguments).ids) or promises()
    for promise in sorted(wanted):
        sys.stdout.write(f"{promise}\n")
        sys.stdout.writelines(f"  {mark.file}::{mark.test}\n" for mark in marks() if mark.promise == promise)
    missing = wanted - {mark.promise for mark in marks()}
    sys.stderr.writelines(f"no test shows {promise}\n" for promise in sorted(missing))
    return 1 if missing else 0


def _marks_of(file: Path) -> Iterator[Mark]:
    source = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)) if _MARK in source else ():
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                yield from _read(decorator, str(file.relative_to(ROOT)), node.name)


def _read(decorator: ast.expr, file: str, test: str) -> Iterator[Mark]:
    """The ids in one decorator: `pytest.mark.shows(ids..., host=...)`."""
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == _MARK:
        host = any(keyword.arg == "host" and ast.literal_eval(keyword.value) for keyword in decorator.keywords)
        for argument in decorator.args:
            yield Mark(ast.literal_eval(argument), file, test, host)


if __name__ == "__main__":
    sys.exit(main())
