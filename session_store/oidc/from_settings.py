"""From the settings of a sign-in to its parts. Secrets are read at their first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.oidc.secrets import SecretsManagerSecret

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock
    from session_store.oidc.settings import SignInSettings

_AS_THEY_ARE: Final = (
    *("redirect_uri", "scopes", "response_mode", "step_ups", "authorization_parameters", "post_logout_redirect_uri"),
    *("logout", "sign_in_counts"),
)
_OF_THE_HANDLER: Final = ("prefix", "carry_data", "kept_claims", "after_logout", "timeouts", "ends_with_browser")


def sign_in_arguments(settings: SignInSettings, clock: Clock | None) -> dict[str, Any]:
    """The arguments of an `OidcSignIn`, without its clock."""
    return {
        **settings.of_provider(),
        **{name: getattr(settings, name) for name in _AS_THEY_ARE},
        "client_secret": _client_secret(settings, clock),
        "cookie_secret": _secret(settings.cookie_secret, settings.cookie_secret_key, clock),
    }


def handler_arguments(settings: SignInSettings) -> dict[str, Any]:
    """The arguments of a `sign_in_handler`, without its store and the application's function."""
    return {name: getattr(settings, name) for name in _OF_THE_HANDLER}


def _client_secret(settings: SignInSettings, clock: Clock | None) -> Callable[[], str] | None:
    secret = _secret(settings.client_secret, settings.client_secret_key, clock)
    if secret is None or settings.apple_team_id is None:
        return secret
    from session_store.oidc.apple import AppleClientSecret  # noqa: PLC0415 - for Apple alone

    return AppleClientSecret(
        team_id=settings.apple_team_id,
        key_id=settings.apple_key_id or "",
        client_id=settings.client_id or "",
        private_key=secret,
        clock=clock,
    )


def _secret(secret_id: str | None, key: str | None, clock: Clock | None) -> SecretsManagerSecret | None:
    return None if secret_id is None else SecretsManagerSecret(secret_id, key=key, clock=clock)
