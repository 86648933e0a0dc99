"""Byte code in the functions' code: the same everywhere, in use, and nothing that a deployment depends on."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from session_store.catalog.functions import Function
from session_store.cdk import bytecode
from session_store.cdk.bundle import bundle_files, bundle_zip, stage_bundle, stage_files
from session_store.cdk.bytecode import byte_code
from session_store.cdk.interpreters import interpreter_of

PYTHON = f"3.{sys.version_info.minor}"
TAG = f"cpython-3{sys.version_info.minor}"
ERRORS = "session_store/errors.py"
FAILING = "from session_store.tokens import parse; parse('no token')"


@cache
def introspect() -> Mapping[str, bytes]:
    return bundle_files(Function.INTROSPECT)


def made_again(files: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Byte code that no earlier call has made."""
    monkeypatch.setattr(bytecode, "_made", {})
    return byte_code(files, PYTHON)


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program on a function's code alone."""
    command = [sys.executable, "-S", "-B", "-c", program]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)


def in_zip(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as opened:
        return set(opened.namelist())


def test_each_module_has_its_byte_code_where_python_looks_for_it() -> None:
    made = byte_code({**introspect(), "data.json": b"{}"}, PYTHON)

    assert {f"session_store/__pycache__/errors.{TAG}.pyc", f"__pycache__/introspect.{TAG}.pyc"} < made.keys()
    assert len(made) == len(introspect())


def test_byte_code_is_the_same_in_any_order_folder_and_company(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = made_again(introspect(), monkeypatch)  # each time by a process with another seed of hashes
    monkeypatch.chdir(tmp_path)
    backwards = made_again(dict(reversed([*introspect().items()])), monkeypatch)
    some = made_again(dict(list(introspect().items())[::7]), monkeypatch)

    assert backwards == first
    assert some == {path: first[path] for path in some}


def test_a_function_runs_its_byte_code_without_a_look_at_the_sources(tmp_path: Path) -> None:
    code = stage_files({**introspect(), ERRORS: b"not Python"}, tmp_path, compiled=byte_code(introspect(), PYTHON))

    assert run("import session_store.errors", code).stderr == ""


def test_traces_name_files_and_lines_and_show_the_code(tmp_path: Path) -> None:
    code = stage_files(introspect(), tmp_path, compiled=byte_code(introspect(), PYTHON))
    with_it, without = (
        run(FAILING, folder).stderr for folder in (code, stage_files(introspect(), tmp_path / "sources"))
    )

    assert "raise InvalidTokenError(Refusal.MALFORMED)" in with_it
    assert with_it.replace(str(code), "") == without.replace(str(tmp_path / "sources" / code.name), "")


def test_another_version_of_python_runs_the_sources(tmp_path: Path) -> None:
    of_another = dict.fromkeys(
        (path.replace(TAG, "cpython-399") for path in byte_code(introspect(), PYTHON)), b"of another"
    )

    assert run("import introspect", stage_files(introspect(), tmp_path, compiled=of_another)).stderr.endswith(
        "set the environment variable TABLE_NAME to the table's name\n"
    )


@pytest.fixture
def no_interpreter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    bundle_zip.cache_clear()
    monkeypatch.setattr(bytecode, "interpreter_of", lambda _: None)
    yield
    bundle_zip.cache_clear()


def test_a_machine_without_that_python_makes_the_same_deployment_of_sources_alone(
    no_interpreter: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sources = stage_bundle(Function.INTROSPECT, tmp_path / "one", python=PYTHON)
    monkeypatch.undo()
    bundle_zip.cache_clear()
    both = stage_bundle(Function.INTROSPECT, tmp_path / "other", python=PYTHON)

    assert sources.name == both.name
    assert in_zip(sources) == set(introspect())
    assert in_zip(both) == {*introspect(), *byte_code(introspect(), PYTHON)}


def test_functions_of_another_python_are_another_deployment(tmp_path: Path) -> None:
    one, other = (stage_bundle(Function.INTROSPECT, tmp_path, python=python) for python in ("3.98", "3.99"))

    assert one.name != other.name


def program(path: Path, answer: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("on_path", "of_pyenv", "found"),
    [
        ("echo cpython 3 99 final", "exit 1", "bin/python3.99"),
        ("exit 127", "echo cpython 3 99 final", "pyenv/versions/3.99.2/bin/python3.99"),  # a shim of no chosen version
        ("echo cpython 3 98 final", "echo cpython 3 99 beta", None),
        ("echo pypy 3 99 final", "exec /no/such/file", None),
    ],
)
def test_an_interpreter_counts_when_it_says_that_it_is_the_released_version(
    on_path: str, of_pyenv: str, found: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path / "bin/python3.99", on_path)
    program(tmp_path / "pyenv/versions/3.99.2/bin/python3.99", of_pyenv)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    interpreter_of.cache_clear()

    assert interpreter_of("3.99") == (found and tmp_path / found)
    interpreter_of.cache_clear()
