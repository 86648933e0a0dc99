"""The size of what each function runs: its code, zipped."""

from __future__ import annotations

from typing import Final

import local.jsii  # noqa: F401 - before anything imports aws_cdk
from bench.report import Figure
from session_store.catalog.functions import Function
from session_store.cdk.bundle import bundle_zip

# 1 KB of it is the compressed form of data. All that read sessions know it, whatever their settings say.
GOAL_BYTES: Final = 96 * 1024


def bundle_size() -> list[Figure]:
    """The size of each function's zip file, against the goal."""
    sizes = {function: len(bundle_zip(function)) for function in Function}
    return [
        Figure(
            name=f"{function.value}, zipped",
            measured=f"{size / 1024:.1f} KB",
            goal=f"<= {GOAL_BYTES // 1024} KB",
            met=size <= GOAL_BYTES,
        )
        for function, size in sizes.items()
    ]
