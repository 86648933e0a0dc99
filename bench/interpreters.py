"""The interpreters that the CPU time of requests is measured with: this one, and one of the functions' version."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import botocore

import local.jsii  # noqa: F401 - before anything imports aws_cdk
from local.paths import ROOT
from session_store.cdk.interpreters import interpreter_of

if TYPE_CHECKING:
    from collections.abc import Mapping

OF_FUNCTIONS: Final = "3.13"
"""The version of the functions' Python."""
_THIS: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
_PROGRAMS: Final = Path(__file__).parent / "programs"


@cache
def interpreters() -> Mapping[str, Path]:
    """The interpreters by their version. That of the functions is missing where this machine has none."""
    found = interpreter_of(OF_FUNCTIONS)
    return {_THIS: Path(sys.executable)} | ({OF_FUNCTIONS: found} if found else {})


def printed(python: Path, program: str, *arguments: str, environment: Mapping[str, str], lends_sdk: bool = True) -> Any:  # noqa: ANN401 - any JSON
    """The JSON that a program prints.

    Args:
        python: the interpreter.
        program: its file in `bench/programs`.
        arguments: for it.
        environment: variables besides those of this process.
        lends_sdk: whether it gets the SDK of this interpreter, which is pure Python.
    """
    folders = (ROOT, Path(botocore.__file__).parents[1])[: 1 + lends_sdk]
    variables = os.environ | environment | {"PYTHONPATH": os.pathsep.join(map(str, folders))}
    command: list[Path | str] = [python, _PROGRAMS / program, *arguments]
    return json.loads(subprocess.run(command, env=variables, stdout=subprocess.PIPE, check=True).stdout)
