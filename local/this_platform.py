"""This machine as a platform of functions, so that code made for functions can run here."""

from __future__ import annotations

import platform
import sys
from typing import Final

import local.jsii  # noqa: F401 - before anything imports aws_cdk
from session_store.cdk.platforms import Platform

IS_FUNCTIONS: Final = sys.platform == "linux"
"""Whether functions' compiled code runs here at all."""

_ALIASES: Final = {"aarch64": "arm64"}


def this_platform() -> Platform:
    """This Python and this processor."""
    machine = platform.machine()
    return Platform(f"python3.{sys.version_info.minor}", _ALIASES.get(machine, machine))
