"""Byte code of a function's sources, made by an interpreter of the function's Python where this machine has one.

Lambda keeps no byte code: without it each cold start compiles. It lies beside the sources, under names that no other
version of Python looks at, and is not compared with them (PEP 552).
"""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from session_store.cdk.interpreters import ISOLATED, interpreter_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FOLDER: Final = "/var/task/"  # of a function's code, for the traces of errors
_PATIENCE_SECONDS: Final = 60
# Runs in the other interpreter. The header is that of PEP 552: the magic number, "unchecked hash", the source's hash.
_PROGRAM: Final = """
import base64, importlib.util, json, marshal, sys

made = {}
for path, source in json.load(sys.stdin).items():
    code = compile(source, sys.argv[1] + path, "exec", dont_inherit=True)
    header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(source.encode())
    made[path] = base64.b64encode(header + marshal.dumps(code)).decode()
json.dump(made, sys.stdout)
"""
_made: Final[dict[tuple[str, str, bytes], bytes]] = {}


def byte_code(files: Mapping[str, bytes], python: str) -> dict[str, bytes]:
    """The byte code of modules: path in the archive to content. Nothing without an interpreter of that version.

    The same sources make the same bytes, in any order and on any machine with this version of Python.

    Args:
        files: path in the archive (POSIX) to content. Those that are no modules are left out.
        python: the version, for instance `3.13`.
    """
    interpreter = interpreter_of(python)
    modules = {path: source for path, source in files.items() if path.endswith(".py")}
    if interpreter is None:
        return {}
    new = {path: source for path, source in modules.items() if (python, path, source) not in _made}
    if new:
        made = _compiled(interpreter, new)
        _made.update({(python, path, source): made[path] for path, source in new.items()})
    return {_cached(path, python): _made[python, path, source] for path, source in modules.items()}


def _compiled(interpreter: Path, sources: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The byte code by the path of its source."""
    done = subprocess.run(  # noqa: S603 - none of it is input
        [interpreter, *ISOLATED, "-X", "utf8", "-c", _PROGRAM, _FOLDER],
        input=json.dumps({path: source.decode() for path, source in sources.items()}),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=_PATIENCE_SECONDS,
        check=True,
    )
    return {path: b64decode(content) for path, content in json.loads(done.stdout).items()}


def _cached(path: str, python: str) -> str:
    """The path at which the interpreter looks for a module's byte code."""
    source = PurePosixPath(path)
    return str(source.parent / "__pycache__" / f"{source.stem}.cpython-{python.replace('.', '')}.pyc")
