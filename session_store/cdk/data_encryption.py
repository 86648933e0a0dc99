"""The encryption of a table's data, for functions: their settings, and their part of the keys."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from session_store.catalog.pattern import DataUse
from session_store.catalog.permissions import OF_ENCRYPTION, ROWS_OF_DATA_KEYS, for_store
from session_store.cdk.checks import check_function, check_grantee, key_itself
from session_store.cdk.grants import check_table
from session_store.cdk.parts import Part
from session_store.cdk.wheels import Libraries
from session_store.checks import check_flag, check_names
from session_store.encryption.settings import EncryptionSettings
from session_store.settings import ENCRYPTION_KEYS

if TYPE_CHECKING:
    from collections.abc import Collection

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_

    from session_store.catalog.pattern import AccessPattern
    from session_store.cdk.grants import SessionTableGrants

# Only the deployment may know the ARNs. The other settings are checked beside this one.
_ANY_KEY: Final = "arn:aws:kms:region:0:key/any"


class DataEncryption(Part):
    """The encryption of sessions' data with keys in KMS (`session_store.encryption`).

        encryption = DataEncryption(key, store_id="shop")
        service = SessionService(stack, "Sessions", encryption=encryption)
        encryption.connect(my_function, service.table)  # its code needs Libraries.CRYPTOGRAPHY

    Give the same one to each construct on the table that takes `encryption`, and to your own functions. Those that read
    may decrypt, and those that save or sign in make data keys, too. Those that only end or erase get nothing, nor does
    an authorizer that looks at no data.

    Args:
        key: wraps new data keys.
        older_keys: keys that older data keys were wrapped by.
        store_id: everything encrypted is bound to it. Keep it when you restore the table under another name.
        keys: the top-level keys of the data whose values are encrypted. None for all of data, and for the client.
        accepts_plain: whether data that is not encrypted is read as well, until all of it is.
        bundle_libraries: put cryptography into the constructs' functions. Else a layer of theirs has to have it.

    Attributes:
        kms_keys: all of them, that of new data keys first.

    Raises:
        InvalidInputError: an argument is malformed, or something else. Also a ValueError.
    """

    rooms = frozenset({"encryption"})

    def __init__(
        self,
        key: kms.IKey,
        *older_keys: kms.IKey,
        store_id: str,
        keys: Collection[str] | None = None,
        accepts_plain: bool = False,
        bundle_libraries: bool = True,
    ) -> None:
        self.kms_keys = [key_itself("key", each) for each in (key, *older_keys)]
        self._for_store = for_store(store_id)
        self._settings = EncryptionSettings(
            kms_keys=(_ANY_KEY,),
            store_id=store_id,
            keys=None if keys is None else check_names("keys", keys),
            accepts_plain=accepts_plain,
        )
        bundled = check_flag("bundle_libraries", bundle_libraries)
        self.libraries = frozenset({Libraries.CRYPTOGRAPHY} if bundled else ())

    def connect(self, function: lambda_.Function, table: SessionTableGrants, *, writes: bool = True) -> None:
        """Set a function's environment variables, and grant it what it needs.

        Args:
            function: whose code makes its store with `SessionStore.from_environment`.
            table: the session table.
            writes: see `grant`.
        """
        check_function(function)
        arns = Stack.of(function).to_json_string([key.key_arn for key in self.kms_keys])
        for name, value in (self._settings.environment() | {ENCRYPTION_KEYS: arns}).items():
            function.add_environment(name, value)
        self.grant(function, table, writes=writes)

    def grant(self, grantee: iam.IGrantable, table: SessionTableGrants, *, writes: bool = True) -> iam.Grant:
        """Allow to read data keys and to unwrap them, beside the grants of the table.

        Args:
            grantee: the role or function.
            table: the session table.
            writes: whether it saves data, or signs in, and so makes the week's key where it is the first.
        """
        check_grantee(grantee)
        check_table(table)
        may = OF_ENCRYPTION[DataUse.WRITES if writes else DataUse.READS]
        keys = [key.key_arn for key in self.kms_keys]
        grants = [
            iam.Grant.add_to_principal(
                grantee=grantee, actions=list(actions), resource_arns=arns, conditions=dict(conditions)
            )
            for actions, arns, conditions in (
                (may.keys, keys, self._for_store),
                (may.first_key, keys[:1], self._for_store),
                (may.rows, [table.table.table_arn], ROWS_OF_DATA_KEYS),
            )
            if actions
        ]
        return functools.reduce(iam.Grant.combine, grants)

    def serves(self, patterns: Collection[AccessPattern]) -> bool:
        """Whether code with these access patterns reads or writes data."""
        return any(pattern.data is not DataUse.NONE for pattern in patterns)

    def give(self, function: lambda_.Function, table: SessionTableGrants, patterns: Collection[AccessPattern]) -> None:
        """The same as `connect`, by access patterns."""
        self.connect(function, table, writes=any(pattern.data is DataUse.WRITES for pattern in patterns))
