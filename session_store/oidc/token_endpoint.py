"""The token endpoint: a code becomes tokens, once."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode

from session_store.errors import StoreConfigurationError
from session_store.jwt.fetching import NoAnswerError, ask
from session_store.oidc.errors import ProviderAnswerError, ProviderUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.jwt.fetching import JsonAnswer
    from session_store.oidc.metadata import Metadata

_OK: Final = 200
_STATUSES: Final = (_OK, 400, 401)
_OUR_FAULTS: Final = frozenset(
    {"invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_request", "invalid_scope"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The provider's tokens. The library keeps none of them, and none is in `repr`.

    Attributes:
        id_token: as it came, verified by now.
        access_token: for the provider's own services, None if there is none.
        refresh_token: None if there is none.
    """

    id_token: str = field(repr=False)
    access_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The application, as the provider knows it.

    Attributes:
        client_id: its id.
        secret: gives its secret. None for a public client.
        redirect_uri: its redirect URI.
    """

    client_id: str
    secret: Callable[[], str] | None = field(repr=False)
    redirect_uri: str


def exchange(client: Client, metadata: Metadata, code: str, verifier: str) -> Tokens:
    """Exchange a code. One request, which is not made again: a code is good once.

    Raises:
        ProviderAnswerError: the code is not accepted, or the answer has no ID token.
        ProviderUnavailableError: there is no answer.
        StoreConfigurationError: the provider does not accept the client.
        StoreUnavailableError: the secret could not be read.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    headers, proof = proof_of(client, metadata)
    body = urlencode(form | proof).encode()
    try:
        answer = ask(metadata.token, statuses=_STATUSES, form=body, headers=headers)
    except NoAnswerError as error:
        cause = error.cause
    else:
        return _tokens(answer)
    raise ProviderUnavailableError("POST to the provider's token endpoint", cause)


def proof_of(client: Client, metadata: Metadata) -> tuple[dict[str, str], dict[str, str]]:
    """Headers and fields that say which client asks.

    Raises:
        StoreUnavailableError: the secret could not be read.
    """
    if client.secret is None:
        return {}, {"client_id": client.client_id}
    if not metadata.takes_basic:
        return {}, {"client_id": client.client_id, "client_secret": client.secret()}
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret())}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}, {}


def _tokens(answer: JsonAnswer) -> Tokens:
    fields = answer.fields
    if answer.status != _OK:
        error = fields.get("error")
        if error in _OUR_FAULTS:
            raise StoreConfigurationError(
                f"the provider's token endpoint answered {error}: check id, secret and redirect URI"
            )
        raise ProviderAnswerError("the code is not accepted" if error == "invalid_grant" else "it refused the code")
    id_token = fields.get("id_token")
    if not isinstance(id_token, str) or str(fields.get("token_type", "")).lower() != "bearer":
        raise ProviderAnswerError("it has no ID token, or tokens of another type")
    return Tokens(
        id_token=id_token,
        access_token=_text(fields, "access_token"),
        refresh_token=_text(fields, "refresh_token"),
    )


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None
