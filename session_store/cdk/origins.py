"""Allowed origins that only the deployment knows, like the domain name of a distribution in the same app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from session_store.checks import check_names
from session_store.errors import InvalidInputError
from session_store.kernel.web_settings import check_origins

if TYPE_CHECKING:
    from collections.abc import Collection

    from session_store.catalog.declared import Settings

_TOKEN: Final = re.compile(r"\$\{Token\[[\w.-]+\]\}")  # how CDK writes a text that it does not know yet
_ANY_PART: Final = "1"  # of a host's name, or a port


def accept_origins(origins: Collection[str]) -> tuple[str, ...]:
    """Refuse what is no origin, as far as that shows in what is known: of `https://${Token[...]}/` the slash.

    The rest is checked when the function starts.

    Raises:
        InvalidInputError: naming the first that is not one.
    """
    accepted = check_names("allowed_origins", origins)
    for origin in accepted:
        if _TOKEN.sub("", origin):  # else it is nothing but a token
            try:
                check_origins([_TOKEN.sub(_ANY_PART, origin)])
            except InvalidInputError as error:  # which shows another text than was given
                raise InvalidInputError(error.field, error.problem, value=origin) from None
    return accepted


def known(origins: Collection[str]) -> tuple[str, ...]:
    """Those that have no token in them."""
    return tuple(origin for origin in origins if not _TOKEN.search(origin))


def environment(rules: Settings, origins: Collection[str]) -> dict[str, str]:
    """Rules as environment variables, with these allowed origins in place of those that they were checked with."""
    kind = rules.kinds()["allowed_origins"]
    return rules.environment() | {kind.variable: kind.write(tuple(origins))}
