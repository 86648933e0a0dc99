"""The code that a function runs: its entry point, and of the package what that can import.

The asset's hash depends on nothing but the sources, so it is the same from a wheel, an editable install and a checkout,
from any working directory, and with or without byte code. The code holds nothing that only a development machine needs.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from session_store.catalog.routes import routes_of
from session_store.cdk.archive import READABLE, unzipped, zipped
from session_store.cdk.bytecode import byte_code
from session_store.cdk.reached import modules_reached, pieces_of
from session_store.cdk.runnable import runnable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from session_store.catalog.functions import Function
    from session_store.cdk.reached import Piece

_PACKAGE: Final = Path(__file__).resolve().parent.parent
# Inside the package in a wheel, beside it in a checkout.
_ENTRY_POINTS: Final = (_PACKAGE / "_lambda", _PACKAGE.parent / "lambda")
# Parts of the package that an application's own function does not get.
_LEFT_OUT: Final = (
    "_lambda/",
    "api/backend_openapi.py",
    "api/issuer_openapi.py",
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
# Rooms of the package that a function's code can get to, and uses only where a part of the store is given to it.
OPTIONAL_ROOMS: Final = ("encryption", "large_data", "validation_cache")
_NO_ROOMS: Final = frozenset[str]()
_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})
_DIGEST_LENGTH: Final = 16
_LEVEL: Final = 6  # of byte code's compression. 9 takes twice as long and saves half a percent.
_EXECUTABLE: Final = 0o755


def stage_bundle(
    function: Function, directory: Path, libraries: bytes = b"", rooms: frozenset[str] = _NO_ROOMS, python: str = ""
) -> Path:
    """Stage the code of one of the service's functions, as one file: for CDK ten folders are much to read and to copy.

    Safe with several processes staging into the same directory.

    Args:
        function: which one.
        directory: where the file is created.
        libraries: a zip of others' code that the function needs, see `libraries_zip`.
        rooms: those of `OPTIONAL_ROOMS` that it needs.
        python: the version of Python, for instance `3.13`, for whose byte code there is to be room. Nothing for none.

    Returns:
        The zip, for `Code.from_asset`. It is named by its sources and their Python. That name is the asset's hash,
        because the bytes of the same content differ between versions of zlib, and not every machine makes byte code.

    Raises:
        FileNotFoundError: the entry point is missing from the installation.
    """
    files = {**bundle_files(function, rooms), **(unzipped(libraries) if libraries else {})}
    target = directory / f"session-store-{_digest(files, dict.fromkeys(files, READABLE), python)}.zip"
    if not target.exists():
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".session-store-", dir=directory, delete=False) as staging:
            staging.write(bundle_zip(function, libraries, rooms, python))
        Path(staging.name).chmod(READABLE)
        Path(staging.name).replace(target)
    return target


@cache
def bundle_zip(
    function: Function, libraries: bytes = b"", rooms: frozenset[str] = _NO_ROOMS, python: str = ""
) -> bytes:
    """The zip of one of the service's functions, with the libraries of another zip, and byte code where it can be made.

    Raises:
        FileNotFoundError: the entry point is missing from the installation.
    """
    files = bundle_files(function, rooms)
    if python and (compiled := byte_code(files, python)):
        libraries = zipped(compiled, onto=libraries, level=_LEVEL)
    return zipped(files, onto=libraries)


def stage_files(
    files: Mapping[str, bytes],
    directory: Path,
    *,
    executable: Collection[str] = (),
    compiled: Mapping[str, bytes] = _NOTHING,
    python: str = "",
) -> Path:
    """Stage a function's code, for instance an application's own files beside the library's.

    Safe with several processes staging into the same directory. The folder is named by its files, their modes and its
    Python, byte code left aside, and appears complete or not at all.

    Args:
        files: path in the archive (POSIX, sorted) to content.
        directory: where the folder is created.
        executable: paths of those that the function starts as programs.
        compiled: byte code of them, likewise.
        python: the version of Python for whose byte code there is to be room, see `stage_bundle`.

    Returns:
        The folder, for `Code.from_asset`.
    """
    modes = {path: _EXECUTABLE if path in executable else READABLE for path in files}
    target = directory / f"session-store-{_digest(files, modes, python)}"
    if not target.exists():
        directory.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".session-store-", dir=directory))
        _write({**files, **compiled}, modes, staging)
        _publish(staging, target)
    return target


@cache
def bundle_files(function: Function, rooms: frozenset[str] = _NO_ROOMS) -> Mapping[str, bytes]:
    """The files of one of the service's functions, from the path in the archive (POSIX, sorted) to the content.

    They are those that its entry point can import, with these of the `OPTIONAL_ROOMS`.

    Raises:
        FileNotFoundError: the entry point is missing from the installation.
    """
    if _source(function.value) is None:
        raise FileNotFoundError(f"{function.value}.py is in none of {', '.join(map(str, _ENTRY_POINTS))}")
    # Lambda, and the dispatcher, look these up by their names.
    handlers = {"handler", *(route.handler for route in routes_of(function))}
    closed = tuple(f"{_PACKAGE.name}.{room}" for room in OPTIONAL_ROOMS if room not in rooms)
    modules = modules_reached(
        function.value, handlers, lambda module: () if module.startswith(closed) else _pieces(module)
    )
    return dict(sorted((path, _staged(file)) for path, file in filter(None, map(_source, modules))))


@cache
def library_files() -> Mapping[str, bytes]:
    """The library alone, for an application's own function: path in the archive (POSIX, sorted) to content."""
    sources = dict(_sources(_PACKAGE))
    kept = [path for path in sorted(sources) if path in _NEEDED or not path.startswith(_LEFT_OUT)]
    return {f"{_PACKAGE.name}/{path}": _staged(sources[path]) for path in kept}


def _sources(root: Path) -> Iterator[tuple[str, Path]]:
    return ((path.relative_to(root).as_posix(), path) for path in root.rglob("*.py"))


@cache
def _source(module: str) -> tuple[str, Path] | None:
    """A module's path in the archive and its file, None when it is not ours."""
    path = module.replace(".", "/")
    roots = (_PACKAGE.parent,) if path.partition("/")[0] == _PACKAGE.name else _ENTRY_POINTS
    named = ((name, root / name) for root in roots for name in (f"{path}.py", f"{path}/__init__.py"))
    return next(((name, file) for name, file in named if file.is_file()), None)


@cache
def _pieces(module: str) -> tuple[Piece, ...]:
    source = _source(module)
    return pieces_of(module, source[1].read_text(encoding="utf-8")) if source else ()


@cache
def _staged(file: Path) -> bytes:
    return runnable(file.read_text(encoding="utf-8")).encode()


def _digest(files: Mapping[str, bytes], modes: Mapping[str, int], python: str = "") -> str:
    digest = hashlib.sha256(python.encode())
    for path, content in files.items():
        digest.update(f"{path}\0{modes[path]:o}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_DIGEST_LENGTH]


def _write(files: Mapping[str, bytes], modes: Mapping[str, int], folder: Path) -> None:
    folder.chmod(_EXECUTABLE)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(modes.get(path, READABLE))


def _publish(staging: Path, target: Path) -> None:
    try:
        staging.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(staging)  # another process was first, with the same content
