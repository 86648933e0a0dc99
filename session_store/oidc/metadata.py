"""The provider's metadata (OpenID Connect Discovery): fetched when it is needed, checked, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from session_store.jwt.fetching import NoAnswerError, fetch_json
from session_store.jwt.kept import Kept
from session_store.oidc.addresses import is_endpoint, is_of_this_machine
from session_store.oidc.errors import ProviderUnavailableError

if TYPE_CHECKING:
    from session_store.clock import Clock

FRESH_SECONDS: Final = 3600.0
KEPT_SECONDS: Final = 86_400.0
"""While the provider does not answer, the metadata of its last answer is good for so long."""
_PAUSE_SECONDS: Final = 30.0
_DEFAULT_METHODS: Final = ["client_secret_basic"]  # where the provider says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The metadata of a provider, as far as a sign-in needs it.

    Attributes:
        authorization: where the browser is sent.
        token: where codes are exchanged.
        keys: where the public keys are.
        end_session: where the browser is sent to sign out there, too. None if the provider names no such address.
        revocation: where refresh tokens are revoked (RFC 7009). None likewise.
        says_issuer: whether each of its answers has `iss` (RFC 9207).
        takes_basic: whether a client proves itself in the header. Otherwise its secret is in the body.
    """

    authorization: str
    token: str
    keys: str
    end_session: str | None
    revocation: str | None
    says_issuer: bool
    takes_basic: bool


def kept_metadata(issuer: str, url: str, algorithm: str, clock: Clock) -> Kept[Metadata]:
    """The metadata of an issuer, which is fetched at its first use.

    Args:
        issuer: as the metadata must name it.
        url: where it is.
        algorithm: of ID tokens. A provider that says it has others alone is refused.
        clock: says how old it is.
    """
    return Kept(
        lambda: _checked(fetch_json(url), issuer, algorithm, local=is_of_this_machine(url)),
        partial(ProviderUnavailableError, "GET of the provider's metadata"),
        fresh=FRESH_SECONDS,
        kept=KEPT_SECONDS,
        pause=_PAUSE_SECONDS,
        clock=clock,
    )


def _checked(fields: dict[str, Any], issuer: str, algorithm: str, *, local: bool) -> Metadata:
    if fields.get("issuer") != issuer:
        raise NoAnswerError("it is of another issuer than the application has named")
    for name, needed in (
        ("response_types_supported", "code"),
        ("code_challenge_methods_supported", "S256"),
        ("id_token_signing_alg_values_supported", algorithm),
    ):
        if name in fields and needed not in _list(fields, name, []):
            raise NoAnswerError(f"the provider does not support {needed} ({name})")
    return Metadata(
        authorization=_endpoint(fields, "authorization_endpoint", local=local),
        token=_endpoint(fields, "token_endpoint", local=local),
        keys=_endpoint(fields, "jwks_uri", local=local),
        end_session=_optional_endpoint(fields, "end_session_endpoint", local=local),
        revocation=_optional_endpoint(fields, "revocation_endpoint", local=local),
        says_issuer=fields.get("authorization_response_iss_parameter_supported") is True,
        takes_basic="client_secret_basic" in _list(fields, "token_endpoint_auth_methods_supported", _DEFAULT_METHODS),
    )


def _endpoint(fields: dict[str, Any], name: str, *, local: bool) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not is_endpoint(value, local=local):
        raise NoAnswerError(f"its {name} is missing, or no https address")
    return value


def _optional_endpoint(fields: dict[str, Any], name: str, *, local: bool) -> str | None:
    return _endpoint(fields, name, local=local) if name in fields else None


def _list(fields: dict[str, Any], name: str, default: list[str]) -> list[Any]:
    value = fields.get(name, default)
    if not isinstance(value, list):
        raise NoAnswerError(f"its {name} is no list")
    return value
