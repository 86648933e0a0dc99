"""The system that `make run` has started, if it is up: its file `.local/env` has the table and the key."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.cli import cdk_json
from session_store.settings import TABLE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE: Final = ".local/env"
_OTHERS: Final = 0o077


class MakeRun(NamedTuple):
    """The running system.

    Attributes:
        file: where it says so.
        key: id and secret to sign with.
        variables: all that the file exports.
    """

    file: Path
    table_name: str
    region: str
    endpoint_url: str
    key: tuple[str, str]
    variables: Mapping[str, str]


def find() -> MakeRun | None:
    """The system that runs in this folder or above it. None: it is not up.

    The file is removed when it stops. One that other users can write is not trusted.
    """
    file = cdk_json.above(_FILE)
    if file is None or not _is_the_users_own(file):
        return None
    given = _exports(file.read_text(encoding="utf-8"))
    with suppress(KeyError):
        key = (given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])
        return MakeRun(file, given[TABLE_NAME], given["AWS_REGION"], given["AWS_ENDPOINT_URL"], key, given)
    return None


def _is_the_users_own(file: Path) -> bool:
    status = file.stat()
    return status.st_uid == os.getuid() and not status.st_mode & _OTHERS


def _exports(script: str) -> dict[str, str]:
    """The variables that a shell would have after it."""
    words = [shlex.split(line) for line in script.splitlines() if line.startswith("export ")]
    return dict(word.split("=", 1) for line in words for word in line[1:])
