"""Settings about a provider, which travel from the construct to its functions. Both sides check them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from session_store import checks
from session_store.catalog.declared import Settings, Text, duration, setting
from session_store.errors import InvalidInputError
from session_store.jwt.agreed import MAX_LEEWAY, check_algorithm
from session_store.oidc.addresses import check_discovery_url, check_issuer
from session_store.oidc.arguments import (
    DEFAULT_LEEWAY,
    DEFAULT_LOGOUT_TOKEN_LIFE,
    MAX_LOGOUT_TOKEN_LIFE,
    check_prefix,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# For the logouts that a provider sends: no secret is among them.
_OF_PROVIDER: Final = (
    *("issuer", "client_id", "customer_prefix", "algorithm", "leeway", "logout_token_life", "discovery_url"),
)


class CheckedText(Text):
    """A text that a function checks.

    Args:
        variable: the environment variable.
        unit: for the documents.
        check: refuses what is not acceptable, naming the setting.
    """

    def __init__(self, variable: str, unit: str, check: Callable[[str, str], object]) -> None:
        super().__init__(variable)
        self.unit = unit
        self._check = check

    def check(self, name: str, value: str) -> None:  # noqa: D102 - as of every kind
        self._check(name, value)


def text(variable: str, unit: str, check: Callable[[str, str], object]) -> dict[str, Any]:
    """The metadata of a setting that is a text."""
    return setting(CheckedText(f"SESSION_OIDC_{variable}", unit, check))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings(Settings):
    """A provider, as far as its logouts are concerned. Issuer, client and prefix have to be given.

    Attributes:
        issuer: the provider, as it names itself.
        client_id: the application, as the provider knows it.
        customer_prefix: what customer ids begin with.
        algorithm: of its tokens.
        leeway: how far the clocks may be apart.
        logout_token_life: the longest life of a logout token.
        discovery_url: where the metadata is, if not below the issuer. On this machine alone.

    Raises:
        InvalidInputError: a value is missing, out of range or malformed.
    """

    issuer: str | None = field(default=None, metadata=text("ISSUER", "address", lambda _, value: check_issuer(value)))
    client_id: str | None = field(default=None, metadata=text("CLIENT_ID", "id", checks.check_id))
    customer_prefix: str | None = field(
        default=None, metadata=text("CUSTOMER_PREFIX", "prefix", lambda _, value: check_prefix(value))
    )
    algorithm: str = field(default="RS256", metadata=text("ALGORITHM", "`RS256` or `ES256`", check_algorithm))
    leeway: timedelta = field(
        default=DEFAULT_LEEWAY, metadata=duration("SESSION_OIDC_LEEWAY", timedelta(0), MAX_LEEWAY)
    )
    logout_token_life: timedelta = field(
        default=DEFAULT_LOGOUT_TOKEN_LIFE,
        metadata=duration("SESSION_OIDC_LOGOUT_TOKEN_LIFE", timedelta(seconds=1), MAX_LOGOUT_TOKEN_LIFE),
    )
    # It depends on the issuer whether it is acceptable.
    discovery_url: str | None = field(
        default=None, metadata=text("DISCOVERY_URL", "address", checks.check_optional_text)
    )

    def of_provider(self) -> dict[str, Any]:
        """The arguments of a `LogoutVerifier`."""
        return {name: getattr(self, name) for name in _OF_PROVIDER}

    def _check_together(self) -> None:
        for name in ("issuer", "client_id", "customer_prefix"):
            if not getattr(self, name):
                raise InvalidInputError(name, "must be given")
        check_discovery_url(self.discovery_url, self.issuer or "")
