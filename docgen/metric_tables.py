"""The metrics with their meanings, from the strings behind the members of their enumerations."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING

from docgen.markdown import table
from session_store.catalog.metric_names import KINDS

if TYPE_CHECKING:
    from enum import StrEnum


def metrics() -> str:
    """Every metric once."""
    rows = [(f"`{name}`", said) for kind in KINDS for name, said in meanings(kind).items()]
    return table(("metric", "counts"), rows)


def meanings(kind: type[StrEnum]) -> dict[str, str]:
    """The meaning of each member, by its value.

    Raises:
        LookupError: a member has none.
    """
    (tree,) = ast.parse(dedent(inspect.getsource(kind))).body
    found: dict[str, str] = {}
    for member, text in pairwise(getattr(tree, "body", ())):
        match member, text:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(said))):
                found[kind[name].value] = said
    if missing := {*kind} - found.keys():
        raise LookupError(f"without a meaning: {', '.join(sorted(missing))}")
    return found
