"""The engines that the contract suite runs against, unchanged: moto, the embedded AWS, dynoxide, and one in memory."""

from __future__ import annotations

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from local import dynoxide
from local.embedded_aws import REGION, embedded_aws
from local.paths import VENV
from local.ports import free_port
from session_store.aws.connection import Key, connect
from session_store.storage.attribute_values import Item
from session_store.testing.memory_engine import MemoryClient, MemoryTable
from tests.support.bucket import BUCKET
from tests.support.forms import BUCKET_NAME, Form
from tests.support.own_transport import FollowedClient, target_of

_CONTEXT_KEY: Final = "tests.support.engines"
REQUIRE_ENGINES: Final = "SESSION_STORE_REQUIRE_ENGINES"


class Difference(StrEnum):
    """A known difference of an engine from DynamoDB."""

    UNITS = "does not report DynamoDB's request units"
    ITEM_SIZE = "does not measure an item as DynamoDB does"
    ARN = "does not take a table's ARN in place of its name"
    THREADS = "does not check a condition and write in one step"
    SPEED = "takes so much of this process's time for a call that a thousand of them show its own speed"


# The one place that knows them. No engine shows a stale index or a transaction conflict: tests inject those.
DIFFERENCES: Final[dict[str, frozenset[Difference]]] = {
    "moto": frozenset({Difference.UNITS, Difference.ITEM_SIZE, Difference.THREADS, Difference.SPEED}),
    "embedded AWS": frozenset({Difference.UNITS}),  # nothing for BatchGetItem
    "dynoxide": frozenset({Difference.ARN}),
    "memory": frozenset(),
}


@dataclass
class Engine(ABC):
    """One implementation of DynamoDB."""

    name: str
    endpoint_url: str | None = None  # where it answers; None for AWS's own address
    key: Key = field(default=Key("any", "any"), repr=False)  # what its clients sign with
    form: Form = Form.PLAIN  # of all data that the stores of a scene write
    own_transport: bool = False  # of its clients; else the SDK's
    _sessions: botocore.session.Session = field(default_factory=botocore.session.Session, repr=False)

    def why_unavailable(self) -> str | None:
        """Why this machine cannot run it; None when it can."""
        return None

    @abstractmethod
    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it while the block runs."""

    @contextmanager
    def active(self) -> Iterator[None]:
        """Let its clients reach it while the block runs: one test."""
        yield

    def rows(self, table_name: str) -> list[Item]:
        """All rows of a small table, as DynamoDB's attribute values."""
        rows: list[Item] = self.client.scan(TableName=table_name, ConsistentRead=True)["Items"]
        return rows

    def differs(self, difference: Difference) -> bool:
        """Whether it is known to be different from DynamoDB there."""
        return difference in DIFFERENCES[self.name]

    @cached_property
    def client(self) -> Any:
        """A client that nothing happens to, the SDK's with either transport."""
        return self.new_sdk_client()

    @cached_property
    def disturbed_client(self) -> Any:
        """The client of the store under test, for `Faults` to follow."""
        return self.new_client()

    def new_client(self) -> Any:
        """A DynamoDB client of it, with the settings that the store gives its own."""
        client = self.new_sdk_client()
        return FollowedClient(client, target_of(client.meta.endpoint_url, *self.key)) if self.own_transport else client

    def new_sdk_client(self) -> Any:
        """One of the SDK."""
        return connect(
            "dynamodb", region_name=REGION, endpoint_url=self.endpoint_url, key=self.key, session=self._sessions
        )


class Moto(Engine):
    """In this process."""

    @contextmanager
    def running(self) -> Iterator[None]:
        self.endpoint_url = f"https://dynamodb.{REGION}.amazonaws.com"
        yield

    @contextmanager
    def active(self) -> Iterator[None]:
        # Only as long as a test needs it: it would answer for the other engines' clients too.
        with mock_aws():
            yield

    def rows(self, table_name: str) -> list[Item]:
        """From moto's own objects: to put a row into an answer takes it milliseconds."""
        table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[table_name]
        return [{name: value.to_regular_json() for name, value in item.attrs.items()} for item in table.all_items()]


class EmbeddedAws(Engine):
    """MiniStack, started as `make run` starts it."""

    def why_unavailable(self) -> str | None:
        return None if any(VENV.glob("lib/python3*/site-packages/ministack")) else "ministack is not in .venv"

    @contextmanager
    def running(self) -> Iterator[None]:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
            embedded_aws(port=free_port(), folder=Path(folder)) as aws,
        ):
            self.endpoint_url = aws.endpoint_url
            self.key = Key(aws.root.access_key_id, aws.root.secret_access_key)
            self._s3.create_bucket(Bucket=BUCKET_NAME)
            yield

    @contextmanager
    def active(self) -> Iterator[None]:
        """Its own bucket takes the place of the one in memory."""

        def around(method: str, _: object, parameters: dict[str, Any]) -> dict[str, Any]:
            reply: dict[str, Any] = getattr(self._s3, method)(**parameters)
            return reply

        with patch.object(BUCKET, "around", around):
            yield

    @cached_property
    def _s3(self) -> Any:
        return connect("s3", region_name=REGION, endpoint_url=self.endpoint_url, key=self.key, session=self._sessions)


class Dynoxide(Engine):
    """A binary from npm."""

    why_unavailable = staticmethod(dynoxide.why_unavailable)

    @contextmanager
    def running(self) -> Iterator[None]:
        with dynoxide.dynoxide() as self.endpoint_url:
            yield


class Memory(Engine):
    """Our own, for searches that run a scenario thousands of times: the contract suite holds it to the others.

    Its client is botocore's, so that faults can follow the calls, and asks the tables in memory, not the network.
    """

    _client = MemoryClient()

    @contextmanager
    def running(self) -> Iterator[None]:
        yield

    def new_sdk_client(self) -> Any:
        client = super().new_sdk_client()
        client.meta.events.register_last("before-parameter-build.dynamodb", self._note)
        client.meta.events.register_last("before-call.dynamodb", self._answer)
        return client

    def _note(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_CONTEXT_KEY] = dict(params)

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        method = getattr(self._client, xform_name(model.name))
        try:
            reply, status = method(**context[_CONTEXT_KEY]), 200
        except ClientError as error:
            reply, status = dict(error.response), 400
        return SimpleNamespace(status_code=status), {"ResponseMetadata": {"HTTPStatusCode": status}} | reply

    def table(self, name: str) -> MemoryTable:
        """A table, to look into it and put it back to a moment."""
        return self._client.tables[name]


DYNOXIDE: Final = Dynoxide("dynoxide")
EMBEDDED_AWS: Final = EmbeddedAws("embedded AWS")
ENGINES: Final = (Moto("moto"), EMBEDDED_AWS, DYNOXIDE, Memory("memory"))


def engines_are_required() -> bool:
    """Whether an engine that cannot run is a failure, as in CI."""
    return os.environ.get(REQUIRE_ENGINES) == "1"
