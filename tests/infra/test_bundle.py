"""The functions' code: what is in it, and that nothing but the sources decides about it."""

from __future__ import annotations

import ast
import io
import os
import shutil
import stat
import subprocess
import sys
import tokenize
import zipfile
from collections.abc import Callable
from functools import cache
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

import session_store
from bench.bundle import goal_bytes
from session_store.catalog.functions import Function
from session_store.cdk.bundle import bundle_files, bundle_zip, stage_bundle, stage_files

Stage = Callable[[Path], Path]
ROOT = Path(__file__).parents[2]
FUNCTION = Function.INTROSPECT


def _stage_folder(directory: Path) -> Path:
    """As the code of an application's own function is staged."""
    return stage_files(bundle_files(FUNCTION), directory)


def _stage_zip(directory: Path) -> Path:
    return stage_bundle(FUNCTION, directory)


BOTH = pytest.mark.parametrize("stage", [_stage_folder, _stage_zip])


def _staged(code: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content by path."""
    if code.is_file():
        with zipfile.ZipFile(code) as opened:
            return {each.filename: (each.external_attr >> 16, opened.read(each)) for each in opened.infolist()}
    files = [path for path in code.rglob("*") if path.is_file()]
    return {path.relative_to(code).as_posix(): (path.stat().st_mode, path.read_bytes()) for path in files}


@cache
def every_file() -> dict[str, bytes]:
    return {path: content for function in Function for path, content in bundle_files(function).items()}


def readable_files() -> dict[str, tuple[int, bytes]]:
    return {path: (stat.S_IFREG | 0o644, content) for path, content in bundle_files(FUNCTION).items()}


@pytest.mark.shows("N6")
@pytest.mark.parametrize("function", Function)
def test_a_functions_code_is_its_own_entry_point_and_a_part_of_the_package(function: Function) -> None:
    files = bundle_files(function)
    assert [path for path in files if "/" not in path] == [f"{function.value}.py"]
    assert all(path.endswith(".py") for path in files)
    assert "session_store/__init__.py" in files


@pytest.mark.parametrize("function", Function)
def test_a_functions_zip_is_small(function: Function) -> None:
    assert len(bundle_zip(function)) <= goal_bytes(function)


class _WithoutTypes(ast.NodeTransformer):
    """Takes out what the bundle leaves out."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
            return self.generic_visit(node) if node.orelse else None
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module in {"typing", "__future__"} else node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.copy_location(ast.arg(node.arg), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        body = [_without_type(each) if isinstance(each, ast.AnnAssign) else self.visit(each) for each in node.body]
        node.body = [field for field in body if field is not None]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value:
            return ast.copy_location(ast.Assign([node.target], node.value), node)
        return ast.copy_location(ast.AnnAssign(node.target, ast.Constant(None), None, node.simple), node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else node


def _without_type(field: ast.AnnAssign) -> ast.stmt | None:
    """A class's own field, of which named tuples and dataclasses are made. An attribute of the class is none."""
    if "ClassVar" not in ast.unparse(field.annotation):
        return ast.copy_location(ast.AnnAssign(field.target, ast.Constant(None), field.value, field.simple), field)
    return ast.copy_location(ast.Assign([field.target], field.value), field) if field.value else None


def _as_it_runs(source: bytes) -> list[tuple[int, str]]:
    """Line and content of every statement that does something, without docstrings and types."""
    module = _WithoutTypes().visit(ast.parse(source))
    return [(node.lineno, ast.dump(node)) for node in ast.walk(module) if isinstance(node, ast.stmt)]


def test_the_bundle_runs_the_sources_line_by_line_without_docstrings_and_types() -> None:
    for path, content in every_file().items():
        source = (ROOT / path if path.startswith("session_store/") else ROOT / "lambda" / path).read_bytes()
        assert _as_it_runs(content) == _as_it_runs(source), path
        assert ast.get_docstring(ast.parse(content)) in {None, "..."}, path
        assert b"-> " not in content, path
        values = [node.value for node in ast.walk(ast.parse(content)) if isinstance(node, ast.Expr)]
        assert {value.value for value in values if isinstance(value, ast.Constant)} <= {"...", ...}


def test_the_bundle_has_no_comments() -> None:
    for path, content in every_file().items():
        tokens = tokenize.tokenize(io.BytesIO(content).readline)
        assert not [token for token in tokens if token.type == tokenize.COMMENT], path


@BOTH
def test_the_code_is_named_by_its_content(stage: Stage, tmp_path: Path) -> None:
    first, second = (stage(tmp_path / name) for name in ("a", "b"))
    assert first.name == second.name
    assert _staged(first) == _staged(second) == readable_files()


@BOTH
def test_staging_again_changes_nothing(stage: Stage, tmp_path: Path) -> None:
    first = stage(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert stage(tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@BOTH
def test_parallel_staging_leaves_one_complete_code(stage: Stage, tmp_path: Path) -> None:
    with ThreadPool(8) as pool:
        (code,) = set(pool.map(lambda _: stage(tmp_path), range(16)))
    assert list(tmp_path.iterdir()) == [code]
    assert _staged(code) == readable_files()


@BOTH
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_the_functions_user_can_read_every_file_with_any_umask(stage: Stage, tmp_path: Path, umask: int) -> None:
    previous = os.umask(umask)
    try:
        code = stage(tmp_path)
    finally:
        os.umask(previous)
    assert _staged(code) == readable_files()
    assert stat.S_IMODE(code.stat().st_mode) == (0o644 if code.is_file() else 0o755)


def test_a_missing_entry_point_is_an_error_that_says_where_it_was_looked_for(tmp_path: Path) -> None:
    package = Path(session_store.__file__).parent
    shutil.copytree(package, tmp_path / "session_store", ignore=shutil.ignore_patterns("__pycache__"))
    program = """
from session_store.catalog.functions import Function
from session_store.cdk.bundle import bundle_files
bundle_files(Function.READ)
"""
    done = subprocess.run((sys.executable, "-c", program), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "FileNotFoundError: read.py is in none of" in done.stderr
    assert str(tmp_path / "lambda") in done.stderr
