"""Ids on the command line, and on stdin where the argument is `-`."""

from __future__ import annotations

import json
import sys
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidInputError, holds_token
from session_store.tokens import is_session_id

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN: Final = "-"


def each_id(given: str) -> Iterator[str]:
    """The id that was given, or for `-` those of stdin, a line each. Line ends of Windows do not count."""
    if given != STDIN:
        yield given
        return
    for line in sys.stdin.buffer:
        if name := line.removeprefix(BOM_UTF8).rstrip(b"\r\n").decode("utf-8", "surrogateescape"):
            yield name


def each_session_id(given: str) -> Iterator[str]:
    """The same for ids of sessions. A line may also be a session as a JSON object, as `list` writes it."""
    for name in each_id(given):
        yield _of_json(name) if name.lstrip().startswith("{") else name


def check_session_id(value: str) -> str:
    """An id of a session, in small letters.

    Raises:
        InvalidInputError: it is none. A token is not quoted.
    """
    name = value.strip().lower()
    if holds_token(value):
        problem = "is a token, which is secret: the session's id is the part of it between the first two points"
        raise InvalidInputError("session_id", problem, confidential=True)
    if not is_session_id(name):
        problem = "must be the id of a session, 36 characters like 01880fb9-92c0-..."
        raise InvalidInputError("session_id", problem, value=value)
    return name


def _of_json(line: str) -> str:
    try:
        row = json.loads(line)
    except ValueError:
        return line
    return str(row.get("session_id", line)) if isinstance(row, dict) else line
