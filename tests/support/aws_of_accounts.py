"""The embedded AWS with several accounts: a key that is an account's number is that of its root.

python -m tests.support.aws_of_accounts
"""

from __future__ import annotations

from typing import Final

from local import gated_aws

ACCOUNTS: Final = ("111111111111", "222222222222", "333333333333")
_is_root_key: Final = gated_aws._is_root_key


def _is_root_of_an_account(access_key_id: str) -> bool:
    return access_key_id in ACCOUNTS or _is_root_key(access_key_id)


if __name__ == "__main__":
    gated_aws._is_root_key = _is_root_of_an_account
    gated_aws.main()
