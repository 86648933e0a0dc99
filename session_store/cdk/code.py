"""The code of an application's own function: its files, and the library beside them."""

from __future__ import annotations

import stat
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import Stage
from aws_cdk import aws_lambda as lambda_

from session_store.cdk.archive import unzipped
from session_store.cdk.bundle import library_files, stage_files
from session_store.cdk.bytecode import byte_code
from session_store.cdk.platforms import Platform, python_of
from session_store.cdk.tree import TAKE_IN, Tree
from session_store.cdk.wheels import Libraries, check_libraries, libraries_zip
from session_store.checks import check_names
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from constructs import Construct

# Files in a folder of sources that no function needs. Some of them are secret.
_LEFT_OUT: Final = (".*", "__pycache__", "*.pyc", "tests", "venv", "node_modules", "cdk.out")


def code_with_library(
    scope: Construct,
    folder: str | Path,
    *,
    exclude: Collection[str] = (),
    links_into: str | Path | None = None,
    libraries: Collection[Libraries] = (),
    runtime: lambda_.Runtime | None = None,
    architecture: lambda_.Architecture | None = None,
) -> lambda_.Code:
    """The code of a function of your own: the files of a folder, and `session_store` beside them.

        lambda_.Function(..., code=code_with_library(self, "functions"), handler="orders.handler")

    The library is the one installed beside the app, without its constructs and its docstrings. boto3 is not part of it,
    because Lambda's Python runtimes have it. Needs no Docker, and a network for `libraries` alone. The asset's hash
    depends on the files, their modes and the Python of `runtime`.

    These stay out, anywhere in the folder: names that begin with a dot (`.env`, `.venv`, `.git`, caches),
    `__pycache__`, `*.pyc`, `tests`, `venv`, `node_modules`, `cdk.out`.

    Args:
        scope: the stack, or anything in it.
        folder: all its other files go along, and executable ones stay so. A link stands for its target.
        exclude: further names that stay out, with `*` and `?`. `"*.md"` counts anywhere in the folder, `"/data/raw"`
            there alone. The last one that fits decides, and `"!tests"` takes in a name that would stay out. Files in a
            folder that stays out cannot be taken in.
        links_into: the folder that links may lead into, for instance the repository's root if functions share code by
            links. By default `folder` itself.
        libraries: libraries with compiled code that the function needs besides, for instance `{Libraries.JWT}`.
        runtime: the function's. With it the library comes with byte code where this machine has that version of Python,
            which shortens cold starts. `libraries` need it.
        architecture: with `libraries`, the function's.

    Raises:
        InvalidInputError: there is no such folder, something in it is called as something that goes beside it, or a
            link leads out of the folder, to nothing, or around in a circle. Also a ValueError.
        LibrariesUnavailableError: the libraries cannot be installed.
    """
    beside = {**library_files(), **_compiled(libraries, runtime, architecture)}
    python = python_of(runtime) if runtime else ""
    compiled = byte_code(library_files(), python) if python else {}
    own = _files_of(Path(folder), Path(links_into or folder), _patterns(exclude), beside)
    files = {name: path.read_bytes() for name, path in own.items()} | beside
    executable = [name for name, path in own.items() if path.stat().st_mode & stat.S_IXUSR]
    stage = cast("Stage", Stage.of(scope))  # there is always one: a stack without an app makes its own
    folder_of_assets = Path(stage.asset_outdir)
    staged = stage_files(
        dict(sorted(files.items())), folder_of_assets, executable=executable, compiled=compiled, python=python
    )
    return lambda_.Code.from_asset(str(staged), asset_hash=staged.name)  # CDK's own would not see the modes


def _patterns(exclude: Collection[str]) -> tuple[str, ...]:
    for pattern in check_names("exclude", exclude):
        if not PurePath(pattern.removeprefix(TAKE_IN)).name:
            raise InvalidInputError("exclude", "must be names, which may have * and ? in them", value=pattern)
    return (*_LEFT_OUT, *exclude)


def _compiled(
    libraries: Collection[Libraries], runtime: lambda_.Runtime | None, architecture: lambda_.Architecture | None
) -> Mapping[str, bytes]:
    wanted = check_libraries(libraries)
    return unzipped(libraries_zip(wanted, Platform.of(runtime, architecture))) if wanted else {}


def _files_of(folder: Path, root: Path, left_out: tuple[str, ...], beside: Collection[str]) -> dict[str, Path]:
    for prop, path in (("folder", folder), ("links_into", root)):
        if not path.is_dir():
            raise InvalidInputError(prop, "must be a folder", value=str(path))
    for library in sorted({name.partition("/")[0] for name in beside}):
        if any((folder / name).exists() for name in (library, f"{library}.py")):
            raise InvalidInputError("folder", f"must not have a {library} of its own", value=str(folder))
    return dict(Tree(folder, root, left_out).files())
