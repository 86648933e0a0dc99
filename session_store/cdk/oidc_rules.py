"""The settings of a sign-in, checked at synthesis as far as they are known then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.cdk.later import is_known, stand_in
from session_store.errors import InvalidInputError
from session_store.oidc.settings import SignInSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.oidc.provider_settings import ProviderSettings

_ANY_ADDRESS: Final = "https://localhost"
_ADDRESSES: Final = frozenset({"issuer", "redirect_uri", "post_logout_redirect_uri", "discovery_url"})


class SignInRules(NamedTuple):
    """The settings, and those of them that only the deployment knows.

    Attributes:
        settings: with acceptable texts in place of what is not known.
        later: the texts with tokens, by setting.
    """

    settings: SignInSettings
    later: Mapping[str, str]

    def environment(self, family: type[ProviderSettings] = SignInSettings) -> dict[str, str]:
        """The environment variables of a function.

        Args:
            family: the settings that it reads.
        """
        kinds = family.kinds()
        checked = self.settings.environment()
        later = {kinds[name].variable: text for name, text in self.later.items() if name in kinds}
        return {kind.variable: checked[kind.variable] for kind in kinds.values() if kind.variable in checked} | later


def checked_rules(**given: Any) -> SignInRules:  # noqa: ANN401 - right or wrong
    """Check settings.

    Args:
        given: by name. One that is None is left out.

    Raises:
        InvalidInputError: one is missing, out of range or malformed, or does not go with another.
    """
    there = {name: value for name, value in given.items() if value is not None}
    later = {name: value for name, value in there.items() if isinstance(value, str) and not is_known(value)}
    try:
        settings = SignInSettings(**there | {name: _stand_in(name, text, later) for name, text in later.items()})
    except InvalidInputError as error:
        if error.field not in later:
            raise
        raise InvalidInputError(error.field, error.problem, value=later[error.field]) from None
    return SignInRules(settings, later)


def _stand_in(name: str, text: str, later: Mapping[str, str]) -> str | None:
    if name == "discovery_url" and "issuer" in later:  # whether it is below the issuer, the function sees at its start
        return None
    return stand_in(text, _ANY_ADDRESS) if name in _ADDRESSES else stand_in(text)
