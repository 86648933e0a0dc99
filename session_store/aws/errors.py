"""The errors of AWS sessions that are not the SDK's own."""

from __future__ import annotations

from session_store.errors import StoreConfigurationError


class WrongAccountError(StoreConfigurationError):
    """The credentials belong to another account than the one that was demanded. Nothing was done with them.

    Attributes:
        expected: the account that was demanded, 12 digits.
        actual: the account of the credentials.
        identity: ARN of the user or role that they belong to.
    """

    def __init__(self, *, expected: str, actual: str, identity: str) -> None:
        self.expected = expected
        self.actual = actual
        self.identity = identity
        super().__init__(
            f"the credentials are of account {actual} ({identity}), demanded is {expected}: check the profile"
        )
