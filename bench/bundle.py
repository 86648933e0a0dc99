"""The size of what each function runs: its code, zipped, and with libraries that have compiled code."""

from __future__ import annotations

from typing import Final

import local.jsii  # noqa: F401 - before anything imports aws_cdk
from bench.interpreters import OF_FUNCTIONS
from bench.report import Figure
from session_store.catalog.functions import Function
from session_store.cdk.archive import unzipped
from session_store.cdk.bundle import bundle_zip
from session_store.cdk.interpreters import interpreter_of
from session_store.cdk.platforms import Platform
from session_store.cdk.wheels import Libraries, libraries_zip

# 1 KB of it is the compressed form of data. All that read sessions know it, with any settings. 12 KB are the
# transport of our own, with the SDK's errors beside it: half a cold start for a twentieth of a zip with its libraries.
_GOAL_BYTES: Final = 108 * 1024
# Its zip has the libraries besides, which are fifty times as large.
_OTHERS: Final = {Function.SIGN_IN: 124 * 1024}
# Byte code is two and a half times as large as the sources, which stay for traces: a third of a cold start.
_GOAL_WITH_BYTE_CODE: Final = 390 * 1024
_OTHERS_WITH_BYTE_CODE: Final = {Function.SIGN_IN: 460 * 1024}
_MEGABYTE: Final = 1024 * 1024
# A tenth of what Lambda takes, zipped and unzipped.
_GOAL_ZIPPED: Final = 5 * _MEGABYTE
_GOAL_UNZIPPED: Final = 25 * _MEGABYTE
# The constructs' default.
_PLATFORM: Final = Platform(f"python{OF_FUNCTIONS}", "arm64")


def goal_bytes(function: Function) -> int:
    """How large a function's own code may be."""
    return _OTHERS.get(function, _GOAL_BYTES)


def bundle_size() -> list[Figure]:
    """The size of each function's zip file, and of the largest one with each kind of libraries, against the goals."""
    sizes = {function: len(bundle_zip(function)) for function in Function}
    figures = [_figure(f"{function.value}, zipped", size, goal_bytes(function)) for function, size in sizes.items()]
    if interpreter_of(_PLATFORM.python):
        for function in Function:
            goal = _OTHERS_WITH_BYTE_CODE.get(function, _GOAL_WITH_BYTE_CODE)
            size = len(bundle_zip(function, python=_PLATFORM.python))
            figures.append(_figure(f"{function.value} with byte code, zipped", size, goal))
    largest = max(sizes, key=sizes.__getitem__)
    for libraries in Libraries:
        archive = bundle_zip(largest, libraries_zip(frozenset({libraries}), _PLATFORM))
        unzipped_size = sum(map(len, unzipped(archive).values()))
        figures.append(_of_libraries(f"{largest.value} with {libraries}, zipped", len(archive), _GOAL_ZIPPED))
        figures.append(_of_libraries(f"{largest.value} with {libraries}, unzipped", unzipped_size, _GOAL_UNZIPPED))
    return figures


def _figure(name: str, size: int, goal: int) -> Figure:
    return Figure(name=name, measured=f"{size / 1024:.1f} KB", goal=f"<= {goal // 1024} KB", met=size <= goal)


def _of_libraries(name: str, size: int, goal: int) -> Figure:
    return Figure(name=name, measured=f"{size / _MEGABYTE:.1f} MB", goal=f"<= {goal // _MEGABYTE} MB", met=size <= goal)
