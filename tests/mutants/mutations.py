"""Small changes to a module's code, each of which the tests should notice."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

_CLOSE: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.Gt: ast.GtE,
    ast.Eq: ast.NotEq,
    ast.Is: ast.IsNot,
    ast.In: ast.NotIn,
}
_COMPARISONS: Final = _CLOSE | {other: one for one, other in _CLOSE.items()}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.BitOr: ast.BitAnd,
}


class Mutant(NamedTuple):
    """One changed module."""

    line: int
    change: str  # in words, and the which of its kind on the line: with the line's text it names the mutant
    code: str  # the module's changed source
    is_prose: bool = False  # a text with spaces in it


def mutants(source: str) -> Sequence[Mutant]:
    """Every mutant of a module, one change each. A mutant is made when it is looked at."""
    return _Mutants(source)


class _Mutants(Sequence[Mutant]):
    def __init__(self, source: str) -> None:
        self._source = source
        self._names = list(_names(_changes(ast.parse(source))))

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, number: Any) -> Any:
        tree = ast.parse(self._source)
        node, _, change = _changes(tree)[number]
        change()
        is_prose = isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
        line, what = self._names[number]
        return Mutant(line, what, ast.unparse(tree), is_prose)


def _names(changes: Iterable[_Change]) -> Iterator[tuple[int, str]]:
    """Of each its line and its description."""
    seen: Counter[tuple[int, str]] = Counter()
    for node, change, _ in changes:
        line = getattr(node, "lineno", 0)
        seen[line, change] += 1
        yield line, change + (f" ({seen[line, change]})" if seen[line, change] > 1 else "")


_Change = tuple[ast.AST, str, "Callable[[], Any]"]


def _changes(tree: ast.Module) -> list[_Change]:
    return [change for node in _code(tree) for change in _changes_of(node)]


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run: no annotations, no docstrings, no imports for the type checker."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_not_run(child):
                yield child
                yield from _code(child)


def _is_not_run(node: ast.AST) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    return is_text or is_for_types or isinstance(node, ast.Import | ast.ImportFrom)


def _changes_of(node: ast.AST) -> Iterator[_Change]:
    yield from _of_operators(node)
    if isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.If | ast.IfExp):
        test = node.test
        yield node, "condition negated", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), test))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield node, "call removed", lambda: setattr(node, "value", ast.Constant(None))
    elif isinstance(node, ast.Raise):
        yield node, "not raised", lambda: setattr(node, "__class__", ast.Pass)
    elif isinstance(node, ast.Return) and ast.unparse(node) not in {"return", "return None"}:
        yield node, "returns None", lambda: setattr(node, "value", ast.Constant(None))
    elif isinstance(node, ast.Call):
        for keyword in node.keywords:
            yield keyword, f"{keyword.arg or '**'} left out", partial(node.keywords.remove, keyword)


def _of_operators(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            other = _COMPARISONS[type(operator)]
            change = f"{type(operator).__name__} -> {other.__name__}"
            yield node, change, partial(node.ops.__setitem__, place, other())
    elif isinstance(node, ast.BoolOp):
        other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield node, f"{type(node.op).__name__} -> {type(other_op).__name__}", lambda: setattr(node, "op", other_op)
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        operator_type = _ARITHMETIC[type(node.op)]
        change = f"{type(node.op).__name__} -> {operator_type.__name__}"
        yield node, change, lambda: setattr(node, "op", operator_type())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, "not removed", lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))


def _constants(node: ast.Constant) -> Iterator[_Change]:
    value = node.value
    if isinstance(value, bool):
        yield node, f"{value} -> {not value}", lambda: setattr(node, "value", not value)
    elif isinstance(value, int):
        yield node, f"{value} -> {value + 1}", lambda: setattr(node, "value", value + 1)
    elif isinstance(value, str) and value:
        yield node, f"{value!r} changed", lambda: setattr(node, "value", f"{value}x")
