"""A program that is slow to import, kept imported: each of its commands runs in a fork.

    python forks.py SOCKET ARGUMENT...                      one command
    python forks.py --serve SOCKET MODULE:NAME MODULE...    until it is stopped

NAME has a method `main` that takes the arguments, or is a function that makes such an object. The other modules are
imported, too. Only the standard library, because a program brings an environment of its own.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

_MOST_BYTES: Final = 1 << 20


def serve(path: str, program: str, *modules: str) -> None:
    """Answer commands at a Unix socket, each in a fork."""
    module, _, name = program.partition(":")
    found = getattr(import_module(module), name)
    ready = found() if inspect.isfunction(found) else found
    for each in modules:
        import_module(each)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nothing waits for a fork
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        while True:
            connection, _address = listening.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _run(connection, ready)
            connection.close()


def _run(connection: socket.socket, program: Any) -> None:
    """Run one command on the terminal, in the folder and in the environment of its caller."""
    request, files, _flags, _address = socket.recv_fds(connection, _MOST_BYTES, 3)
    arguments, folder, environment = json.loads(request)
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(folder)
    os.environ.update(environment)  # beside what the program set for itself
    try:
        status = program.main(arguments)
    except SystemExit as end:
        status = end.code
    except Exception:  # noqa: BLE001 - printed, as where each command is a process of its own
        sys.excepthook(*sys.exc_info())
        status = 1
    sys.stdout.flush()
    connection.sendall(bytes([status or 0]))
    os._exit(0)


def call(path: str, *arguments: str) -> int:
    """Run a command where `serve` listens; its exit status."""
    request = json.dumps([arguments, str(Path.cwd()), dict(os.environ)]).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [request], [0, 1, 2])
        status = connection.recv(1)
    return status[0] if status else 1


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(*sys.argv[2:])
    sys.exit(call(*sys.argv[1:]))
