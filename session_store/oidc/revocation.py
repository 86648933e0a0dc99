"""The revocation endpoint (RFC 7009): a refresh token that an application has kept is good for nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from session_store.jwt.fetching import NoAnswerError, status_of
from session_store.oidc.errors import ProviderUnavailableError
from session_store.oidc.token_endpoint import proof_of

if TYPE_CHECKING:
    from session_store.oidc.metadata import Metadata
    from session_store.oidc.token_endpoint import Client

_OK: Final = 200  # also for a token that is revoked already, or unknown


def revoke(client: Client, metadata: Metadata, refresh_token: str) -> bool:
    """Revoke a refresh token. One request.

    Returns:
        False if the provider has no such endpoint.

    Raises:
        ProviderUnavailableError: the provider has not done it, or there is no answer.
        StoreUnavailableError: the secret could not be read.
    """
    if metadata.revocation is None:
        return False
    headers, proof = proof_of(client, metadata)
    body = urlencode({"token": refresh_token, "token_type_hint": "refresh_token", **proof}).encode()
    try:
        status_of(metadata.revocation, statuses=(_OK,), form=body, headers=headers)
    except NoAnswerError as error:
        cause = error.cause
    else:
        return True
    raise ProviderUnavailableError("POST to the provider's revocation endpoint", cause)
