"""A source as the functions run it: without what only readers and type checkers need.

Docstrings, comments, imports for type checkers and types of arguments, results and variables are a third of the
archive, and Lambda would compile them at each cold start. A level of indentation is one space. Line numbers stay as
they are in the sources.
"""

from __future__ import annotations

import ast
import io
import tokenize
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

_Documented: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
# Not an empty text: in place of that, a dataclass works out its signature at every start.
_NOTHING: Final = '"..."'
_LEVEL: Final = 4


class _Cut(NamedTuple):
    """A piece of the source that goes, and what takes its place. Columns count bytes, as those of `ast` do."""

    line: int
    column: int
    last_line: int
    last_column: int
    replacement: str = ""


def runnable(source: str) -> str:
    """The source without docstrings, comments, types and the imports that only a type checker reads.

    The types of a class's own fields become None. Dataclasses and named tuples are made of them just as well, and more
    quickly: of a text, `typing` would compile each.
    """
    source = _without_comments(source)
    lines = source.encode().split(b"\n")
    module = ast.parse(source)
    for cut in sorted((*_imports_for_types(module), *_texts_and_types(module, lines)), reverse=True):
        _take_out(cut, lines)
    for cut in reversed([*_unused_names_of_typing(ast.parse(b"\n".join(lines)))]):
        _take_out(cut, lines)
    return _indented_less(b"\n".join(lines).decode())


def _without_comments(source: str) -> str:
    lines = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = lines[line - 1][:column].rstrip()
    return "\n".join(lines)


def _indented_less(source: str) -> str:
    """Every line that does not begin inside a text, with one space for four."""
    lines = source.split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    of_texts = {
        line for token in tokens if token.type == tokenize.STRING for line in range(token.start[0], token.end[0])
    }
    for number, line in enumerate(lines):
        if number not in of_texts:
            code = line.lstrip(" ")
            lines[number] = " " * ((len(line) - len(code)) // _LEVEL) + code
    return "\n".join(lines)


def _take_out(cut: _Cut, lines: list[bytes]) -> None:
    first, last = cut.line - 1, cut.last_line - 1
    kept = lines[first][: cut.column] + cut.replacement.encode()
    rest = lines[last][cut.last_column :]
    lines[first : last + 1] = [kept + rest] if first == last else [kept, *[b""] * (last - first - 1), rest]


def _imports_for_types(module: ast.Module) -> Iterator[_Cut]:
    for node in module.body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield _between(node.body[0], node.body[-1], _NOTHING) if node.orelse else _between(node, node, "")
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":  # about types, of which none is left
            yield _between(node, node, "")


def _unused_names_of_typing(module: ast.Module) -> Iterator[_Cut]:
    """Names that only types used, which are gone."""
    used = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module == "typing":
            kept = [alias for alias in node.names if (alias.asname or alias.name) in used]
            yield _between(node, node, ast.unparse(ast.ImportFrom("typing", kept, 0)) if kept else "")


def _texts_and_types(module: ast.Module, lines: list[bytes]) -> Iterator[_Cut]:
    fields = {id(field) for node in ast.walk(module) if isinstance(node, ast.ClassDef) for field in node.body}
    for node in ast.walk(module):
        if isinstance(node, _Documented) and ast.get_docstring(node, clean=False) is not None:
            needs_one = isinstance(node, ast.ClassDef) or len(node.body) == 1
            yield _between(node.body[0], node.body[0], _NOTHING if needs_one else "")
        if isinstance(node, ast.Module | ast.ClassDef):
            for assigned, text in pairwise(node.body):
                if isinstance(assigned, ast.Assign | ast.AnnAssign) and _is_text(text):
                    yield _between(text, text, "")
        if isinstance(node, ast.arg) and node.annotation:
            yield _after(node.lineno, node.col_offset + len(node.arg.encode()), node.annotation)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            yield _after(node.returns.lineno, lines[node.returns.lineno - 1].rindex(b" ->"), node.returns)
        if isinstance(node, ast.AnnAssign):
            yield _type(node, is_field=id(node) in fields)


def _type(node: ast.AnnAssign, *, is_field: bool) -> _Cut:
    """The type of a variable, or of a class's own field."""
    of_class = ast.unparse(node.annotation).startswith("ClassVar")
    if node.value and (of_class or not is_field):
        return _after(node.target.end_lineno or node.lineno, node.target.end_col_offset or 0, node.annotation)
    return _between(node, node, _NOTHING) if of_class else _between(node.annotation, node.annotation, "None")


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _between(first: ast.stmt | ast.expr, last: ast.stmt | ast.expr, replacement: str) -> _Cut:
    return _Cut(first.lineno, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0, replacement)


def _after(line: int, column: int, annotation: ast.expr) -> _Cut:
    """From there to the end of the type."""
    return _Cut(line, column, annotation.end_lineno or 0, annotation.end_col_offset or 0)
