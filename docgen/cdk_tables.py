"""Tables about the constructs, read from their sources: nothing is imported, so no jsii is started."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from docgen.markdown import table
from docgen.pattern_cells import PERMISSION_HEADINGS, methods, permission_cells
from local.paths import ROOT
from session_store.catalog.access_patterns import ACCESS_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER: Final = ROOT / "session_store" / "cdk"
# What these hand on to their functions: explained once, for `SessionService`.
_WITH_FUNCTIONS: Final = ("SessionAuthorizer", "SessionUserRoutes")
_OF_FUNCTIONS: Final = (
    *("memory_size", "timeout", "log_level", "log_retention"),
    *("reserved_concurrent_executions", "removal_policy"),
)
_ARGUMENT: Final = re.compile(r"^    (\w+): (.+(?:\n {8,}.+)*)", re.MULTILINE)


def grants() -> str:
    """Which grant a method of the store needs, and what it allows."""
    return table(
        ("grant", "for", *PERMISSION_HEADINGS),
        (
            (f"`{pattern.grant_name}`", methods(pattern), *permission_cells(pattern.permissions()))
            for pattern in ACCESS_PATTERNS
        ),
    )


def props(construct: str) -> str:
    """The props of a construct, with their defaults and what its docstring says of them.

    Raises:
        KeyError: there is no such construct.
    """
    definition = constructs()[construct]
    said = dict(_ARGUMENT.findall(_section(definition, "Args")))
    left_out = _OF_FUNCTIONS if construct in _WITH_FUNCTIONS else ()
    return table(
        ("prop", "default", "is"),
        (
            (f"`{name}`", default, " ".join(said[name].split()))
            for name, default in _parameters(definition)
            if name not in left_out
        ),
    )


def constructs() -> dict[str, ast.ClassDef]:
    """The exported classes that are constructs, by name."""
    return {
        node.name: node
        for node in _statements()
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Construct" for base in node.bases)
    }


def prop_names(construct: ast.ClassDef) -> list[str]:
    """The names of a construct's keyword arguments."""
    return [name for name, _ in _parameters(construct)]


def _parameters(construct: ast.ClassDef) -> Iterator[tuple[str, str]]:
    (made,) = (node for node in construct.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    for argument, default in zip(made.args.kwonlyargs, made.args.kw_defaults, strict=True):
        yield argument.arg, "required" if default is None else f"`{_spelled(default)}`"


def _spelled(default: ast.expr) -> str:
    text = ast.unparse(default)
    return _constants().get(text, text).removeprefix("lambda_.").removeprefix("logs.")


@cache
def _constants() -> dict[str, str]:
    """The modules' constants, as they are spelled."""
    return {
        ast.unparse(node.target): ast.unparse(node.value)
        for node in _statements()
        if isinstance(node, ast.AnnAssign) and node.value is not None
    }


@cache
def _statements() -> list[ast.stmt]:
    return [node for file in sorted(_FOLDER.glob("*.py")) for node in ast.parse(file.read_text("utf-8")).body]


def _section(construct: ast.ClassDef, heading: str) -> str:
    text = inspect.cleandoc(ast.get_docstring(construct) or "")
    _, _, after = text.partition(f"\n{heading}:\n")
    return re.split(r"\n\n\w+:\n", after)[0]
