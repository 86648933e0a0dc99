"""Processes as Linux lists them, with their descendants and the ports they listen on."""

from __future__ import annotations

import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final, TypeAlias

import pytest

_PROC: Final = Path("/proc")
_LISTENING: Final = "0A"

on_linux: Final = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, which Linux has")
"""Marks a test that uses this module."""

Address: TypeAlias = IPv4Address | IPv6Address


def descendants(pid: int) -> set[int]:
    """The process and all that it has started, directly or not."""
    children: dict[int, list[int]] = {}
    for process, parent in _parents().items():
        children.setdefault(parent, []).append(process)
    found, waiting = set[int](), [pid]
    while waiting:
        process = waiting.pop()
        found.add(process)
        waiting.extend(children.get(process, []))
    return found


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that still run."""
    return {pid for pid in pids if pid in _parents()}


def listening_addresses(pids: set[int]) -> set[Address]:
    """The addresses on which the processes accept TCP connections."""
    inodes = {inode for pid in pids for inode in _socket_inodes(pid)}
    return {address for inode, address in _listeners().items() if inode in inodes}


def _parents() -> dict[int, int]:
    found = {}
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:  # it ended meanwhile
                continue
            if state != "Z":
                found[int(folder.name)] = int(parent)
    return found


def _socket_inodes(pid: int) -> set[str]:
    inodes = set()
    try:
        for descriptor in (_PROC / str(pid) / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                inodes.add(target[len("socket:[") : -1])
    except OSError:  # it ended meanwhile
        pass
    return inodes


def _listeners() -> dict[str, Address]:
    found = {}
    for name in ("tcp", "tcp6"):
        for line in (_PROC / "net" / name).read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == _LISTENING:
                found[columns[9]] = _address(columns[1].partition(":")[0])
    return found


def _address(digits: str) -> Address:
    """Reads an address as the kernel writes it: words of four bytes, each in the machine's (little-endian) order."""
    words = [bytes.fromhex(digits[start : start + 8])[::-1] for start in range(0, len(digits), 8)]
    return ip_address(b"".join(words))
