"""One request under a session, in turns by this library, by others, and by the bare calls.

Runs against the engine that the environment variables name, with session-lambda and Flask-Session in the environment of
`bench.environment`. Prints a JSON object: name of the subject -> CPU milliseconds of one request (median), calls to
DynamoDB, read and write units.

Usage: decorated_requests.py TABLE TOKEN KEY ROUNDS CALLS OTHER...
"""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module
from itertools import count
from typing import Any

import boto3
import botocore.session
from botocore.client import BaseClient

from bench.alternating import cpu_milliseconds, medians_of
from session_store import SessionStore, Transport
from session_store.web import current_session, session

Request = Callable[[], object]

SIMPLE_TABLES = {"session-lambda": "key", "flask-session": "id", "resource": "id"}
DATA: dict[str, Any] = {"language": "en", "cart": [{"sku": "B-1001", "quantity": 2}], "visits": 0}
READS = {"GetItem", "Query"}
VISITS = count(1)


def bare_requests(table_name: str, key: dict[str, Any]) -> dict[str, Request]:
    """The reads and writes that every session store needs, with the SDK alone."""
    client: Any = botocore.session.get_session().create_client("dynamodb")

    def read() -> None:
        client.get_item(TableName=table_name, Key=key, ConsistentRead=True)

    def change() -> None:
        read()
        client.update_item(
            TableName=table_name,
            Key=key,
            UpdateExpression="SET bench_visits = :visits",
            ExpressionAttributeValues={":visits": {"N": str(next(VISITS))}},
        )

    return {"bare, read-only": read, "bare, one change": change}


def our_requests(table_name: str, token: str, transport: Transport) -> dict[str, Request]:
    """This library's decorator, by one of the transports."""
    store = SessionStore(table_name, transport=transport)

    @session(store=store)
    def show(_event: dict[str, Any], _context: object) -> dict[str, Any]:
        return {"statusCode": 200, "body": str(len(current_session()["cart"]))}

    @session(store=store)
    def change(_event: dict[str, Any], _context: object) -> dict[str, Any]:
        current_session()["visits"] = next(VISITS)
        return {"statusCode": 200, "body": ""}

    event = http_api_event({}, [f"__Host-session={token}"])
    return {
        f"{transport}, read-only": lambda: show(event, None),
        f"{transport}, one change": lambda: change(event, None),
    }


def session_lambda_requests() -> dict[str, Request]:
    """session-lambda's decorator."""
    package: Any = import_module("session_lambda")  # looks for its table

    def show(_event: dict[str, Any], _context: object) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {}, "body": str(len((package.get_session_data() or DATA)["cart"]))}

    def change(_event: dict[str, Any], _context: object) -> dict[str, Any]:
        package.set_session_data({**(package.get_session_data() or DATA), "visits": next(VISITS)})
        return {"statusCode": 200, "headers": {}, "body": ""}

    reading, changing = package.session(show), package.session(update=True)(change)
    event = http_api_event(changing(http_api_event({}, []), None)["headers"], [])
    return {
        "session-lambda, read-only": lambda: reading(event, None),
        "session-lambda, one change": lambda: changing(event, None),
    }


def flask_session_requests() -> dict[str, Request]:
    """Flask-Session in a Flask application, called through WSGI."""
    flask: Any = import_module("flask")
    extension: Any = import_module("flask_session")
    app = flask.Flask("bench")
    app.config |= {
        "SESSION_TYPE": "dynamodb",
        "SESSION_DYNAMODB": boto3.resource("dynamodb"),
        "SESSION_DYNAMODB_TABLE": "flask-session",
    }
    extension.Session(app)

    def show() -> str:
        return str(len(flask.session["cart"]))

    def change() -> str:
        if not flask.session:
            flask.session.update(DATA)
        flask.session["visits"] = next(VISITS)
        return ""

    app.add_url_rule("/show", view_func=show)
    app.add_url_rule("/change", view_func=change)
    cookie = app.test_client().get("/change").headers["Set-Cookie"].partition(";")[0]
    return {
        "flask-session, read-only": wsgi_request(app, "/show", cookie),
        "flask-session, one change": wsgi_request(app, "/change", cookie),
    }


