"""The code of an application's own function: its files, and the library beside them."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import Stage
from aws_cdk import aws_lambda as lambda_

from session_store.cdk.bundle import library_files, stage_files
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from constructs import Construct

_BYTECODE: Final = "__pycache__"


def code_with_library(scope: Construct, folder: str | Path) -> lambda_.Code:
    """What a function of your own runs: the files of a folder, and `session_store` beside them.

        lambda_.Function(..., code=code_with_library(self, "functions"), handler="orders.handler")

    It is the library as it is installed where the app is synthesized, without its constructs and its docstrings. boto3
    is not part of it: Lambda's Python runtimes have it. Needs no Docker and no network. The asset's hash depends on the
    files and their modes alone.

    Args:
        scope: the stack, or anything in it.
        folder: everything in it goes along, but for bytecode; what may be executed stays so.

    Raises:
        InvalidInputError: there is no such folder, or something in it is called `session_store`. Also a ValueError.
    """
    own = _files_of(Path(folder))
    files = {name: path.read_bytes() for name, path in own.items()} | dict(library_files())
    executable = [name for name, path in own.items() if path.stat().st_mode & stat.S_IXUSR]
    stage = cast("Stage", Stage.of(scope))  # there is always one: a stack without an app makes its own
    staged = stage_files(dict(sorted(files.items())), Path(stage.asset_outdir), executable=executable)
    return lambda_.Code.from_asset(str(staged), asset_hash=staged.name)  # CDK's own would not see the modes


def _files_of(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise InvalidInputError("folder", "must be a folder", value=str(folder))
    library = next(iter(library_files())).partition("/")[0]
    if any((folder / name).exists() for name in (library, f"{library}.py")):
        raise InvalidInputError("folder", f"must not have a {library} of its own", value=str(folder))
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and _BYTECODE not in path.parts
    }
