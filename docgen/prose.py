"""Measures the wording of documents and docstrings, and fails above a limit. `make lint` runs it.

Two habits make English hard to read for people who learned it as a second language. One is pronouns like "nobody". The
other is sentences that open with a clause, as in "What is stored stays". Questions and samples of code do not count.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from docgen.documents import markdown_files
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LIMIT: Final = 0.3  # uses of each habit per 1,000 words; a quotation may need one
_FOLDERS: Final = ("session_store", "stacks", "local", "lambda", "demo", "docgen", "bench", "tests", "examples")
_PER: Final = 1000

_WORD: Final = re.compile(r"[A-Za-z']+")
_CODE: Final = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
_HABITS: Final = {
    "pronouns": re.compile(r"\b(?:any|every|no|some)body(?:'s)?\b|\banyone's\b|\b(?:who|what)ever\b", re.IGNORECASE),
    "openings": re.compile(r"(?:^|(?<=[.!?:] ))(?:What|Who|Where)(?:ever)?\b(?![^.!:|]*\?)", re.MULTILINE),
}


class Text(NamedTuple):
    """A text, and its place in the checkout.

    Attributes:
        file: the file, a path from the checkout's root.
        line: its first line in the file, from 1.
        text: the text, without code.
    """

    file: str
    line: int
    text: str


class Finding(NamedTuple):
    """One use of a habit.

    Attributes:
        habit: `pronouns` or `openings`.
        place: file and line, `docs/web.md:7`.
        line: the text of that line.
    """

    habit: str
    place: str
    line: str


def findings(texts: Iterable[Text]) -> list[Finding]:
    """Every use of a habit, text by text."""
    return [
        Finding(habit, f"{text.file}:{text.line + above}", text.text.splitlines()[above].strip())
        for text in texts
        for habit, pattern in _HABITS.items()
        for above in (text.text.count("\n", 0, match.start()) for match in pattern.finditer(text.text))
    ]


def documents() -> list[Text]:
    """The documents without their samples of code."""
    return [document_of(_name(file), file.read_text(encoding="utf-8")) for file in markdown_files()]


def document_of(file: str, markdown: str) -> Text:
    """A document without its samples of code. The lines keep their numbers."""
    return Text(file, 1, _CODE.sub(lambda sample: "\n" * sample[0].count("\n"), markdown))


def docstrings() -> list[Text]:
    """The docstrings of all modules, classes and functions."""
    files = [file for folder in _FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    return [text for file in files for text in docstrings_of(_name(file), file.read_text(encoding="utf-8"))]


def docstrings_of(file: str, source: str) -> Iterator[Text]:
    """The docstrings of a source, in the order of the syntax tree."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield Text(file, node.body[0].lineno, text)


def main() -> int:
    """Print the figures and, above the limit, the lines.

    Returns:
        The exit status: 1 if a figure is above the limit.
    """
    return max([_report("documents", documents()), _report("docstrings", docstrings())])


def _report(kind: str, texts: list[Text]) -> int:
    words = sum(len(_WORD.findall(text.text)) for text in texts)
    found = findings(texts)
    figures = {habit: _PER * sum(each.habit == habit for each in found) / words for habit in _HABITS}
    shown = ", ".join(f"{habit} {figure:.2f}" for habit, figure in figures.items())
    sys.stdout.write(f"{kind}: {words:,} words; per 1,000: {shown} (at most {LIMIT})\n")
    above = [each for each in found if figures[each.habit] > LIMIT]
    for each in above:
        sys.stderr.write(f"{each.place}: {each.habit}: {each.line}\n")
    return int(bool(above))


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
