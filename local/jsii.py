"""Tells jsii the path of Node and of its own cache. Import this before `aws_cdk`."""

from __future__ import annotations

import os

from local.paths import JSII_CACHE, WORK, node_folder

os.environ.setdefault("JSII_NODE", str(node_folder() / "node"))
os.environ.setdefault(JSII_CACHE, str(WORK / "cache" / "jsii"))
