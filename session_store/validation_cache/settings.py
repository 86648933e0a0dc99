"""Settings of the cache of validations, which travel from the constructs to the functions. Both sides check them."""

from __future__ import annotations

import re
from typing import Final

from session_store.catalog.declared import Flag, Settings, Text, number, setting
from session_store.errors import InvalidInputError
from session_store.settings import VALIDATION_CACHE_HOST
from session_store.values import dataclass, field

DEFAULT_PORT: Final = 6379
_MAX_PORT: Final = 65535
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")


class _Host(Text):
    unit = "name"
    form = r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?"
    problem = "must be the name or the address of a host, without a scheme"


class _Name(Text):
    unit = "name"

    def check(self, name: str, value: str) -> None:
        check_name(name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationCacheSettings(Settings):
    """A cache of validations, the same for everything that uses the table.

    Attributes:
        host: name or address of the Valkey or Redis server.
        port: of the server.
        tls: whether connections are encrypted.
        name: of the cache in ElastiCache, where a role of IAM signs in to it. None for no sign-in.
        user: of ElastiCache, likewise.

    Raises:
        InvalidInputError: a value is malformed or missing.
    """

    host: str | None = field(default=None, metadata=setting(_Host(VALIDATION_CACHE_HOST)))
    port: int = field(default=DEFAULT_PORT, metadata=number("SESSION_VALIDATION_CACHE_PORT", "port", 1, _MAX_PORT))
    tls: bool = field(default=True, metadata=setting(Flag("SESSION_VALIDATION_CACHE_TLS")))
    name: str | None = field(default=None, metadata=setting(_Name("SESSION_VALIDATION_CACHE_NAME")))
    user: str | None = field(default=None, metadata=setting(_Name("SESSION_VALIDATION_CACHE_USER")))

    def _check_together(self) -> None:
        if not self.host:
            raise InvalidInputError("host", "must be given")
        for one, other in (("name", self.user), ("user", self.name)):
            if other and not getattr(self, one):
                raise InvalidInputError(one, "must be given, too: ElastiCache needs cache and user")


def check_name(field_name: str, value: str) -> str:
    """A name as ElastiCache has them.

    Raises:
        InvalidInputError: naming the argument.
    """
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise InvalidInputError(field_name, "must be a letter and up to 63 letters, digits and hyphens", value=value)
    return value
