"""An earlier commit's cloud assembly: what it would have deployed, functions included."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from local.deploy import ENVIRONMENT
from local.paths import PYTHON, ROOT, tool_environment

COMMIT: Final = "d8d977b3e61f76c8e808bcf28fcb4f706d840cc6"
"""The first one with the rows and tokens that releases keep: later ones only add attributes and kinds of rows."""


def why_unavailable() -> str | None:
    """Why the commit cannot be had here; None when it can."""
    asked = ("git", "cat-file", "-e", f"{COMMIT}^{{commit}}")
    known = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False)
    return f"commit {COMMIT[:7]} is not in this checkout's history" if known.returncode else None


def cloud_assembly(folder: Path) -> Path:
    """Synthesize the environment `local` of the commit in an empty folder; the result is for `cdk deploy --app`."""
    archive = subprocess.run(("git", "archive", COMMIT), cwd=ROOT, capture_output=True, check=True).stdout
    checkout, assembly = folder / "checkout", folder / "assembly"
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(checkout, filter="data")
    context = json.loads((checkout / "cdk.json").read_text())["context"] | {"env": ENVIRONMENT}
    settings = {"CDK_OUTDIR": str(assembly), "CDK_CONTEXT_JSON": json.dumps(context)}
    environment = tool_environment(folder / "home") | settings
    # Started in its own folder, the program finds its own packages first.
    subprocess.run((PYTHON, "app.py"), cwd=checkout, env=environment, capture_output=True, check=True)
    return assembly
