"""The signing keys of an issuer: made by name, brought along from KMS, or local ones from Secrets Manager."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from session_store.catalog.access_tokens import PUBLISH, SIGN
from session_store.cdk.checks import check_member, key_itself
from session_store.cdk.secrets import check_secret, grant_read
from session_store.errors import InvalidInputError
from session_store.jwt.public_keys import from_pem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_secretsmanager as secretsmanager
    from constructs import Construct

_NAME: Final = re.compile("[A-Za-z0-9-]{1,32}")
# KMS deletes no key at once. Until then the deletion can be called off.
_PENDING: Final = Duration.days(7)
_EXPECTED: Final = 'names like "2026-11", keys of CDK, or LocalKey(...)'


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalKey:
    """A key that the minting functions hold themselves, where KMS's quota of signatures is too small.

    Attributes:
        secret: its text is the private key in PEM, without a pass phrase: RSA for RS256, or P-256 for ES256.
        public_key: the public key, in PEM.

    Raises:
        InvalidInputError: the public key is none. Also a ValueError.
    """

    secret: secretsmanager.ISecret
    public_key: str

    def __post_init__(self) -> None:
        check_secret("secret", self.secret)
        from_pem("public_key", self.public_key)


Key: TypeAlias = str | kms.IKey | LocalKey


class SigningKey(NamedTuple):
    """A key as the functions use it.

    Attributes:
        arn: of the key, or of the secret.
        published: what the function of the documents gets: the ARN of a key in KMS, or the public key in PEM.
        kid: of a local key, None for one in KMS.
        algorithm: of its signatures.
        secret: of a local key.
    """

    arn: str
    published: str
    kid: str | None = None
    algorithm: str = "RS256"
    secret: secretsmanager.ISecret | None = None

    def grant_sign(self, grantee: iam.IGrantable) -> None:
        """Allow a function to sign with this key, and nothing else."""
        if self.secret is None:
            _allow(grantee, SIGN, self.arn)
            return
        grant_read(grantee, "secret", self.secret)

    def grant_publish(self, grantee: iam.IGrantable) -> None:
        """Allow a function to read the public key."""
        if self.secret is None:
            _allow(grantee, PUBLISH, self.arn)


def signing_keys(scope: Construct, keys: Sequence[Key], signing_key: Key | None) -> tuple[list[SigningKey], SigningKey]:
    """All keys, and the one that signs: the first one unless told otherwise.

    Raises:
        InvalidInputError: one is none, two are the same, the signing key is not among them, or algorithms differ.
    """
    if isinstance(keys, str) or not keys:
        raise InvalidInputError("keys", f"must be a list of {_EXPECTED}", value=keys)
    if len(set(map(_identity, keys))) != len(keys):
        raise InvalidInputError("keys", "must name each key once")
    wanted = _identity(keys[0] if signing_key is None else signing_key)
    made = {_identity(key): _made(scope, key) for key in keys}
    if wanted not in made:
        raise InvalidInputError("signing_key", "must be one of the keys", value=signing_key)
    if len({key.algorithm for key in made.values()}) > 1:
        raise InvalidInputError("keys", "must all be for the same algorithm, because verifiers accept one alone")
    return list(made.values()), made[wanted]


def _made(scope: Construct, key: Key) -> SigningKey:
    if isinstance(key, LocalKey):
        public = from_pem("public_key", key.public_key)
        return SigningKey(key.secret.secret_arn, key.public_key, public.thumbprint, public.algorithm, key.secret)
    arn = (_new_key(scope, key) if isinstance(key, str) else key_itself("keys", key)).key_arn
    return SigningKey(arn, arn)


def _new_key(scope: Construct, name: str) -> kms.Key:
    if not _NAME.fullmatch(name):
        raise InvalidInputError("keys", "must have names of 1 to 32 letters, digits and hyphens", value=name)
    return kms.Key(
        scope,
        f"Key{name}",
        description=f"Session store: signs access tokens, {name}",
        key_spec=kms.KeySpec.RSA_2048,
        key_usage=kms.KeyUsage.SIGN_VERIFY,
        pending_window=_PENDING,
        removal_policy=RemovalPolicy.DESTROY,  # a token outlives its key by minutes, and a new key is as good
    )


def _identity(key: Key) -> object:
    if isinstance(key, str):
        return key
    return key.public_key if isinstance(key, LocalKey) else check_member("keys", key, "key_arn", _EXPECTED).key_arn


def _allow(grantee: iam.IGrantable, action: str, arn: str) -> None:
    iam.Grant.add_to_principal(grantee=grantee, actions=[action], resource_arns=[arn])
