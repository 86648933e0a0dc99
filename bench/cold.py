"""Import and first call in a fresh process against a bare client that does one GetItem of the same item.

As installed, and by each transport as in a Lambda function, where its modules are compiled at every cold start. Then,
against the same, what a function's libraries with compiled code cost at such a start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import local.jsii  # noqa: F401 - before anything imports aws_cdk
from bench.alternating import medians
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, Subject, running_subject
from local.paths import ROOT
from local.this_platform import IS_FUNCTIONS, this_platform
from session_store.catalog.functions import Function
from session_store.cdk.archive import unzipped
from session_store.cdk.bundle import bundle_files, stage_files
from session_store.cdk.wheels import Libraries, libraries_zip
from session_store.settings import TRANSPORT, Transport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GOAL: Final = 0.6
GOAL_IN_A_FUNCTION: Final = 0.7
GOAL_WITH_BOTOCORE: Final = 1.4
GOAL_OF_LIBRARIES: Final = 0.7
_ROUNDS: Final = 25
_PROGRAMS: Final = Path(__file__).parent / "programs"


def cold_start() -> list[Figure]:
    """The ratios of import and first call, as installed and as in a function, there by each transport."""
    with running_subject() as subject, TemporaryDirectory() as folder:
        installed = os.environ | subject.environment
        # Both start from compiled modules: the first round, which does not count, writes ours.
        installed.pop("PYTHONDONTWRITEBYTECODE", None)
        bundle = stage_files(bundle_files(Function.INTROSPECT), Path(folder))
        in_a_function = installed | {"PYTHONPATH": str(bundle), "PYTHONDONTWRITEBYTECODE": "1"}
        validate = ("first_validate.py", TABLE_NAME, subject.token)
        own, sdk = ({TRANSPORT: transport.value} for transport in (Transport.OWN, Transport.BOTOCORE))
        figures = [
            _figure("import + first validate : bare client + GetItem, CPU", subject, validate, installed | own, GOAL),
            _figure("the same from the function bundle", subject, validate, in_a_function | own, GOAL_IN_A_FUNCTION),
            _figure("the same with botocore", subject, validate, in_a_function | sdk, GOAL_WITH_BOTOCORE),
        ]
        if IS_FUNCTIONS:
            name = "import of PyJWT and cryptography : bare client + GetItem, CPU"
            wheels = stage_files(unzipped(libraries_zip(frozenset({Libraries.JWT}), this_platform())), Path(folder))
            environment = in_a_function | {"PYTHONPATH": f"{wheels}{os.pathsep}{bundle}"}
            figures.append(_figure(name, subject, ("import_libraries.py",), environment, GOAL_OF_LIBRARIES))
        return figures


def _figure(
    name: str, subject: Subject, program: Sequence[str], environment: Mapping[str, str], limit: float
) -> Figure:
    result = medians(
        partial(_milliseconds, program, environment),
        partial(_milliseconds, ("first_get_item.py", TABLE_NAME, json.dumps(subject.key)), environment),
        rounds=_ROUNDS,
    )
    return ratio_figure(name, measured=result.ours, baseline=result.baseline, unit="ms", limit=limit)


def _milliseconds(program: Sequence[str], environment: Mapping[str, str]) -> float:
    """CPU time that a program says it took, the interpreter's own start not counted."""
    file, *arguments = program
    command = [sys.executable, str(_PROGRAMS / file), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return float(done.stdout) * 1000
