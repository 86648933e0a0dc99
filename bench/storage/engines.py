"""The engines of a run: dynoxide for the table, the embedded AWS for S3, a Valkey server for the cache."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench.subject import environment_of, running_engine
from local import valkey
from local.console import CommandError
from local.embedded_aws import REGION, embedded_aws
from local.ports import HOST, free_port
from session_store.aws.connection import Key, connect
from session_store.validation_cache.server import ValkeyServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.validation_cache.server import Server

BUCKET: Final = "bench"


class Engines(NamedTuple):
    """Clients of the engines.

    Attributes:
        table: of DynamoDB.
        objects: of S3, which has the bucket. None where no form needs it.
        cache: of Valkey, likewise.
    """

    table: Any
    objects: Any = None
    cache: Server | None = None


@contextmanager
def running_engines() -> Iterator[Engines]:
    """Start all engines, and let stores that make their own client talk to dynoxide. Stop them afterwards.

    Raises:
        CommandError: this machine cannot run one.
    """
    if reason := valkey.why_unavailable():
        raise CommandError(f"Valkey cannot run here: {reason}")
    with running_engine() as (endpoint_url, table), TemporaryDirectory() as folder, valkey.valkey_server() as server:
        os.environ.update(environment_of(endpoint_url))
        with embedded_aws(port=free_port(), folder=Path(folder)) as aws:
            key = Key(aws.root.access_key_id, aws.root.secret_access_key)
            objects = connect("s3", region_name=REGION, endpoint_url=aws.endpoint_url, key=key)
            objects.create_bucket(Bucket=BUCKET)
            yield Engines(table, objects, ValkeyServer(HOST, server.port, tls=False, credentials=None))
