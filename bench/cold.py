"""Import and first call in a fresh process against a bare client that does one GetItem of the same item.

As installed, and as in a Lambda function: from its sources alone, which are compiled at every cold start, and with
their byte code. With the interpreters of the functions' version and of this process. Then, against the same, what
libraries with compiled code cost at such a start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

import botocore

import local.jsii  # noqa: F401 - before anything imports aws_cdk
from bench.alternating import medians
from bench.interpreters import interpreters
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, Subject, environment_of, running_subject
from bench.tls_front import Front, tls_front
from local.paths import ROOT
from local.this_platform import IS_FUNCTIONS, this_platform
from session_store.catalog.functions import Function
from session_store.cdk.archive import unzipped
from session_store.cdk.bundle import bundle_files, stage_files
from session_store.cdk.bytecode import byte_code
from session_store.cdk.wheels import Libraries, libraries_zip
from session_store.settings import TABLE_NAME as TABLE_NAME_VARIABLE
from session_store.settings import TRANSPORT, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

GOAL: Final = 0.4
GOAL_WITH_BOTOCORE: Final = 1.4
GOAL_OF_LIBRARIES: Final = 0.7
# From sources alone, and with byte code.
_KINDS: Final = ("from sources", "with byte code")
GOALS_OVER_HTTP: Final = (0.5, 0.4)
GOALS_OVER_TLS: Final = (0.55, 0.45)
GOALS_OF_AUTHORIZER: Final = (0.6, 0.4)
_THIS_PYTHON: Final = f"3.{sys.version_info.minor}"
_ROUNDS: Final = 9
_PROGRAMS: Final = Path(__file__).parent / "programs"
_SDK: Final = str(Path(botocore.__file__).parents[1])
# No proxy, authorities or profile of this machine. The first round, which does not count, writes the SDK's byte code.
_ENVIRONMENT: Final = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
_AS_IN_LAMBDA: Final = {"PYTHONDONTWRITEBYTECODE": "1", TRANSPORT: Transport.OWN.value}


class _Run(NamedTuple):
    """A program, and the variables that it runs with."""

    program: tuple[str, ...]
    variables: dict[str, str]

    def milliseconds(self, python: Path) -> float:
        """CPU time that the program says it took, the interpreter's own start not counted."""
        file, *arguments = self.program
        command: list[str | Path] = [python, _PROGRAMS / file, *arguments]
        environment = _ENVIRONMENT | self.variables
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return float(done.stdout.splitlines()[-1]) * 1000


def cold_start() -> list[Figure]:
    """The ratios of import and first call."""
    with running_subject() as subject, TemporaryDirectory() as name:
        folder = Path(name)
        with tls_front(subject.endpoint_url, folder) as front:
            return [
                figure
                for version, python in interpreters().items()
                for figure in _figures(version, python, subject, front, folder)
            ]


def _figures(version: str, python: Path, subject: Subject, front: Front, folder: Path) -> Iterator[Figure]:
    http = subject.environment
    validate = ("first_validate.py", TABLE_NAME, subject.token)
    get_item = ("first_get_item.py", TABLE_NAME, json.dumps(subject.key))
    bare = _Run(get_item, http | _path())

    def against(baseline: _Run, name: str, ours: _Run, limit: float) -> Figure:
        result = medians(partial(ours.milliseconds, python), partial(baseline.milliseconds, python), rounds=_ROUNDS)
        return ratio_figure(
            f"{version}: {name} : bare client + GetItem, CPU",
            measured=result.ours,
            baseline=result.baseline,
            unit="ms",
            limit=limit,
        )

    installed = _Run(validate, http | _path(str(ROOT)) | {TRANSPORT: Transport.OWN.value})
    yield against(bare, "import + first validate", installed, GOAL)
    validating, deciding = (_staged(each, version, folder) for each in (Function.INTROSPECT, Function.AUTHORIZER))
    for index, kind in enumerate(_KINDS):
        code = _path(validating[index]) | _AS_IN_LAMBDA
        yield against(bare, f"the same in a function, {kind}", _Run(validate, http | code), GOALS_OVER_HTTP[index])
        for authorities, number in ((front.authorities, "128 authorities"), (front.own_authority, "one authority")):
            tls = environment_of(front.url)
            bare_over_tls = _Run(get_item, tls | _path() | {"AWS_CA_BUNDLE": str(authorities)})
            ours = _Run(validate, tls | code | {"SSL_CERT_FILE": str(authorities)})
            yield against(bare_over_tls, f"the same over TLS, {kind}, {number}", ours, GOALS_OVER_TLS[index])
        authorizer = http | _path(deciding[index]) | _AS_IN_LAMBDA | {TABLE_NAME_VARIABLE: TABLE_NAME}
        decision = _Run(("first_decision.py", subject.token), authorizer)
        yield against(bare, f"the authorizer and its first decision, {kind}", decision, GOALS_OF_AUTHORIZER[index])
    with_botocore = http | _path(validating[0]) | _AS_IN_LAMBDA | {TRANSPORT: Transport.BOTOCORE.value}
    yield against(bare, "the same with botocore, from sources", _Run(validate, with_botocore), GOAL_WITH_BOTOCORE)
    if IS_FUNCTIONS and version == _THIS_PYTHON:
        wheels = stage_files(unzipped(libraries_zip(frozenset({Libraries.JWT}), this_platform())), folder)
        libraries = _Run(("import_libraries.py",), http | _path(str(wheels), validating[0]) | _AS_IN_LAMBDA)
        yield against(bare, "import of PyJWT and cryptography", libraries, GOAL_OF_LIBRARIES)


def _staged(function: Function, version: str, folder: Path) -> tuple[str, str]:
    """The folders of a function's code: of its sources alone, and with their byte code."""
    files = bundle_files(function)
    compiled = stage_files(files, folder / version, compiled=byte_code(files, version))
    return str(stage_files(files, folder)), str(compiled)


def _path(*folders: str) -> dict[str, str]:
    """The search path of modules, with the SDK last."""
    return {"PYTHONPATH": os.pathsep.join((*folders, _SDK))}
