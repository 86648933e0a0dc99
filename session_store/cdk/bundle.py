"""The code that all functions run, staged into one folder: the runtime part of the package and the entry points.

The folder's content depends on nothing but the sources, so the asset hash is the same from a wheel, an editable install
and a checkout, from any working directory. It holds nothing that only a development machine needs.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from session_store.cdk.runnable import runnable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_PACKAGE: Final = Path(__file__).resolve().parent.parent
# No function runs them.
_LEFT_OUT: Final = (
    "_lambda/",
    "api/backend_openapi.py",
    "api/schemas.py",
    "api/user_openapi.py",
    "aws/",
    "catalog/alarms.py",
    "catalog/cost_texts.py",
    "catalog/iso_durations.py",
    "catalog/operator_commands.py",
    "catalog/operator_policies.py",
    "catalog/permissions.py",
    "cdk/",
    "cli/",
    "storage/port.py",
    "testing",
    "whole_table/",
)
# Of the folders that are left out, what the store needs.
_NEEDED: Final = ("aws/__init__.py", "aws/connection.py")
# An application's function may run them, but none of the service's does.
_FOR_APPLICATIONS: Final = tuple(
    f"{_PACKAGE.name}/{file}"
    for file in (
        "adapters/aws_lambda/decorator.py",
        "adapters/aws_lambda/handlers.py",
        "adapters/aws_lambda/on_problem.py",
        "adapters/aws_lambda/session_lambda.py",
        "adapters/aws_lambda/session_lambda_values.py",
        "adapters/aws_lambda/user_agent.py",
        "catalog/access_patterns.py",
        "data/addition.py",
        "jwt/__init__.py",
        "jwt/addresses.py",
        "jwt/errors.py",
        "jwt/fetching.py",
        "jwt/key_set.py",
        "jwt/verifying.py",
        "kernel/user_agent.py",
        "kernel/naming.py",
        "operations/single_values.py",
        "session_lambda.py",
        "storage/single_values.py",
        "web.py",
    )
)
_DIGEST_LENGTH: Final = 16
# The modes go into the archive. The functions' user must be able to read it, with any umask here.
_READABLE: Final = 0o644
_EXECUTABLE: Final = 0o755


def stage_bundle(directory: Path) -> Path:
    """Stage the functions' code.

    Args:
        directory: where the folder is created.

    Returns:
        The folder, for `Code.from_asset`.

    Raises:
        FileNotFoundError: the entry points are missing from the installation.
    """
    return stage_files(bundle_files(), directory)


def stage_files(files: Mapping[str, bytes], directory: Path, *, executable: Collection[str] = ()) -> Path:
    """Stage a function's code, for instance an application's own files beside the library's.

    Safe with several processes staging into the same directory. The folder is named by its content and modes, and
    appears complete or not at all.

    Args:
        files: path in the archive (POSIX, sorted) to content.
        directory: where the folder is created.
        executable: paths of those that the function starts as programs.

    Returns:
        The folder, for `Code.from_asset`.
    """
    modes = {path: _EXECUTABLE if path in executable else _READABLE for path in files}
    target = directory / f"session-store-{_digest(files, modes)}"
    if not target.exists():
        directory.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".session-store-", dir=directory))
        _write(files, modes, staging)
        _publish(staging, target)
    return target


@cache
def bundle_files() -> Mapping[str, bytes]:
    """The bundle's files, from the path in the archive (POSIX, sorted) to the content.

    Raises:
        FileNotFoundError: the entry points are missing from the installation.
    """
    entry_points = {path: _staged(file) for path, file in _sources(_entry_points())}
    files = entry_points | {path: file for path, file in library_files().items() if path not in _FOR_APPLICATIONS}
    return dict(sorted(files.items()))


@cache
def library_files() -> Mapping[str, bytes]:
    """The library alone, for an application's own function: path in the archive (POSIX, sorted) to content."""
    sources = dict(_sources(_PACKAGE))
    kept = [path for path in sorted(sources) if path in _NEEDED or not path.startswith(_LEFT_OUT)]
    return {f"{_PACKAGE.name}/{path}": _staged(sources[path]) for path in kept}


def _entry_points() -> Path:
    """The entry points' folder: inside the package in a wheel, beside it in a checkout."""
    candidates = (_PACKAGE / "_lambda", _PACKAGE.parent / "lambda")
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the functions' entry points are in none of {', '.join(map(str, candidates))}")


def _sources(root: Path) -> Iterator[tuple[str, Path]]:
    return ((path.relative_to(root).as_posix(), path) for path in root.rglob("*.py"))


def _staged(file: Path) -> bytes:
    return runnable(file.read_text(encoding="utf-8")).encode()


def _digest(files: Mapping[str, bytes], modes: Mapping[str, int]) -> str:
    digest = hashlib.sha256()
    for path, content in files.items():
        digest.update(f"{path}\0{modes[path]:o}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_DIGEST_LENGTH]


def _write(files: Mapping[str, bytes], modes: Mapping[str, int], folder: Path) -> None:
    folder.chmod(_EXECUTABLE)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(modes[path])


def _publish(staging: Path, target: Path) -> None:
    try:
        staging.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(staging)  # another process was first, with the same content
