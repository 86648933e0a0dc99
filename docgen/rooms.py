"""The rooms of the package and the folders of tests, each with the first paragraph of its docstring."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from docgen.markdown import table
from local.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# From the bottom up. A module imports from its own level and from those below it, never from above.
LEVELS: Final[tuple[tuple[str, ...], ...]] = (
    ("errors", "values", "log", "incidents", "clock", "meter", "time_left"),
    ("data", "transport"),
    ("model", "tokens", "aws"),
    ("storage", "encryption", "large_data", "checks", "settings", "catalog", "jwt.agreed"),
    ("operations", "validation_cache", "aws.functions", "aws.diagnosis"),
    ("store", "observing", "whole_table"),
    ("kernel",),
    ("adapters", "jwt", "events"),
    ("api", "oidc", "web", "session_lambda", "large_data.deleting"),
    ("cli",),
)
WITHOUT_A_LEVEL: Final = ("cdk", "testing")
_PACKAGE: Final = ROOT / "session_store"


def package() -> str:
    """The package's rooms, level by level, then those to which no level applies."""
    levels = [*((str(number), rooms) for number, rooms in enumerate(LEVELS, 1)), ("", WITHOUT_A_LEVEL)]
    return table(
        ("level", "module in `session_store/`", "content"),
        ((level, f"`{_shown(room)}`", summary(_source(room))) for level, rooms in levels for room in rooms),
    )


def test_folders() -> str:
    """The folders of tests."""
    sources = sorted((ROOT / "tests").glob("*/__init__.py"))
    return table(("folder", "shows"), ((f"`tests/{each.parent.name}`", summary(each)) for each in sources))


def summary(source: Path) -> str:
    """The first paragraph of a module's docstring, on one line.

    Raises:
        LookupError: the module has none.
    """
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))
    if not text:
        raise LookupError(f"{source} needs a docstring")
    return " ".join(text.partition("\n\n")[0].split())


def _source(room: str) -> Path:
    folder = _PACKAGE.joinpath(*room.split("."))
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def _shown(room: str) -> str:
    path = room.replace(".", "/")
    return f"{path}/" if (_PACKAGE / path).is_dir() else f"{path}.py"
