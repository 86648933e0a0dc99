"""Which test shows which requirement of OWASP ASVS 5.0: V7 (session management) and V3.3 (cookies).

    python -m docgen.asvs

prints the table and fails on a gap. Tests say it themselves, with the mark `asvs`:

    @pytest.mark.asvs("7.2.4")
    @pytest.mark.asvs("7.4.4", host=True)  # only the application can do it; the demo shows how

ASVS is licensed CC BY-SA 4.0, so its texts are not repeated here. The words beside the numbers are ours, and short.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

REQUIREMENTS: Final = {
    "3.3.1": "the cookie is Secure and has the prefix that requires it",
    "3.3.2": "SameSite fits what the cookie is for",
    "3.3.3": "the name begins with `__Host-`, so that only one host gets the cookie",
    "3.3.4": "scripts cannot read the cookie, and the browser gets the token only in it",
    "3.3.5": "the cookie stays under 4 KB",
    "7.1.1": "timeouts are documented, with reasons",
    "7.1.2": "documented: the number of parallel sessions, and the effect beyond it",
    "7.1.3": "documented: how sessions of several applications are related",
    "7.2.1": "only the back end validates tokens",
    "7.2.2": "tokens are created per session; no static keys",
    "7.2.3": "tokens are unguessable and unique",
    "7.2.4": "every sign-in makes a new token and ends the earlier session",
    "7.3.1": "an unused session ends",
    "7.3.2": "a session ends after its longest life, even in use",
    "7.4.1": "an ended session opens nothing",
    "7.4.2": "no session outlives its account",
    "7.4.3": "a user who changes how they sign in can end all other sessions",
    "7.4.4": "every page shows how to sign out",
    "7.4.5": "operators can end one customer's sessions, or all sessions",
    "7.5.1": "changing sign-in factors needs a recent sign-in",
    "7.5.2": "users see their sessions and, after a recent sign-in, end any of them",
    "7.5.3": "the most sensitive actions need another check",
    "7.6.1": "an application's session follows the lifetime and the end of its sign-in",
    "7.6.2": "no session starts without an action of the user",
}
_MARK: Final = "asvs"
_INTRODUCTION: Final = """\
# ASVS: requirements and the tests that show them

`make docs` generates this page from the marks of the tests. `python -m docgen.asvs` prints it and fails on a gap.

The numbers are those of the OWASP Application Security Verification Standard 5.0, chapter V7 and section V3.3
([owasp.org](https://owasp.org/www-project-application-security-verification-standard/), CC BY-SA 4.0). Read the
requirements there; the words here are ours. For requirements that only the host application can meet, the demo shows
the way in a browser, marked *application*. [session-policy.md](session-policy.md) holds the texts that V7.1 asks for.
"""


@dataclass(frozen=True)
class Mark:
    """One test's mark.

    Attributes:
        number: of the requirement.
        file: the test's file, relative to the checkout.
        test: the test's name.
        host: whether it shows what the application has to do.
    """

    number: str
    file: str
    test: str
    host: bool

    @property
    def sentence(self) -> str:
        """The test's name, which is a sentence."""
        return self.test.removeprefix("test_").replace("_", " ")


def marks(folder: Path = ROOT / "tests") -> list[Mark]:
    """The marks of all tests in a folder, by reading their source. Nothing is run and nothing needs to be installed."""
    return [mark for file in sorted(folder.rglob("test_*.py")) for mark in _marks_of(file)]


def gaps(found: Iterable[Mark]) -> list[str]:
    """The numbers of the requirements without a test."""
    shown = {mark.number for mark in found}
    return [number for number in REQUIREMENTS if number not in shown]


def render() -> str:
    """The document `docs/asvs.md`."""
    found = marks()
    rows = ["| requirement | in short | shown by |", "| --- | --- | --- |"]
    for number, words in REQUIREMENTS.items():
        tests = "<br>".join(_cell(mark) for mark in found if mark.number == number)
        rows.append(f"| {number} | {words} | {tests} |")
    return "\n".join((_INTRODUCTION, *rows, ""))


def main() -> int:
    """Print requirement -> tests.

    Returns:
        The exit status: 1 when there is a gap.
    """
    found = marks()
    for number, words in REQUIREMENTS.items():
        sys.stdout.write(f"{number}  {words}\n")
        for mark in found:
            if mark.number == number:
                sys.stdout.write(f"       {mark.file}::{mark.test}{'  (application)' if mark.host else ''}\n")
    missing = gaps(found)
    sys.stdout.write(f"{len(REQUIREMENTS) - len(missing)} of {len(REQUIREMENTS)}\n")
    sys.stdout.writelines(f"gap: {number}\n" for number in missing)
    return 1 if missing else 0


def _cell(mark: Mark) -> str:
    application = " *(application)*" if mark.host else ""
    return f"[{mark.sentence}](../{mark.file}){application}"


def _marks_of(file: Path) -> Iterator[Mark]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                yield from _read(decorator, str(file.relative_to(ROOT)), node.name)


def _read(decorator: ast.expr, file: str, test: str) -> Iterator[Mark]:
    """The marks in one decorator: `pytest.mark.asvs(numbers..., host=...)`."""
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{_MARK}":
        host = any(keyword.arg == "host" and ast.literal_eval(keyword.value) for keyword in decorator.keywords)
        for argument in decorator.args:
            yield Mark(ast.literal_eval(argument), file, test, host)


if __name__ == "__main__":
    sys.exit(main())
