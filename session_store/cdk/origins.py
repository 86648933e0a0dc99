"""Allowed origins that only the deployment knows, like the domain name of a distribution in the same app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.cdk.later import is_known, known_part, stand_in
from session_store.checks import check_names
from session_store.errors import InvalidInputError
from session_store.kernel.web_settings import check_origins

if TYPE_CHECKING:
    from collections.abc import Collection

    from session_store.catalog.declared import Settings


def accept_origins(origins: Collection[str]) -> tuple[str, ...]:
    """Refuse what is no origin, as far as that shows in what is known: of `https://${Token[...]}/` the slash.

    The rest is checked when the function starts.

    Raises:
        InvalidInputError: naming the first that is not one.
    """
    accepted = check_names("allowed_origins", origins)
    for origin in accepted:
        if known_part(origin):  # else it is nothing but a token
            try:
                check_origins([stand_in(origin)])
            except InvalidInputError as error:  # which shows another text than was given
                raise InvalidInputError(error.field, error.problem, value=origin) from None
    return accepted


def known(origins: Collection[str]) -> tuple[str, ...]:
    """Those that have no token in them."""
    return tuple(origin for origin in origins if is_known(origin))


def environment(rules: Settings, origins: Collection[str]) -> dict[str, str]:
    """Rules as environment variables, with these allowed origins in place of those that they were checked with."""
    kind = rules.kinds()["allowed_origins"]
    return rules.environment() | {kind.variable: kind.write(tuple(origins))}
