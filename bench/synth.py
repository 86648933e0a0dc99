"""`cdk synth` of this repository's production environment against an empty app, both under the same `cdk.json`.

The goal is against an app as CDK makes it. That one has its template validated, which ours leaves to the tests. So an
empty app without validation stands beside it.

CPU time of the CDK CLI with everything that it starts: Python and the Node behind it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from bench.alternating import medians
from bench.report import Figure, ratio_figure
from local.paths import CDK_CLI, PYTHON, ROOT, WORK, node_folder, tool_environment

GOAL: Final = 1.5
_ROUNDS: Final = 5
_ENVIRONMENT: Final = "prod"
_PROGRAMS: Final = Path(__file__).parent / "programs"


def synthesis() -> list[Figure]:
    """The ratios of one synthesis to both empty apps."""
    ours = partial(_seconds, ROOT / "app.py")
    result = medians(ours, partial(_seconds, _PROGRAMS / "empty_app.py"), rounds=_ROUNDS)
    alike = medians(ours, partial(_seconds, _PROGRAMS / "empty_app_unvalidated.py"), rounds=_ROUNDS)
    return [
        ratio_figure(
            "cdk synth : empty app, CPU",
            measured=result.ours,
            baseline=result.baseline,
            unit="s",
            limit=GOAL,
        ),
        Figure(
            name="  cdk synth : empty app without validation either",
            measured=f"{alike.ours:.2f} s",
            baseline=f"{alike.baseline:.2f} s",
            ratio=alike.ours / alike.baseline,
            goal="(for comparison)",
            met=True,
        ),
    ]


def _seconds(app: Path) -> float:
    """CPU time of one synthesis in seconds, that of its child processes included."""
    environment = tool_environment(WORK / "home") | {"CDK_DISABLE_CLI_TELEMETRY": "true"}
    with tempfile.TemporaryDirectory() as output:
        command: list[str | Path] = [
            *(node_folder() / "node", CDK_CLI, "synth", "--quiet", "--no-notices", "--no-version-reporting"),
            *("--app", f"{PYTHON} {app}", "--context", f"env={_ENVIRONMENT}", "--output", output),
        ]
        # Not `subprocess.run`: only wait4 tells what this one process, with its children, has used.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return usage.ru_utime + usage.ru_stime
