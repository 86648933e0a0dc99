"""The encryption of a store: which data, with which keys."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from session_store import checks
from session_store.encryption.codecs import EncryptedCodecs, Rules
from session_store.encryption.keyrings import NOT_INSTALLED, KmsKeyring
from session_store.encryption.settings import EncryptionSettings
from session_store.errors import StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from session_store.clock import Clock
    from session_store.encryption.keyrings import Keyring


class Encryption:
    """The encryption of a store, for `SessionStore(encryption=)`. All users of a table need the same.

    Args:
        keyring: wraps the data keys.
        store_id: 1 to 128 characters. Everything encrypted is bound to it. Keep it when you restore the table under
            another name.
        keys: the top-level keys of the data whose values are encrypted. Saves of different keys still never collide,
            and the client's description stays readable. None encrypts all of data and client. Then saves of one
            session follow each other.
        accepts_plain: whether data that is not encrypted is read as well. Until all rows are encrypted, after it was
            switched on. A writer of the table can then put plain data in.

    Raises:
        InvalidInputError: an argument is malformed.
        StoreConfigurationError: `cryptography` is not installed.
    """

    def __init__(
        self,
        keyring: Keyring,
        *,
        store_id: str,
        keys: Collection[str] | None = None,
        accepts_plain: bool = False,
    ) -> None:
        if find_spec("cryptography") is None:
            raise StoreConfigurationError(NOT_INSTALLED)
        self.keyring = checks.check_methods("keyring", keyring, "generate", "unwrap")
        self.store_id = checks.check_id("store_id", store_id)
        self.keys = None if keys is None else frozenset(checks.check_names("keys", keys))
        self.accepts_plain = checks.check_flag("accepts_plain", accepts_plain)

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str] = os.environ,
        *,
        client: Any = None,  # noqa: ANN401 - botocore's have no type
    ) -> Encryption:
        """The encryption of a deployed function, from the environment variables of `EncryptionSettings`.

        Args:
            environment: the variables.
            client: of KMS, made here by default.

        Raises:
            StoreConfigurationError: a variable is missing or malformed, a client cannot be made, or `cryptography` is
                not installed.
        """
        given = EncryptionSettings.from_environment(environment)
        return cls(
            KmsKeyring(*given.kms_keys, client=client),
            store_id=given.store_id or "",
            keys=given.keys,
            accepts_plain=given.accepts_plain,
        )

    def codecs(self, clock: Clock, *, compresses: bool) -> EncryptedCodecs:
        """The forms of a store's data, with a cache of data keys of its own."""
        rules = Rules(self.store_id, self.keys, self.accepts_plain)
        return EncryptedCodecs(rules, self.keyring, clock, compresses=compresses)
