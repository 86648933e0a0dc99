"""Generated parts of sources: the grants of a table, and what the methods of the store cost.

They are written into the files, so that types are checked, help() shows them and nothing happens at import.
"""

from __future__ import annotations

import ast
import re
import textwrap
from typing import TYPE_CHECKING, Final

from session_store.catalog import access_patterns
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.cost_texts import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.catalog.pattern import AccessPattern

_WIDTH: Final = 120
_GRANTS: Final = re.compile(r"(?P<begin>    # begin grants[^\n]*\n).*?(?P<end>    # end grants\n)", re.DOTALL)
# A paragraph of a docstring; the closing quotes may follow on its last line.
_COST: Final = re.compile(r'^        Cost: .*?(?=\n\n|\n        """|""")', re.DOTALL | re.MULTILINE)


def grants(source: str) -> str:
    """The source of the grants with one method for every access pattern."""
    methods = "\n".join(_grant(pattern) for pattern in ACCESS_PATTERNS)
    return _GRANTS.sub(lambda match: f"{match['begin']}\n{methods}\n{match['end']}", source)


def store(source: str) -> str:
    """The source of the store with the cost of every access pattern's method in its docstring.

    Raises:
        LookupError: a method has no paragraph for it, one that begins with `Cost: `.
    """
    for method in dict.fromkeys(method for pattern in ACCESS_PATTERNS for method in pattern.methods):
        source = _with_cost(source, method)
    return source


def cost_of(method: str) -> str:
    """The costs of a method, in all of its access patterns."""
    first, *others = (pattern for pattern in ACCESS_PATTERNS if method in pattern.methods)
    texts = [sentence(first.costs)]
    texts += [f"with `{each.given}`: {sentence(each.costs)}" for each in others if each.costs != first.costs]
    return f"Cost: {'; '.join(texts)}."


def _with_cost(source: str, method: str) -> str:
    lines = source.splitlines(keepends=True)
    start, end = _docstring_lines(source, method)
    before, text, after = "".join(lines[:start]), "".join(lines[start:end]), "".join(lines[end:])
    paragraph = textwrap.fill(
        cost_of(method), _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8, break_long_words=False
    )
    filled, number = _COST.subn(lambda _: paragraph, text)
    if number != 1:
        raise LookupError(f"the docstring of {method} must have one paragraph that begins with `Cost: `")
    return before + filled + after


def _docstring_lines(source: str, method: str) -> tuple[int, int]:
    """The lines of a method's docstring, as a slice."""
    for definition in _definitions(source, method):
        first = definition.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            return first.lineno - 1, first.end_lineno or first.lineno
    raise LookupError(f"the store has no method {method} with a docstring")


def _definitions(source: str, method: str) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == method:
            yield node


def _grant(pattern: AccessPattern) -> str:
    known = ["*", "customer_known: bool | None = None"] if pattern.depends_on_customer else []
    handed_on = ", customer_known=customer_known" if pattern.depends_on_customer else ""
    lines = (
        *_signature(pattern.grant_name, ["self", "grantee: iam.IGrantable", *known]),
        *_docstring_of(f"Grant {_methods(pattern)}.", pattern.summary),
        f"        return self.grant(grantee, patterns.{_constant(pattern)}{handed_on})",
    )
    return "".join(f"{line}\n" for line in lines)


def _docstring_of(first: str, second: str) -> list[str]:
    """On one line, where it fits."""
    line = f'        """{first} {second}"""'
    if len(line) <= _WIDTH:
        return [line]
    return [f'        """{first}', "", f"        {second}", '        """']


def _signature(name: str, parameters: list[str]) -> list[str]:
    """As the formatter of the sources breaks it."""
    line = f"    def {name}({', '.join(parameters)}) -> iam.Grant:"
    if len(line) <= _WIDTH:
        return [line]
    return [f"    def {name}(", f"        {', '.join(parameters)}", "    ) -> iam.Grant:"]


def _methods(pattern: AccessPattern) -> str:
    given = f" with `{pattern.given}`" if pattern.given else ""
    return " and ".join(f"`{method}`" for method in pattern.methods) + given


def _constant(pattern: AccessPattern) -> str:
    """The name under which the pattern is declared."""
    return next(name for name, value in vars(access_patterns).items() if value is pattern)
