"""A certificate authority, for servers with TLS."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW: Final = dt.datetime.now(dt.UTC)
DAY: Final = dt.timedelta(days=1)
FAULTS: Final = ("another name", "another authority", "expired")
"""Of certificates."""


class Authority(NamedTuple):
    """A certificate authority."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        basic = x509.BasicConstraints(ca=True, path_length=None)
        return cls(key, _signed(key, key, _name("authority"), _name("authority"), basic, NOW + DAY))

    def context(
        self, folder: Path, name: str = "localhost", until: dt.datetime = NOW + DAY, *, alone: bool = False
    ) -> ssl.SSLContext:
        """A server's context with a certificate of this authority, which has the name in its subject alone or not."""
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.SubjectAlternativeName([x509.DNSName(name)])
        extension = x509.BasicConstraints(ca=False, path_length=None) if alone else named
        certificate = _signed(self.key, key, self.certificate.subject, _name(name), extension, until)
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        file = folder / "server.pem"
        file.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def faulty_context(self, folder: Path, fault: str) -> ssl.SSLContext:
        """A server's context with a certificate that is not good."""
        by = Authority.new() if fault == "another authority" else self
        name = "elsewhere" if fault == "another name" else "localhost"
        return by.context(folder, name, NOW - DAY if fault == "expired" else NOW + DAY)

    def trusted_alone(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let this process trust this authority alone."""
        file = folder / "authorities.pem"
        file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))


def _signed(  # noqa: PLR0917 - the parts of a certificate
    by: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    subject: x509.Name,
    extension: x509.ExtensionType,
    until: dt.datetime,
) -> x509.Certificate:
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    dated = builder.not_valid_before(NOW - 10 * DAY).not_valid_after(until)
    return dated.add_extension(extension, critical=False).sign(by, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
