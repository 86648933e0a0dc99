"""Ports of the loopback interface, where everything listens."""

from __future__ import annotations

import socket
from typing import Final

from local.console import CommandError

HOST: Final = "127.0.0.1"


def require_free_port(port: int) -> None:
    """Checks that nothing listens on a port of 127.0.0.1.

    Raises:
        CommandError: Something does.
    """
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise CommandError(
                f"Port {port} on {HOST} is in use by another program: stop it, or choose another port, "
                f"as in `make run PORT={port + 1}`."
            )


def free_port() -> int:
    """Finds a port of 127.0.0.1 that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
