"""The threat model names a test for each threat, and the tests that documents name exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = {
    named
    for page in (ROOT / "docs").rglob("*.md")
    for named in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text(encoding="utf-8"))
}


@cache
def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("path", "name"), sorted(NAMED))
def test_a_test_that_a_document_names_exists(path: str, name: str) -> None:
    assert name in functions(path)


def test_every_threat_names_a_test() -> None:
    tables = PAGE.partition("## Defences")[2].partition("## Limits")[0]
    rows = [
        line for line in tables.splitlines() if line.startswith("|") and not line.startswith(("| attempt", "| mis"))
    ]

    assert len(rows) > 30
    assert [row for row in rows if "::test_" not in row and "---" not in row] == []
