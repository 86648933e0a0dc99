"""Runs a module as a program, and writes into a file how many kilobytes of memory it took at most.

Usage: python -m bench.programs.peak_memory FILE MODULE [ARGUMENT ...]

The parent cannot ask the system for that: a process that is started by a large one counts that one's memory as its own.
"""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

file, *sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
finally:
    used = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    Path(file).write_text(used[1] if used else "", encoding="ascii")
