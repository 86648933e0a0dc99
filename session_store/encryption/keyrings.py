"""Keys that wrap data keys: in KMS, or Fernet's where there is no KMS."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from session_store.aws.connection import connect
from session_store.encryption.settings import check_kms_keys
from session_store.errors import InvalidInputError, StoreConfigurationError, StoreUnavailableError
from session_store.storage.aws_calls import call_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.storage.deadline import Deadline

KEY_BYTES: Final = 32
MARK_BYTES: Final = 4
_CONTEXT: Final = "session-store"
# KMS's words for a wrapped key that is not of this key, or not of this context.
_NOT_OURS: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


class ForeignKeyError(Exception):
    """A data key was not wrapped by a key of this keyring, for this store."""


class DataKey(NamedTuple):
    """A new data key.

    Attributes:
        key: 32 bytes, never stored.
        wrapped: the same for the table.
    """

    key: bytes
    wrapped: bytes

    def __repr__(self) -> str:
        return "DataKey(...)"


class Keyring(Protocol):
    """One key that wraps new data keys, and others that older ones were wrapped by.

    Attributes:
        mark: names the first of them in the table. 4 bytes.
    """

    mark: bytes

    def generate(self, store_id: str, deadline: Deadline) -> DataKey:
        """A new data key, for one store alone.

        Raises:
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: the key, or a permission, is not right.
        """

    def unwrap(self, wrapped: bytes, mark: bytes, store_id: str, deadline: Deadline) -> bytes:
        """A data key again.

        Args:
            wrapped: as the table has it.
            mark: of the key that has wrapped it.
            store_id: of the store.
            deadline: of the method.

        Raises:
            ForeignKeyError: no key of this keyring has wrapped it for this store.
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: the key, or a permission, is not right.
        """


class KmsKeyring:
    """Keys in KMS. Each call for a data key carries the encryption context `session-store: STORE_ID`.

    Args:
        key: the ARN of the key that wraps new data keys. An alias would change its meaning.
        older: ARNs of keys that older data keys were wrapped by.
        client: of KMS, made here by default, not in the first request. It is used as it is, for every key.

    Raises:
        InvalidInputError: an ARN is not that of a key.
        StoreConfigurationError: a client cannot be made.
    """

    def __init__(self, key: str, *older: str, client: Any = None) -> None:  # noqa: ANN401 - botocore's have no type
        check_kms_keys("key", (key, *older))
        self._key = key
        self._client: Any = client or connect("kms", region_name=key.split(":")[3])
        self._keys = {_mark(arn.encode()): arn for arn in (*older, key)}
        self.mark = _mark(key.encode())

    def generate(self, store_id: str, deadline: Deadline) -> DataKey:  # noqa: D102 - as of every keyring
        reply = call_within(
            deadline,
            "GenerateDataKey",
            self._client.generate_data_key,
            KeyId=self._key,
            KeySpec="AES_256",
            EncryptionContext={_CONTEXT: store_id},
        )
        wrapped = reply.get("CiphertextBlob")
        if not isinstance(wrapped, bytes):
            raise StoreUnavailableError("GenerateDataKey", "the reply was not whole")
        return DataKey(_whole("GenerateDataKey", reply, self._key), wrapped)

    def unwrap(self, wrapped: bytes, mark: bytes, store_id: str, deadline: Deadline) -> bytes:  # noqa: D102
        if mark not in self._keys:
            raise ForeignKeyError
        # By this key alone: one of an attacker's account, that lets this role use it, would unwrap as well.
        reply = call_within(
            deadline,
            "Decrypt",
            _refusing(self._client.decrypt),
            KeyId=self._keys[mark],
            CiphertextBlob=wrapped,
            EncryptionContext={_CONTEXT: store_id},
        )
        return _whole("Decrypt", reply, self._keys[mark])


class FernetKeyring:
    """Keys of Fernet, which the application keeps in a secret. Each is 32 bytes in URL-safe base64.

    Args:
        key: wraps new data keys. `Fernet.generate_key()` makes one.
        older: keys that older data keys were wrapped by.

    Raises:
        InvalidInputError: a key is malformed.
        StoreConfigurationError: `cryptography` is not installed.
    """

    def __init__(self, key: str | bytes, *older: str | bytes) -> None:
        try:
            from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - KMS needs none
        except ImportError:
            raise StoreConfigurationError(NOT_INSTALLED) from None
        try:
            keys = [Fernet(each) for each in (key, *older)]
        except (TypeError, ValueError):
            raise InvalidInputError("key", "must be 32 bytes in URL-safe base64", confidential=True) from None
        self._keys = MultiFernet(keys)
        self.mark = _mark(b"fernet" + (key if isinstance(key, bytes) else key.encode()))

    def generate(self, store_id: str, deadline: Deadline) -> DataKey:  # noqa: ARG002, D102 - it waits for nothing
        key = secrets.token_bytes(KEY_BYTES)
        return DataKey(key, self._keys.encrypt(key + store_id.encode()))

    def unwrap(self, wrapped: bytes, mark: bytes, store_id: str, deadline: Deadline) -> bytes:  # noqa: ARG002, D102
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            content = self._keys.decrypt(wrapped)
        except InvalidToken:
            raise ForeignKeyError from None
        if content[KEY_BYTES:] != store_id.encode():
            raise ForeignKeyError
        return content[:KEY_BYTES]


NOT_INSTALLED: Final = (
    "encryption needs cryptography: install the extra, from a checkout with pip install '.[encryption]'"
)


def _mark(name: bytes) -> bytes:
    """A short name of a key, which tells nothing about it."""
    return hashlib.sha256(b"session-store key " + name).digest()[:MARK_BYTES]


def _whole(operation: str, reply: dict[str, Any], arn: str) -> bytes:
    key = reply.get("Plaintext")
    if not isinstance(key, bytes) or len(key) != KEY_BYTES or reply.get("KeyId") != arn:
        raise StoreUnavailableError(operation, "the reply was not whole")
    return key


def _refusing(decrypt: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The call, whose refusal of a wrapped key is no fault of KMS."""

    def refusing(**parameters: object) -> dict[str, Any]:
        try:
            return decrypt(**parameters)
        except Exception as error:
            response = getattr(error, "response", None) or {}
            if response.get("Error", {}).get("Code") not in _NOT_OURS:
                raise
        raise ForeignKeyError

    return refusing
