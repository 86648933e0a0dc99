"""The world of the searches behind a network: an engine of its own, a real transport, and a line that breaks."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from local.embedded_aws import REGION
from local.ports import HOST
from session_store import Transport
from session_store.storage import schema
from session_store.storage.attribute_values import Item
from session_store.storage.clients import new_client
from session_store.storage.items import row_key
from session_store.testing import create_table
from session_store.testing.memory_engine import Rows
from tests.interleavings.scheduler import Loss
from tests.interleavings.world import TABLE, World
from tests.support.engines import Engine
from tests.support.servers import read_request, server

_KEY: Final = (schema.PARTITION_KEY, schema.SORT_KEY)


class Line:
    """What a proxy between client and engine does: it passes all on, but for the one message that it shall lose."""

    def __init__(self, engine_url: str) -> None:
        self._address = (HOST, urlsplit(engine_url).port)
        self._loss: Loss | None = None

    def lose(self, loss: Loss, call: Callable[[], object]) -> object:
        """Break the connection in a call, before the request has arrived or before the reply has."""
        self._loss = loss
        call()
        raise AssertionError("nothing was lost")

    def serve(self, connection: socket.socket) -> None:
        """Serve one connection of the client."""
        with socket.create_connection(self._address) as engine:
            while request := read_request(connection):
                loss, self._loss = self._loss, None
                if loss is not Loss.REQUEST:
                    engine.sendall(request)
                    reply = read_request(engine)  # a reply has its length in the same place
                if loss or not reply:
                    return
                connection.sendall(reply)


class RemoteTable:
    """The rows of the engine's table, by a client that nothing happens to. Its index does not lag."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.hidden: set[str] = set()
        self.settled: set[str] = set()

    @property
    def rows(self) -> Rows:
        items = self._client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
        return {row_key(item): item for item in items}

    @rows.setter
    def rows(self, wanted: Rows) -> None:
        there = self.rows
        new = [{"PutRequest": {"Item": row}} for key, row in wanted.items() if there.get(key) != row]
        old = [{"DeleteRequest": {"Key": _key(row)}} for key, row in there.items() if key not in wanted]
        if new or old:
            self._client.batch_write_item(RequestItems={TABLE: [*new, *old]})


class NetworkWorld(World):
    """A world whose table is the engine's, and whose stores ask it over the line."""

    def __init__(self, client: Any, table: RemoteTable, line: Line) -> None:
        super().__init__(client=client, lose=line.lose)
        self._table = table

    def __post_init__(self) -> None:
        """The table is there."""

    @property
    def table(self) -> Any:
        return self._table


@contextmanager
def network_world(engine: Engine, transport: Transport) -> Iterator[NetworkWorld]:
    """A world on a running engine, with a new table."""
    create_table(engine.client, TABLE)
    line = Line(str(engine.endpoint_url))
    with server(line.serve) as served:
        client = new_client(TABLE, region_name=REGION, endpoint_url=served.url, transport=transport)
        yield NetworkWorld(client, RemoteTable(engine.client), line)
    engine.client.delete_table(TableName=TABLE)


def _key(row: Item) -> Item:
    return {name: row[name] for name in _KEY}