def resource_requests() -> dict[str, Request]:
    """An item with the session's data, read and changed as a whole through boto3's resource API."""
    table: Any = boto3.resource("dynamodb").Table("resource")
    table.put_item(Item={"id": "session", "data": DATA})

    def read() -> dict[str, Any]:
        data: dict[str, Any] = table.get_item(Key={"id": "session"}, ConsistentRead=True)["Item"]["data"]
        return data

    def change() -> None:
        table.put_item(Item={"id": "session", "data": {**read(), "visits": next(VISITS)}})

    return {"boto3's resource, read-only": read, "boto3's resource, one change": change}


def http_api_event(headers: dict[str, str], cookies: list[str]) -> dict[str, Any]:
    """An event of an HTTP API, with the headers that a browser sends."""
    browser = {"host": "example.com", "accept": "text/html", "accept-language": "en", "user-agent": "Mozilla/5.0"}
    return {
        "version": "2.0",
        "rawPath": "/",
        "headers": browser | headers,
        "cookies": cookies,
        "requestContext": {"http": {"method": "GET", "path": "/"}},
    }


def wsgi_request(app: Callable[..., Any], path: str, cookie: str) -> Request:
    """One GET request of a WSGI application."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "example.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_COOKIE": cookie,
    }

    def request() -> None:
        statuses: list[str] = []
        body = app({**environ, "wsgi.input": io.BytesIO()}, lambda status, *_: statuses.append(status))
        if b"".join(body) is None or not statuses[0].startswith("200"):
            raise RuntimeError(f"flask-session answered {statuses}")

    return request


def make_simple_tables() -> None:
    """The tables of the others: one string key each."""
    client: Any = botocore.session.get_session().create_client("dynamodb")
    for name, key in SIMPLE_TABLES.items():
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        )
        client.get_waiter("table_exists").wait(TableName=name)
    os.environ["SESSION_LAMBDA_DYNAMODB_TABLE_NAME"] = "session-lambda"


def cost(request: Request) -> dict[str, float]:
    """Calls to DynamoDB and units of one request that goes through the SDK."""
    base: Any = BaseClient
    send = base._make_api_call  # noqa: SLF001 - every client and resource passes through it
    found = {"calls": 0.0, "rru": 0.0, "wru": 0.0}

    def metered(self: Any, operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401
        found["calls"] += 1
        if operation.endswith("Item") or operation == "Query":
            parameters = {**parameters, "ReturnConsumedCapacity": "TOTAL"}
        reply = send(self, operation, parameters)
        found["rru" if operation in READS else "wru"] += reply.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
        return reply

    base._make_api_call = metered  # noqa: SLF001
    try:
        request()
    finally:
        base._make_api_call = send  # noqa: SLF001
    return found


OTHERS: dict[str, Callable[[], dict[str, Request]]] = {
    "session-lambda": session_lambda_requests,
    "flask-session": flask_session_requests,
    "boto3's resource": resource_requests,
}


def main() -> None:
    """Measure, and print."""
    table_name, token, key, rounds, calls, *others = sys.argv[1:]
    warnings.simplefilter("ignore")  # the others' own deprecations
    make_simple_tables()
    requests = (
        bare_requests(table_name, json.loads(key))
        | our_requests(table_name, token, Transport.OWN)
        | our_requests(table_name, token, Transport.BOTOCORE)
    )
    for other in others:
        requests |= OTHERS[other]()
    times = {name: partial(cpu_milliseconds, request, int(calls)) for name, request in requests.items()}
    took = medians_of(times, rounds=int(rounds))
    print(json.dumps({name: {"ms": took[name]} | cost(request) for name, request in requests.items()}))


if __name__ == "__main__":
    main()
