"""Tables about the constructs, read from their sources. Nothing is imported, so no jsii is started."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Final

from docgen.docstrings import entries
from docgen.markdown import code, table
from docgen.pattern_cells import PERMISSION_HEADINGS, methods, permission_cells
from local.paths import ROOT
from session_store.catalog.access_patterns import ACCESS_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_FOLDER: Final = ROOT / "session_store" / "cdk"
# It takes every shared prop, so its table alone describes them.
_WITH_ALL: Final = "SessionService"
PARTS: Final = ("SessionTable", "SessionFunction", "SessionApi")
# They share none.
_ALONE: Final = ("SessionJwtAuthorizer", "SessionMonitoring", "SessionOperatorPolicies", "ValidationCacheCluster")
# They take those of `SessionFunction`, which names them.
_WITH_FUNCTIONS: Final = (
    *("CognitoSignIn", "LargeDataBucket", "OidcRoutes", "SessionAuthorizer", "SessionEvents", "SessionIssuer"),
    "SessionUserRoutes",
)


def grants() -> str:
    """Which grant a method of the store needs, and what it allows."""
    return table(
        ("grant", "access pattern", "for", *PERMISSION_HEADINGS),
        (
            (f"`{pattern.grant_name}`", pattern.name, methods(pattern), *permission_cells(pattern.permissions()))
            for pattern in ACCESS_PATTERNS
        ),
    )


def props(construct: str) -> str:
    """The props of a construct: a table of those that it describes, then the names of the shared ones.

    Raises:
        KeyError: there is no such construct.
    """
    definition = constructs()[construct]
    said = entries(ast.get_docstring(definition) or "", "Args")
    own = [(f"`{name}`", default, said[name]) for name, default in _own(definition)]
    shared = _shared(definition)
    if construct in {_WITH_ALL, *_ALONE}:
        return _props_table((*own, *(_row(name, prop) for name, prop in shared)))
    if construct in _WITH_FUNCTIONS:
        of_functions = {name for name, _ in _of_family("StoreProps")}
        own += [_row(name, prop) for name, prop in shared if name not in of_functions]
        missing = sorted(of_functions.difference(name for name, _ in shared))
        without = f", without {code(missing)}" if missing else ""
        also = f"It also takes the props that `SessionFunction` shares with `{_WITH_ALL}`{without}."
    else:
        names = code(name for name, _ in shared)
        also = f"It {'also ' if own else ''}takes these props of `{_WITH_ALL}`: {names}."
    return f"{_props_table(own)}\n\n{also}" if own else also


def parts() -> str:
    """The props of the service's parts, under their names."""
    return "\n\n".join(f"`{name}`\n\n{props(name)}" for name in PARTS)


def _props_table(rows: Iterable[tuple[str, str, str]]) -> str:
    return table(("prop", "default", "is"), rows)


def constructs() -> dict[str, ast.ClassDef]:
    """The exported classes that are constructs, by name."""
    exported = (_FOLDER / "__init__.py").read_text("utf-8")
    return {
        node.name: node
        for node in _statements()
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base) == "Construct" for base in node.bases)
        and f'"{node.name}"' in exported
    }


def prop_names(construct: ast.ClassDef) -> list[str]:
    """The names of a construct's keyword arguments, the shared ones included."""
    return [name for name, _ in (*_own(construct), *_shared(construct))]


def _own(construct: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """A construct's own props, each with its default."""
    arguments = _arguments(construct)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument.arg, "required" if default is None else f"`{_spelled(default)}`"


def _shared(construct: ast.ClassDef) -> list[tuple[str, ast.Call]]:
    """The shared props that it takes as `**props: Unpack[...]`, each with its declaration."""
    taken = _arguments(construct).kwarg
    return list(_of_family(_name_in(taken.annotation))) if taken and taken.annotation else []


def _arguments(construct: ast.ClassDef) -> ast.arguments:
    (made,) = (node for node in construct.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    return made.args


def _name_in(annotation: ast.expr) -> str:
    """`Family` of `Unpack[Family]`."""
    return ast.unparse(annotation).removeprefix("Unpack[").removesuffix("]")


def _of_family(name: str) -> Iterator[tuple[str, ast.Call]]:
    """A family's props: first those of the families that it is put together from."""
    (family,) = (node for node in _statements() if isinstance(node, ast.ClassDef) and node.name == name)
    for base in family.bases:
        if ast.unparse(base) != "TypedDict":
            yield from _of_family(ast.unparse(base))
    for node in family.body:
        match node:
            case ast.AnnAssign(ast.Name(prop), ast.Subscript(slice=ast.Tuple([_, ast.Call() as declaration]))):
                yield prop, declaration


def _row(name: str, declaration: ast.Call) -> tuple[str, str, str]:
    """How a declaration of `session_store/cdk/props.py` is told."""
    said = {each.arg: each.value for each in declaration.keywords}
    least, most, unit = (ast.literal_eval(said[key]) if key in said else None for key in ("minimum", "maximum", "unit"))
    unit = "seconds" if ast.unparse(declaration.func) == "Time" else unit or ""
    allowed = "" if least is None else f"{least:,} or more" if most is None else f"{least:,} to {most:,} {unit}"
    text = ast.literal_eval(said["text"])
    return f"`{name}`", f"`{_spelled(said['default'])}`", f"{text} {allowed}." if allowed else text


def _spelled(default: ast.expr) -> str:
    text = ast.unparse(default)
    return _constants().get(text, text).removeprefix("lambda_.").removeprefix("logs.")


@cache
def _constants() -> dict[str, str]:
    """The modules' constants, and the defaults that they import, as they are spelled."""
    found = _spellings(_statements())
    for node in _statements():
        if isinstance(node, ast.ImportFrom) and any(alias.name.startswith("DEFAULT_") for alias in node.names):
            there = _spellings(_parsed(ROOT / f"{str(node.module).replace('.', '/')}.py"))
            found |= {alias.name: there[alias.name] for alias in node.names if alias.name in there}
    return found


def _spellings(statements: Iterable[ast.stmt]) -> dict[str, str]:
    return {
        ast.unparse(node.target): ast.unparse(node.value)
        for node in statements
        if isinstance(node, ast.AnnAssign) and node.value is not None
    }


@cache
def _statements() -> list[ast.stmt]:
    return [node for file in sorted(_FOLDER.glob("*.py")) for node in _parsed(file)]


def _parsed(file: Path) -> list[ast.stmt]:
    return ast.parse(file.read_text("utf-8")).body
