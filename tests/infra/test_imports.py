"""The arrows between the layers, read from the sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "session_store"
CDK_MODULES = sorted((PACKAGE / "cdk").rglob("*.py"))
RUNTIME_MODULES = sorted(set(PACKAGE.rglob("*.py")) - set(CDK_MODULES))
CDK_MAY_IMPORT = {"catalog", "cdk", "checks", "errors", "kernel.web_settings", "model", "settings", "storage.schema"}


def _imports(module: Path) -> set[str]:
    """Dotted names that a module imports, `from a import b` as `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _name(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("module", CDK_MODULES, ids=_name)
def test_a_construct_never_imports_the_store(module: Path) -> None:
    ours = {name.removeprefix("session_store.") for name in _imports(module) if name.startswith("session_store.")}
    assert not {name for name in ours if not any(f"{name}.".startswith(f"{allowed}.") for allowed in CDK_MAY_IMPORT)}


@pytest.mark.parametrize("module", RUNTIME_MODULES, ids=_name)
def test_the_runtime_never_imports_the_cdk(module: Path) -> None:
    forbidden = ("aws_cdk", "constructs", "jsii", "session_store.cdk")
    assert not [name for name in _imports(module) if name.startswith(forbidden)]
