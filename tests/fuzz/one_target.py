#!/usr/bin/env python
"""libFuzzer for the target that FUZZ_TARGET names. Executable, because merging starts it again by its own name."""

import os
import sys

import atheris

atheris.enabled_hooks.add("str")
with atheris.instrument_imports(include=["session_store", "demo"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    atheris.Setup(sys.argv, TARGETS[os.environ["FUZZ_TARGET"]])
    atheris.Fuzz()
