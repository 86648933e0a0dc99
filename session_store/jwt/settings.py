"""Settings of an issuer, which travel from its construct to its functions. Both sides check them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from session_store import checks
from session_store.catalog.declared import Flag, Settings, Text, duration, setting
from session_store.errors import InvalidInputError
from session_store.jwt.agreed import check_address, check_algorithm
from session_store.kernel.web_settings import Keys
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Collection

DEFAULT_TTL: Final = timedelta(minutes=5)
# The names of claims with a meaning of their own, and those that are kept for later. No data goes under them.
RESERVED_CLAIMS: Final = frozenset(
    (
        *("iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti", "auth_time", "scope"),
        *("acr", "act", "amr", "at_hash", "authorization_details", "azp", "c_hash", "client_id", "cnf", "events"),
        *("home", "may_act", "nonce", "scp", "tenant"),
    )
)
# RFC 6749: printable ASCII without space, quotation mark and backslash.
_SCOPE: Final = re.compile(r"[!#-\[\]-~]{1,128}")


class _Address(Text):
    unit = "address"

    def check(self, name: str, value: str) -> None:
        check_address(name, value)


class _KeyArn(Text):
    unit = "ARN"
    form = r"arn:[\w-]+:(kms:[\w-]*:\d*:key/[\w-]{1,64}|secretsmanager:[\w-]*:\d*:secret:[\w/+=.@-]{1,600})"
    problem = "must be the ARN of a key of KMS, or of a secret"


class _KeyId(Text):
    unit = "thumbprint (RFC 7638)"

    def check(self, name: str, value: str) -> None:
        checks.check_id(name, value)


class _Algorithm(Text):
    unit = "`RS256` or `ES256`"

    def check(self, name: str, value: str) -> None:
        check_algorithm(name, value)


class _Audiences(Keys):
    unit = "JSON array of names"

    def check(self, name: str, value: tuple[str, ...]) -> None:
        for audience in checks.check_names(name, value):
            checks.check_id(name, audience)


class _Scopes(Keys):
    unit = "JSON array of scopes"

    def check(self, name: str, value: tuple[str, ...]) -> None:
        check_scopes(name, value)


class _ClaimKeys(Keys):
    def check(self, name: str, value: tuple[str, ...]) -> None:
        super().check(name, value)
        for key in value:
            if key in RESERVED_CLAIMS:
                raise InvalidInputError(name, "must not contain the name of a claim of access tokens", value=key)


_ISSUER: Final = setting(_Address("SESSION_JWT_ISSUER"))
_ALGORITHM: Final = setting(_Algorithm("SESSION_JWT_ALGORITHM"))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerSettings(Settings):
    """The rules of an issuer. Issuer, audiences and key have to be given.

    Attributes:
        issuer: its address, without a slash at the end.
        audiences: the services that tokens may be for. A request may leave it out where there is one.
        scopes: what every token allows. A request may ask for fewer.
        data_keys: the top-level keys of a session's data that become claims.
        ttl: how long a token is good, and so how long an ended session stays usable.
        key: the ARN of the signing key in KMS, or of the secret with a local one.
        key_id: of a local key: its id, by which the private key is known to be the published one's.
        algorithm: of the signature.
        by_cookie: whether a page may have a token for its cookie.

    Raises:
        InvalidInputError: a value is out of range or malformed.
    """

    issuer: str | None = field(default=None, metadata=_ISSUER)
    audiences: tuple[str, ...] = field(default=(), metadata=setting(_Audiences("SESSION_JWT_AUDIENCES")))
    scopes: tuple[str, ...] = field(default=(), metadata=setting(_Scopes("SESSION_JWT_SCOPES")))
    data_keys: tuple[str, ...] = field(default=(), metadata=setting(_ClaimKeys("SESSION_JWT_DATA_KEYS")))
    ttl: timedelta = field(
        default=DEFAULT_TTL, metadata=duration("SESSION_JWT_TTL", timedelta(seconds=5), timedelta(hours=1))
    )
    key: str | None = field(default=None, metadata=setting(_KeyArn("SESSION_JWT_KEY")))
    key_id: str | None = field(default=None, metadata=setting(_KeyId("SESSION_JWT_KEY_ID")))
    algorithm: str = field(default="RS256", metadata=_ALGORITHM)
    by_cookie: bool = field(default=False, metadata=setting(Flag("SESSION_JWT_BY_COOKIE")))

    def _check_together(self) -> None:
        for name in ("issuer", "audiences", "key"):
            if not getattr(self, name):
                raise InvalidInputError(name, "must be given")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDocumentSettings(Settings):
    """The documents of an issuer, which has to be given, and its keys.

    Attributes:
        issuer: its address.
        keys: ARNs of keys in KMS, and public keys in PEM.
        algorithm: of the signatures.

    Raises:
        InvalidInputError: a value is malformed.
    """

    issuer: str | None = field(default=None, metadata=_ISSUER)
    keys: tuple[str, ...] = field(default=(), metadata=setting(Keys("SESSION_JWT_KEYS")))
    algorithm: str = field(default="RS256", metadata=_ALGORITHM)

    def _check_together(self) -> None:
        for name in ("issuer", "keys"):
            if not getattr(self, name):
                raise InvalidInputError(name, "must be given")


def check_scopes(name: str, value: Collection[str]) -> tuple[str, ...]:
    """Scopes as RFC 6749 writes them, at most 128 characters each.

    Raises:
        InvalidInputError: naming the argument, and the first that is none.
    """
    scopes = checks.check_names(name, value)
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            problem = "must be scopes of 1 to 128 printable ASCII characters, no space, quotation mark or backslash"
            raise InvalidInputError(name, problem, value=scope)
    return scopes
