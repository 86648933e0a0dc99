"""Synthesis of this repository's app against an empty app: CPU time of the process and of the Node it starts."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from bench.alternating import medians
from bench.report import Figure, ratio_figure
from local.tools import PYTHON, ROOT, WORK, tool_environment

GOAL: Final = 1.5
_ROUNDS: Final = 5
_EMPTY_APP: Final = Path(__file__).parent / "programs" / "empty_app.py"


def synthesis() -> list[Figure]:
    """Measure."""
    result = medians(partial(_seconds, ROOT / "app.py"), partial(_seconds, _EMPTY_APP), rounds=_ROUNDS)
    return [
        ratio_figure(
            "cdk synth : empty app, CPU",
            measured=result.ours,
            baseline=result.baseline,
            unit="s",
            limit=GOAL,
        )
    ]


def _seconds(app: Path) -> float:
    """CPU time of one synthesis, as the CDK CLI has it run."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    with tempfile.TemporaryDirectory() as output:
        environment = tool_environment(WORK / "home") | {
            "CDK_OUTDIR": output,
            "CDK_CONTEXT_JSON": json.dumps(context),
        }
        # Not `subprocess.run`: only wait4 tells what this one process, with its children, has used.
        process = subprocess.Popen(
            [PYTHON, app], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        with process:
            messages = process.stderr.read() if process.stderr else b""
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args, stderr=messages)
    return usage.ru_utime + usage.ru_stime
