"""Public keys as JSON Web Keys (RFC 7517), read from the form in which KMS and PEM files have them.

That is SubjectPublicKeyInfo in DER (RFC 5280). No function needs a library of cryptography for it.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
from typing import Final, NamedTuple

from session_store.errors import InvalidInputError
from session_store.jwt.claims import encoded

_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")
_P256: Final = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
_POINT: Final = 65  # bytes: 4 for "not compressed", x, y
_PEM: Final = re.compile(r"\s*-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*")
_LONG: Final = 0x80
_LEAST_BITS: Final = 2048


class PublicKey(NamedTuple):
    """A public key.

    Attributes:
        parts: its members as a JSON Web Key.
        algorithm: the only one that it is for.
    """

    parts: dict[str, str]
    algorithm: str

    @property
    def thumbprint(self) -> str:
        """An id that depends on the key alone (RFC 7638)."""
        canonical = json.dumps(self.parts, sort_keys=True, separators=(",", ":"))
        return encoded(hashlib.sha256(canonical.encode()).digest())

    def jwk(self, kid: str) -> dict[str, str]:
        """The key as an issuer publishes it."""
        return {**self.parts, "kid": kid, "use": "sig", "alg": self.algorithm}


def from_pem(name: str, text: str) -> PublicKey:
    """The key in a PEM file that begins with `BEGIN PUBLIC KEY`.

    Raises:
        InvalidInputError: it holds no RSA key of 2,048 bits or more, and none on the curve P-256.
    """
    match = _PEM.fullmatch(text) if isinstance(text, str) else None
    try:
        return from_der(binascii.a2b_base64("".join(match[1].split()), strict_mode=True) if match else b"")
    except ValueError:  # binascii.Error is one
        problem = "must be a public key in PEM, BEGIN PUBLIC KEY: RSA of 2,048 bits or more, or P-256"
        raise InvalidInputError(name, problem, confidential=True) from None


def from_der(content: bytes) -> PublicKey:
    """The key in a SubjectPublicKeyInfo.

    Raises:
        ValueError: it is of another kind, too short, or not whole.
    """
    kind, key = _members(_whole(content, _SEQUENCE), 2)
    bits = _whole(key, _BIT_STRING)[1:]  # the first byte says how many bits at the end do not count: none
    if kind == _P256 and len(bits) == _POINT:
        half = _POINT // 2 + 1
        return PublicKey({"kty": "EC", "crv": "P-256", "x": encoded(bits[1:half]), "y": encoded(bits[half:])}, "ES256")
    if kind != _RSA:
        raise ValueError("another kind of key")
    modulus, exponent = (_whole(each, _INTEGER).lstrip(b"\0") for each in _members(_whole(bits, _SEQUENCE), 2))
    if len(modulus) * 8 < _LEAST_BITS:
        raise ValueError("too short")
    return PublicKey({"kty": "RSA", "n": encoded(modulus), "e": encoded(exponent)}, "RS256")


def _members(content: bytes, number: int) -> list[bytes]:
    """The values that stand one after the other, each with its head."""
    found = []
    while content:
        length = _length(content)
        found.append(content[:length])
        content = content[length:]
    if len(found) != number:
        raise ValueError("not whole")
    return found


def _whole(value: bytes, tag: int) -> bytes:
    """The content of one value of DER, which has to be all there is."""
    if not value or value[0] != tag or _length(value) != len(value):
        raise ValueError("not whole")
    return value[_head(value) :]


def _head(value: bytes) -> int:
    """How many bytes a value's tag and length take."""
    if len(value) < 2:  # noqa: PLR2004 - a tag, and a length
        raise ValueError("not whole")
    return 2 + (value[1] & ~_LONG if value[1] & _LONG else 0)


def _length(value: bytes) -> int:
    """How many bytes a value takes, its head included."""
    head = _head(value)
    return head + (value[1] if head == 2 else int.from_bytes(value[2:head], "big"))  # noqa: PLR2004 - a short one
