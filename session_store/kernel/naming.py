"""Which key of the session is meant, when a handler's data is refused."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from session_store.errors import DataTooLargeError, InvalidInputError, holds_token

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = re.compile(r"[A-Za-z_][\w.:-]{0,63}", re.ASCII)


@contextmanager
def naming_keys() -> Iterator[None]:
    """Let a refusal name the top-level key, if it looks like a name in the application's code and not like data."""
    try:
        yield
    except DataTooLargeError:
        raise
    except InvalidInputError as error:
        key = error.pointer.split("/")[1] if error.pointer else ""
        if not _NAME.fullmatch(key) or holds_token(key):
            raise
        problem = f"{error.problem}, under the key {key!r}"
        raise InvalidInputError(error.field, problem, confidential=True, pointer=error.pointer) from None
