"""The user or role behind some credentials."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """The user or role behind some credentials, as STS names it.

    Attributes:
        account: 12 digits.
        arn: of the user, or of the session of a role.
        user_id: the id that IAM gave the user or the role.
    """

    account: str
    arn: str
    user_id: str

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov` or another one. No credentials work in two of them."""
        return self.arn.split(":")[1]
