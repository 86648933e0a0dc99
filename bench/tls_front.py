"""A server with TLS in front of an engine that speaks plain HTTP, and the authorities to verify it by."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import botocore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from local.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE: Final = 65536
_DAY: Final = dt.timedelta(days=1)


class Front(NamedTuple):
    """A running server.

    Attributes:
        url: where it answers.
        authorities: a file of the authorities of botocore, 127 of them, and of the server's own.
        own_authority: a file of that one alone.
    """

    url: str
    authorities: Path
    own_authority: Path


@contextmanager
def tls_front(endpoint_url: str, folder: Path) -> Iterator[Front]:
    """Answer on a port of this machine with what another server answers.

    Args:
        endpoint_url: of that server.
        folder: for certificates.
    """
    own_authority, authorities = folder / "own.pem", folder / "authorities.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(own_authority))
    authorities.write_bytes(Path(botocore.__file__).with_name("cacert.pem").read_bytes() + own_authority.read_bytes())
    parts = urlsplit(endpoint_url)
    with socket.create_server((HOST, 0), backlog=32) as listener:
        behind = (str(parts.hostname), int(parts.port or 80))
        thread = threading.Thread(target=_accept, args=(listener, context, behind), daemon=True)
        thread.start()
        yield Front(f"https://{HOST}:{listener.getsockname()[1]}", authorities, own_authority)
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _certificate(file: Path) -> Path:
    """A certificate that is its own authority, and its key in another file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - _DAY, now + _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both = file.with_name("server.pem")
    both.write_bytes(key.private_bytes(*form) + file.read_bytes())
    return both


def _accept(listener: socket.socket, context: ssl.SSLContext, behind: tuple[str, int]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, context, behind), daemon=True).start()


def _serve(connection: socket.socket, context: ssl.SSLContext, behind: tuple[str, int]) -> None:
    """Hand on one request after another. Each comes, and is answered, in one piece or a few."""
    with suppress(OSError), socket.create_connection(behind) as back:
        with context.wrap_socket(connection, server_side=True) as front:
            threading.Thread(target=_copy, args=(back, front), daemon=True).start()
            _copy(front, back)
        back.shutdown(socket.SHUT_RDWR)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
