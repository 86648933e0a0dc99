"""The modules that a function can import, read out of the sources, so that its zip holds these and no list is kept.

An import counts where it can run. A module's own statements run with its import. A function runs once running code
names it, and a method once its class is named, too. Names are compared as texts, and so one of another object counts as
well, unless it is a member of another package's module: a module too many costs some bytes, one too few would be an
error in production.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

_PACKAGE: Final = __name__.partition(".")[0]
# A module with this function loads later what it imports for type checkers: each member at its first use.
_LOADS_LATER: Final = "def __getattr__("
_AT_IMPORT: Final = frozenset[str]()


class Piece(NamedTuple):
    """A piece of a module that runs as a whole.

    Attributes:
        needs: the names without which it does not run, none when it runs with the module's import.
        names: those that it names. A member of a module also in full: `session_store.operations.read`.
        imports: the full names of the modules that it imports, and of their members, which may be modules, too.
    """

    needs: frozenset[str]
    names: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()


def modules_reached(
    entry_point: str, named: Collection[str], find_pieces: Callable[[str], tuple[Piece, ...]]
) -> frozenset[str]:
    """The modules that an entry point can import, by their full names.

    Args:
        entry_point: the module that Lambda imports.
        named: functions that are looked up by a text, so that no code names them.
        find_pieces: the pieces of a module, none of what is no module of ours.
    """
    names = set(named)
    modules: dict[str, tuple[Piece, ...]] = {}
    waiting = [Piece(_AT_IMPORT, imports=frozenset({entry_point}))]
    while running := [piece for piece in waiting if piece.needs <= names]:
        waiting = [piece for piece in waiting if not piece.needs <= names]
        for piece in running:
            names |= piece.names
            for module in _with_packages(piece.imports).difference(modules):
                modules[module] = find_pieces(module)
                waiting += modules[module]
    return frozenset(module for module, pieces in modules.items() if pieces)


def pieces_of(module: str, source: str) -> tuple[Piece, ...]:
    """The pieces of a module. The first one runs with its import.

    Args:
        module: its full name.
        source: its text.
    """
    tree = ast.parse(source)
    code: dict[frozenset[str], list[ast.AST]] = defaultdict(list, {_AT_IMPORT: []})
    for needs, node in _code_of(tree.body):
        code[needs] += ast.walk(node)
    origins = {name: full for nodes in code.values() for node in nodes for name, full in _imported(node)}
    found = [
        Piece(needs, frozenset(_names(nodes, origins)), frozenset(_imports(nodes))) for needs, nodes in code.items()
    ]
    return (*found, *_loaded_later(module, tree)) if _LOADS_LATER in source else tuple(found)


def _with_packages(modules: Iterable[str]) -> set[str]:
    return {module[:end] for module in modules for end, letter in enumerate(f"{module}.") if letter == "."}


def _code_of(
    statements: Iterable[ast.stmt], needs: frozenset[str] = _AT_IMPORT
) -> Iterator[tuple[frozenset[str], ast.AST]]:
    """The code of a module or of a class, with the names that let it run."""
    for node in statements:
        if _is_for_types(node):
            yield from _code_of(node.orelse)
        elif isinstance(node, ast.ClassDef):
            yield from ((_AT_IMPORT, each) for each in (*node.decorator_list, *node.bases, *node.keywords))
            yield from _code_of(node.body, needs | {node.name})
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            defaults = filter(None, (*node.args.defaults, *node.args.kw_defaults))
            yield from ((_AT_IMPORT, each) for each in (*node.decorator_list, *defaults))
            # Python itself calls those like `__enter__` and `_missing_`.
            own = needs if node.name.endswith("_") else needs | {node.name}
            yield from ((own, each) for each in node.body)
        else:
            yield _AT_IMPORT, node


def _is_for_types(node: ast.stmt) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that a statement binds to a module or a member of one, and what each is in full."""
    if isinstance(node, ast.ImportFrom):
        yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)
    elif isinstance(node, ast.Import):
        for each in node.names:
            root = each.name.partition(".")[0]
            yield (each.asname, each.name) if each.asname else (root, root)


def _names(nodes: Iterable[ast.AST], origins: Mapping[str, str]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name):
            yield origins.get(node.id, node.id).rpartition(".")[2]
        elif isinstance(node, ast.Attribute):
            full = _full_name(node, origins)
            if full is None or full.partition(".")[0] == _PACKAGE:
                yield node.attr
            if full is not None:
                yield full
        elif isinstance(node, ast.ImportFrom):
            yield from (full for _, full in _imported(node))


def _full_name(node: ast.expr, origins: Mapping[str, str]) -> str | None:
    """The full name of a chain of attributes, None when it does not begin with something imported."""
    if isinstance(node, ast.Attribute):
        owner = _full_name(node.value, origins)
        return None if owner is None else f"{owner}.{node.attr}"
    return origins.get(node.id) if isinstance(node, ast.Name) else None


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (full for _, full in _imported(node))


def _loaded_later(module: str, tree: ast.Module) -> Iterator[Piece]:
    for node in filter(_is_for_types, tree.body):
        for name, full in (each for statement in node.body for each in _imported(statement)):
            yield Piece(frozenset({f"{module}.{name}"}), imports=frozenset({full}))
