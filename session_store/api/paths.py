"""Ids in paths: those of sessions are UUIDs, and those of customers have one spelling each.

API Gateway decodes a request's path before it chooses the route, and gives the function nothing of the original. A
`%2F` arrives as `/` and makes one segment more, what follows a `%3F` is cut off, and `%25` stays as it is. So an id is
written as it is where none of its characters means anything to a gateway, a client or an IAM policy (`*` and `?` are
wildcards there), and otherwise as `~` and the base64url of its UTF-8 bytes, without padding. No id has both spellings.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN_CHARACTER: Final = "[A-Za-z0-9._@:|+-]"
_CUSTOMER_ID: Final = "customer_id"
_PLAIN: Final = re.compile(f"{PLAIN_CHARACTER}+")
_UUID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DOT_SEGMENTS: Final = frozenset({".", ".."})  # clients resolve them before they send: `/customers/./sessions`
_ENCODED_PREFIX: Final = "~"
_TO_STANDARD: Final = str.maketrans("-_", "+/")
_TO_URLSAFE: Final = bytes.maketrans(b"+/", b"-_")


def read_path(parameters: Mapping[str, str]) -> dict[str, str]:
    """A route's path parameters, all of them ids, as the handlers take them.

    Raises:
        InvalidInputError: one is not as it should be.
    """
    return {name: _read_id(name, segment) for name, segment in parameters.items()}


def _read_id(name: str, segment: str) -> str:
    if name == _CUSTOMER_ID:
        return decode_customer_id(segment)
    if not _UUID.fullmatch(segment):
        raise InvalidInputError(name, "must be a UUID in lower case", value=segment)
    return segment


def encode_customer_id(customer_id: str) -> str:
    """A customer id as a path segment of the HTTP API, in the only spelling that it is found by.

    As it is when it has letters, digits and `.`, `_`, `@`, `:`, `|`, `+`, `-` alone. Any other id (and `.` and `..`) as
    `~` and base64url.
    """
    if _is_plain(customer_id):
        return customer_id
    encoded = binascii.b2a_base64(customer_id.encode(), newline=False)
    return _ENCODED_PREFIX + encoded.translate(_TO_URLSAFE).decode("ascii").rstrip("=")


def decode_customer_id(segment: str) -> str:
    """The customer id that a path segment, as API Gateway delivers it, stands for.

    Raises:
        InvalidInputError: it is not what `encode_customer_id` makes of any id.
    """
    if _is_plain(segment):
        return segment
    customer_id = _decoded(segment)
    if encode_customer_id(customer_id) != segment:
        problem = "must be as it is, of A-Z a-z 0-9 . _ @ : | + -; any other id is ~ and the base64url of its UTF-8"
        raise InvalidInputError(_CUSTOMER_ID, problem, value=segment)
    return customer_id


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text not in _DOT_SEGMENTS


def _decoded(segment: str) -> str:
    """The text whose base64url follows the prefix, empty when there is none."""
    encoded = segment[len(_ENCODED_PREFIX) :].translate(_TO_STANDARD)
    try:
        return binascii.a2b_base64(encoded + "=" * (-len(encoded) % 4)).decode("utf-8")
    except ValueError:  # binascii.Error and UnicodeDecodeError are both
        return ""
