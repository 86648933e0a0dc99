"""A reading request under `@session`, with more and more of it left out. Prints a JSON object: name -> milliseconds.

Each name says how far down such a request goes. The engine is the one that the environment variables name.

Usage: parts_of_a_read.py TABLE TOKEN ROUNDS CALLS
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from bench.alternating import cpu_milliseconds, medians_of
from session_store import SessionStore, Transport, tokens
from session_store.storage.requests import METHODS
from session_store.transport.client import Client
from session_store.transport.connections import Connections
from session_store.transport.plain import plain_target
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.storage.requests import DynamoDBClient

KEYS = 50


class Repeating:
    """Answers every call as the first one was answered."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self._answer: Any = None

    def exchange(self, *arguments: Any) -> Any:  # noqa: ANN401 - the call's answer
        """Answer."""
        if self._answer is None:
            self._answer = self._call(*arguments)
        return self._answer


def client_of(send: Callable[..., Any]) -> DynamoDBClient:
    """A client whose methods are one function of the parameters."""
    methods = {method: staticmethod(partial(_sent, send, operation)) for operation, method in METHODS.items()}
    return cast("DynamoDBClient", type("Client", (), methods)())


def _sent(send: Callable[..., Any], operation: str, **parameters: Any) -> Any:  # noqa: ANN401
    return send(operation, parameters)


def requests(table: str, token: str) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    target = plain_target(table, None, None)
    connections = Connections(target.host, target.port)
    answered = Client(target, Repeating(connections.exchange))
    whole = SessionStore(table, transport=Transport.OWN)
    with_reply = SessionStore(table, dynamodb_client=client_of(answered.send))
    with_row = SessionStore(table, dynamodb_client=client_of(Repeating(Client(target, connections).send).exchange))
    with_rows = SessionStore(table, dynamodb_client=client_of(Repeating(Client(target, connections).send).exchange))
    large = whole.create_session("bench", data={"cart": [], **{f"key{n}": {"n": [1, 2, 3]} for n in range(KEYS)}})
    parsed = tokens.parse(token)
    storage = with_row._context.storage  # noqa: SLF001 - a part that has no name outside
    return {
        "all": request(whole, token),
        "without network": request(with_reply, token),
        "without transport": request(with_row, token),
        "without transport, large": request(with_rows, large.token),
        "without use": request(with_row, token, uses=False),
        "store": lambda: with_row.validate_and_rotate(token),
        "storage": lambda: storage.rows().session_by_id(parsed.session_id, parsed.family_hash),
    }


def request(store: SessionStore, token: str, *, uses: bool = True) -> Callable[[], object]:
    """A page that shows something of its session, or has no use for it."""

    @session(store=store)
    def show(_event: dict[str, Any], _context: object) -> dict[str, Any]:
        return {"statusCode": 200, "body": str(len(current_session()["cart"])) if uses else ""}

    event = {
        "version": "2.0",
        "rawPath": "/",
        "headers": {"host": "example.com", "accept": "text/html", "accept-language": "en", "user-agent": "Mozilla/5.0"},
        "cookies": [f"__Host-session={token}"],
        "requestContext": {"http": {"method": "GET", "path": "/"}},
    }
    return lambda: show(event, None)


if __name__ == "__main__":
    table_name, presented, rounds, calls = sys.argv[1:]
    runs = {name: partial(cpu_milliseconds, call, int(calls)) for name, call in requests(table_name, presented).items()}
    print(json.dumps(medians_of(runs, rounds=int(rounds))))
