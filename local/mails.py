"""Prints the e-mails about new sign-ins that the system of `make run` has sent to a log.

In a shell with `source .local/env`, of the folder of the checkout: `.venv/bin/python -m local.mails`.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import boto3

from local.console import fail
from local.env_file import MAILS_LOG

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST_SECONDS: Final = 10.0  # for the first one after a sign-in: two functions start
_PATTERN: Final = '"E-mail to"'


def main() -> int:
    """Print them, oldest first, or say that there are none.

    Returns:
        The exit status.
    """
    group = os.environ.get(MAILS_LOG)
    if group is None:
        return fail("this shell does not know `make run`: start it, then source .local/env.")
    deadline = time.monotonic() + _FIRST_SECONDS
    while not (mails := sorted(_mails(group))) and time.monotonic() < deadline:
        time.sleep(0.1)
    for moment, text in mails:
        print(f"{datetime.fromtimestamp(moment / 1000, UTC):%H:%M:%S}  {text}")
    if not mails:
        print("No mails yet: sign in first.")
    return 0


def _mails(group: str) -> Iterator[tuple[int, str]]:
    pages = boto3.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern=_PATTERN)
    return ((each["timestamp"], each["message"].rstrip()) for page in pages for each in page["events"])


if __name__ == "__main__":
    sys.exit(main())
