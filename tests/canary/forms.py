"""The forms in which a careless program might write a secret down."""

from __future__ import annotations

import base64
import hashlib
import json
from math import ceil
from urllib.parse import quote

_REPR_QUOTES = b"'\""


def of_text(text: str) -> set[str]:
    """A text as it is, in other letters, backwards, escaped, percent-encoded, in hex, in base64 inside of anything."""
    raw = text.encode()
    spelled = {text, text.lower(), text.upper(), text[::-1], quote(text, safe=""), json.dumps(text)[1:-1]}
    return spelled | {raw.hex(), raw.hex().upper()} | _in_base64(raw)


def of_bytes(raw: bytes) -> set[str]:
    """Bytes in hex, in base64, as a number, as a list, as Python and as JSON show them."""
    as_json = json.dumps(raw.decode("latin-1"))[1:-1]
    # Python escapes the one quote when the other one is there, too.
    as_python = {repr(raw)[2:-1], repr(raw + _REPR_QUOTES)[2:-1].removesuffix("\\'\"")}
    numbers = {str(int.from_bytes(raw)), str(list(raw))[1:-1], ",".join(map(str, raw))}
    return {raw.hex(), raw.hex().upper(), raw.hex(":"), as_json} | as_python | numbers | _in_base64(raw)


def of_token_part(part: str) -> set[str]:
    """A family or a secret: the text that clients keep, and the random bytes that it stands for."""
    return of_text(part) | of_bytes(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def of_its_hash(part: str) -> set[str]:
    """The stored form of a family or a secret."""
    return of_bytes(hashlib.sha256(part.encode()).digest())


def parts_of(token: str) -> tuple[str, str]:
    """A token's family and secret."""
    *_, family, secret = token.split(".")
    return family, secret


def _in_base64(raw: bytes) -> set[str]:
    """The characters that do not depend on the text around it, for each of its three positions."""
    found = set()
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw).decode()
        inner = encoded[ceil(offset * 8 / 6) : (offset + len(raw)) * 8 // 6]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return found
