"""Keys for an encrypted file: from a pass phrase, or from KMS."""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode, b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from session_store.aws.advice import advice_for
from session_store.aws.concealed_log import conceal_secrets
from session_store.errors import InvalidInputError, StoreConfigurationError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_COST: Final = 2**17  # OWASP's advice for scrypt: 128 MB and a third of a second
_LARGEST_COST: Final = 2**20
_BLOCK: Final = 8
_SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_SHORTEST: Final = 12
# CloudTrail shows it, so that each use of the key can be told from other uses.
_CONTEXT: Final = {"purpose": "session-store credentials"}


class FileKey(Protocol):
    """Makes the key of a file, and finds it again by the entry that the file keeps. The entry is no secret."""

    def make(self) -> tuple[dict[str, Any], bytes]:
        """A new entry, and its key for Fernet."""

    def find(self, entry: Mapping[str, Any]) -> bytes:
        """The key of an entry.

        Raises:
            StoreConfigurationError: the entry is of another kind or damaged, or KMS refuses.
        """


class PassPhrase:
    """A key from a pass phrase, by scrypt.

    Args:
        text: the pass phrase, 12 characters at least.
        cost: of scrypt, a power of two. Memory is 1 KB times this.

    Raises:
        InvalidInputError: the pass phrase is too short. Also a ValueError.
    """

    def __init__(self, text: str, *, cost: int = _COST) -> None:
        if not isinstance(text, str) or len(text) < _SHORTEST:
            del text  # so that no traceback with local variables shows it
            raise InvalidInputError("pass_phrase", f"must have {_SHORTEST} characters at least", confidential=True)
        self._text = text
        self._cost = cost

    def __repr__(self) -> str:
        return "PassPhrase(...)"

    def make(self) -> tuple[dict[str, Any], bytes]:
        """A new entry with a salt of its own, and its key."""
        entry = {"kind": "scrypt", "salt": b64encode(os.urandom(_SALT_BYTES)).decode(), "cost": self._cost}
        return entry, self.find(entry)

    def find(self, entry: Mapping[str, Any]) -> bytes:
        """The key of an entry. Takes a third of a second.

        Raises:
            StoreConfigurationError: the file's key comes from KMS, or the entry is damaged.
        """
        _check_kind(entry, "scrypt", "a pass phrase")
        cost = entry.get("cost")
        # The file must not make its reader take gigabytes.
        if not isinstance(cost, int) or not 1 < cost <= _LARGEST_COST or cost & (cost - 1):
            raise StoreConfigurationError("the file's key entry is damaged: cost")
        salt = _decoded(entry, "salt")
        memory = 2 * 128 * _BLOCK * (cost + _BLOCK)  # twice that of scrypt: OpenSSL refuses to take more than is said
        made = hashlib.scrypt(self._text.encode(), salt=salt, n=cost, r=_BLOCK, p=1, dklen=_KEY_BYTES, maxmem=memory)
        return urlsafe_b64encode(made)


class KmsKey:
    """A key that KMS makes and opens. Its uses are in CloudTrail, and IAM can take it away.

    Args:
        client: a KMS client. Its own credentials come from elsewhere, for instance from SSO.
        key_id: id, ARN or alias of the KMS key.
    """

    def __init__(self, client: Any, key_id: str) -> None:  # noqa: ANN401 - botocore makes its class at run time
        conceal_secrets()
        self._client = client
        self._key_id = key_id

    def __repr__(self) -> str:
        return f"KmsKey({self._key_id!r})"

    def make(self) -> tuple[dict[str, Any], bytes]:
        """A new entry with an encrypted data key, and that data key. One call to KMS."""
        reply = self._ask("generate_data_key", KeySpec="AES_256")
        entry = {"kind": "kms", "key": reply["KeyId"], "data_key": b64encode(reply["CiphertextBlob"]).decode()}
        return entry, urlsafe_b64encode(reply["Plaintext"])

    def find(self, entry: Mapping[str, Any]) -> bytes:
        """The key of an entry. One call to KMS.

        Raises:
            StoreConfigurationError: the file's key comes from a pass phrase, the entry is damaged, or KMS refuses.
            StoreUnavailableError: KMS does not answer.
        """
        _check_kind(entry, "kms", "KMS")
        # The key is named by the caller: a file with a data key of an attacker's account is refused.
        reply = self._ask("decrypt", CiphertextBlob=_decoded(entry, "data_key"))
        return urlsafe_b64encode(reply["Plaintext"])

    def _ask(self, method: str, **arguments: object) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = getattr(self._client, method)(
                KeyId=self._key_id, EncryptionContext=_CONTEXT, **arguments
            )
            return reply
        except (BotoCoreError, ClientError) as error:
            advice = advice_for(error)
        problem = f"{advice.code}: {advice.meaning} Begin with: {advice.first_command}"
        if advice.temporary:
            raise StoreUnavailableError(f"KMS {method}", problem)
        raise StoreConfigurationError(f"KMS {method}: {problem}")


def _check_kind(entry: Mapping[str, Any], kind: str, owner: str) -> None:
    if entry.get("kind") != kind:
        other = {"kms": "KMS", "scrypt": "a pass phrase"}.get(str(entry.get("kind")), "an unknown source")
        raise StoreConfigurationError(f"the file's key comes from {other}, not from {owner}")


def _decoded(entry: Mapping[str, Any], field: str) -> bytes:
    try:
        return b64decode(entry[field], validate=True)
    except (LookupError, TypeError, ValueError):
        pass
    raise StoreConfigurationError(f"the file's key entry is damaged: {field}")
