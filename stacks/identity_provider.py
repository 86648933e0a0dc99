"""The identity provider that signs in to the demo, as `-c oidc=cognito` chooses it for the environment `local`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stacks.environments import EnvironmentSettingsError

if TYPE_CHECKING:
    from constructs import Node

    from stacks.environments import Environment

_COGNITO: Final = "cognito"
_ENVIRONMENT: Final = "local"
_ENDPOINT: Final = re.compile(r"http://127\.0\.0\.1:\d{1,5}")


def chosen_endpoint(node: Node, environment: Environment) -> str | None:
    """The embedded AWS whose Cognito signs in to the demo. None: any name does.

    Args:
        node: the app's node. Its context may have `oidc`, and then has `endpoint`.
        environment: the one that is chosen.

    Raises:
        EnvironmentSettingsError: there is no such provider, or not in this environment.
    """
    chosen = node.try_get_context("oidc")
    if chosen is None:
        return None
    if chosen != _COGNITO:
        raise EnvironmentSettingsError(f"oidc must be {_COGNITO}, got {chosen!r}")
    if environment.name != _ENVIRONMENT:
        raise EnvironmentSettingsError(f"oidc is for the environment {_ENVIRONMENT!r}, not for {environment.name!r}")
    endpoint = node.try_get_context("endpoint")
    if not isinstance(endpoint, str) or not _ENDPOINT.fullmatch(endpoint):
        raise EnvironmentSettingsError(f"endpoint must be http://127.0.0.1:PORT beside oidc, got {endpoint!r}")
    return endpoint
