"""The embedded AWS: MiniStack on one port of the loopback interface, with IAM enforced."""

from __future__ import annotations

import http.client
import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import boto3

from local.console import CommandError
from local.gate import READY_PATH
from local.paths import PYTHON, tool_environment
from local.ports import HOST, require_free_port
from local.process import guarded

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
_OWNER_ALONE: Final = 0o700
START_SECONDS: Final = 60.0
"""How long the embedded AWS may take to answer before its start counts as failed; it usually takes under one."""


@dataclass(frozen=True)
class Credentials:
    """A pair of AWS keys.

    Attributes:
        access_key_id: The key's name.
        secret_access_key: The key that signs requests.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True)
class EmbeddedAws:
    """A running embedded AWS.

    Attributes:
        port: Its port on 127.0.0.1.
        folder: The folder of its state and its log.
        root: The key of the account's root, which may do everything. It is made anew at each start. MiniStack does not
            check its signatures, so the id is as secret as the secret.
        process: The guard that runs it.
    """

    port: int
    folder: Path
    root: Credentials = field(repr=False)
    process: subprocess.Popen[bytes]

    @property
    def endpoint_url(self) -> str:
        """The endpoint of every AWS service in it."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """The file with what it says."""
        return _log_in(self.folder)

    def session(self, credentials: Credentials | None = None) -> boto3.Session:
        """Makes a boto3 session for it. Its clients need `endpoint_url` too.

        Args:
            credentials: Whose key to use, the root's by default.
        """
        key = credentials or self.root
        return boto3.Session(
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            region_name=REGION,
        )


@contextmanager
def embedded_aws(*, port: int, folder: Path) -> Iterator[EmbeddedAws]:
    """Starts the embedded AWS, waits until it answers, and stops it when the block is left.

    Args:
        port: A free port of 127.0.0.1.
        folder: The folder of its state. The next start with the same folder finds everything again.

    Raises:
        CommandError: The port is taken, or it does not answer in time.
    """
    with running("local.gated_aws", port=port, folder=folder) as aws:
        yield aws


@contextmanager
def running(module: str, *, port: int, folder: Path) -> Iterator[EmbeddedAws]:
    """Like `embedded_aws`, run by a Python module of the caller's choice that calls `local.gated_aws`."""
    require_free_port(port)
    folder.mkdir(_OWNER_ALONE, parents=True, exist_ok=True)
    folder.chmod(_OWNER_ALONE)  # one of an earlier version; the state in it has keys and sessions
    root = Credentials(f"local{secrets.token_hex(16)}", secrets.token_hex(32))
    environment = _environment(port, folder, root)
    with guarded([PYTHON, "-m", module], environment=environment, log=_log_in(folder)) as process:
        aws = EmbeddedAws(port=port, folder=folder, root=root, process=process)
        _wait_until_ready(aws)
        yield aws


def _log_in(folder: Path) -> Path:
    return folder / "embedded-aws.log"


def _environment(port: int, folder: Path, root: Credentials) -> dict[str, str]:
    return {
        **tool_environment(folder / "home"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "AUTH": "true",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AWS_ACCESS_KEY_ID": root.access_key_id,
        "AWS_SECRET_ACCESS_KEY": root.secret_access_key,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        # Lambda sets it in each function, and here functions have it from the process that starts them.
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        # Listeners that are not needed (the first one would be on all interfaces), and Docker left alone.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker",
    }


def _wait_until_ready(aws: EmbeddedAws) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(aws.port):
        if aws.process.poll() is not None:
            raise CommandError(f"The embedded AWS stopped while starting: see {aws.log}.")
        if time.monotonic() > deadline:
            raise CommandError(f"The embedded AWS did not answer within {START_SECONDS:.0f} s: see {aws.log}.")
        time.sleep(0.05)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", READY_PATH)
            return connection.getresponse().status == http.client.OK
    finally:
        connection.close()
    return False
