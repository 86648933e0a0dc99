"""Names below `localhost` are this machine in Python, as they are in browsers: the embedded AWS has its APIs there."""

import socket
from typing import Any

_find = socket.getaddrinfo


def _find_here(host: Any, *more: Any, **named: Any) -> Any:
    return _find("127.0.0.1" if str(host).endswith(".localhost") else host, *more, **named)


socket.getaddrinfo = _find_here
