"""Customer ids in paths.

API Gateway decodes a request's path before it chooses the route, and gives the function nothing of the original: a
`%2F` arrives as `/` and makes one segment more, what follows a `%3F` is cut off, and `%25` stays as it is. So a
customer id may be written in two ways:

- percent-encoded, for ids without `?`. Ids with `/` arrive on the catch-all routes and are told apart here by what the
  path ends with; where that could be read in two ways, the request is refused.
- as `~` and the base64url of its UTF-8 bytes, without padding: any id, never ambiguous. The way for ids that others
  choose: percent-encoded, an id that ends in `/sessions` would reach another customer's route.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Final

from session_store.catalog.customers import CUSTOMER_ROUTES
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.catalog.route import Route

_FIELD: Final = "customer_id"
_GREEDY: Final = "customer_path"
_ENCODED_PREFIX: Final = "~"
_TO_STANDARD: Final = str.maketrans("-_", "+/")
_TO_URLSAFE: Final = bytes.maketrans(b"+/", b"-_")
# Words in our own routes behind a customer's id: in an id they would leave open where the id ends.
_ROUTE_SEGMENTS: Final = frozenset(
    segment for route in CUSTOMER_ROUTES for segment in route.path.split("/")[3:] if not segment.startswith("{")
)


def encode_customer_id(customer_id: str) -> str:
    """A customer id as a path segment that survives every gateway: `~` and base64url."""
    encoded = binascii.b2a_base64(customer_id.encode(), newline=False)
    return _ENCODED_PREFIX + encoded.translate(_TO_URLSAFE).decode("ascii").rstrip("=")


def decode_customer_id(segment: str) -> str:
    """The customer id that a path segment, as API Gateway delivers it, stands for.

    Raises:
        InvalidInputError: it begins with `~`, but is not what `encode_customer_id` makes.
    """
    if not segment.startswith(_ENCODED_PREFIX):
        return segment.replace("%25", "%")
    encoded = segment[len(_ENCODED_PREFIX) :].translate(_TO_STANDARD)
    try:
        customer_id = binascii.a2b_base64(encoded + "=" * (-len(encoded) % 4)).decode("utf-8")
    except ValueError:  # binascii.Error and UnicodeDecodeError are both
        customer_id = ""
    if encode_customer_id(customer_id) != segment:
        problem = "after ~ must be base64url, without padding, of the id in UTF-8"
        raise InvalidInputError(_FIELD, problem, value=segment)
    return customer_id


def split_customer_path(path: str, candidates: Sequence[Route]) -> tuple[Route, Mapping[str, str]] | None:
    """The route that a catch-all stands for in this request, with its path parameters.

    Args:
        path: what the catch-all's greedy parameter holds, decoded: `urn:a/b/sessions`.
        candidates: the routes it may stand for, in the order in which they are tried.

    Returns:
        None when no route has such a path.

    Raises:
        InvalidInputError: it cannot be told where the customer id ends.
    """
    segments = path.split("/")
    for route in candidates:
        tail = route.path.split("/")[3:]  # after the empty string, `customers` and the id
        if len(segments) > len(tail) and _fits(tail, segments[len(segments) - len(tail) :]):
            return route, _parameters(segments, tail)
    return None


def _fits(tail: Sequence[str], segments: Sequence[str]) -> bool:
    return all(name.startswith("{") or name == segment for name, segment in zip(tail, segments, strict=True))


def _parameters(segments: Sequence[str], tail: Sequence[str]) -> dict[str, str]:
    head = segments[: len(segments) - len(tail)]
    customer_id = "/".join(head)
    if not _ROUTE_SEGMENTS.isdisjoint(head):
        problem = "is ambiguous in a path: write it as ~ and the base64url of the id"
        raise InvalidInputError(_FIELD, problem, value=customer_id)
    values = zip(tail, segments[len(head) :], strict=True)
    return {_FIELD: customer_id} | {name[1:-1]: value for name, value in values if name.startswith("{")}


def greedy_value(path_parameters: Mapping[str, str]) -> str:
    """What the greedy parameter of a catch-all holds."""
    return path_parameters.get(_GREEDY, "")
