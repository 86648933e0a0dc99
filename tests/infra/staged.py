"""The service's functions, run from their staged code alone, as a system that a tour can be made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any, Final
from unittest.mock import MagicMock

from local.embedded_aws import ACCOUNT, REGION
from session_store.catalog.access_tokens import ISSUER_ROUTES
from session_store.catalog.functions import Function
from session_store.catalog.routes import ROUTES
from session_store.catalog.sign_in import SIGN_IN_FUNCTIONS, SIGN_IN_ROUTES
from session_store.oidc.arguments import DEFAULT_PREFIX
from tests.least_privilege.system import System
from tests.support.deployed import Deployed
from tests.support.jwts import AUDIENCE
from tests.support.lambda_events import get
from tests.support.provider import CLIENT_ID, REDIRECT_URI, Provider
from tests.support.reply import Reply
from tests.unit.gateway import CALLER, event_of
from tests.unit.jwt.world import KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE: Final = "sessions"
# Of one function alone: the others have no code for large data.
OF_LARGE_DATA: Final = {"SESSION_LARGE_DATA_BUCKET": "large-data"}
EVERY_ROUTE: Final = (*ROUTES, *ISSUER_ROUTES, *(route.under(DEFAULT_PREFIX) for route in SIGN_IN_ROUTES))
# Of every function the same process: its own modules are there during its calls only, and those of Lambda always.
PROGRAM: Final = """
import importlib, json, os, sys

kept, replies = {}, os.fdopen(int(sys.argv[1]), "w")
sys.path.insert(0, "")
for line in sys.stdin:
    function, sys.path[0], layers, variables, event = json.loads(line)
    os.environ.update(variables)
    sys.path.extend(set(layers) - set(sys.path))
    sys.modules.update(kept.get(function, {}))
    try:
        result = importlib.import_module(function).handler(event, None)
    except Exception as error:
        result = repr(error)
    of_zip = lambda module: str(getattr(module, "__file__", None)).startswith(sys.path[0])
    kept[function] = {name: module for name, module in sys.modules.items() if of_zip(module)}
    files = [sys.modules.pop(name).__file__.removeprefix(sys.path[0] + "/") for name in kept[function]]
    for name in variables:
        del os.environ[name]
    print(json.dumps([result, files]), file=replies, flush=True)
"""


@dataclass
class StagedFunctions:
    """The functions, each run from its own zip."""

    zips: Mapping[Function, Path]
    calls: IO[str]
    replies: IO[str]
    layer: Path
    provider: Provider
    loaded: dict[Function, set[str]] = field(default_factory=dict)  # the files that each has imported so far

    def call(self, function: Function, event: Mapping[str, Any]) -> Any:
        """A call's result, or its error as text."""
        layers = [str(self.layer)] if function in SIGN_IN_FUNCTIONS else []
        variables = OF_LARGE_DATA if function is Function.DELETE_OBJECTS else {}
        called = [function.value, str(self.zips[function]), layers, variables, event]
        print(json.dumps(called), file=self.calls, flush=True)
        result, files = json.loads(self.replies.readline())
        self.loaded[function] = set(files)
        return result

    def request(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        """Send a request to the function that serves its route. API Gateway takes the cookies out of the headers."""
        sent = dict(headers)
        cookies = sent.pop("cookie").split("; ") if "cookie" in sent else []
        route, event = event_of(EVERY_ROUTE, method, url, sent)
        event["requestContext"]["authorizer"] = {"iam": {"userArn": CALLER}}
        answer = self.call(route.function, event | {"cookies": cookies, "body": body or None})
        assert isinstance(answer, dict), answer
        return Reply(answer["statusCode"], answer["headers"], answer.get("cookies", ()), answer.get("body", ""))

    def from_back_end(
        self, method: str, url: str, *, json_body: object = None, headers: Mapping[str, str] = {}
    ) -> Reply:
        """A back end's request, as that of an `ApiClient`."""
        body = "" if json_body is None else json.dumps(json_body)
        return self.request(method, url, {"content-type": "application/json", **headers}, body)

    def orders(self, **headers: str) -> Reply:
        """A request that the authorizer decides about."""
        decision = self.call(Function.AUTHORIZER, get(headers=headers))
        assert isinstance(decision, dict), decision
        return Reply(200 if decision["isAuthorized"] else 403, {}, (), "")

    def system(self, client: DynamoDBClient) -> System:
        """The functions and their table, for a tour."""
        api = SimpleNamespace(request=self.from_back_end)
        aws = MagicMock()  # which has no processes to end
        deployed: Any = SimpleNamespace(api=api, aws=aws, table_name=TABLE, table_client=lambda: client)
        deployed.set_times = partial(Deployed.set_times, deployed)
        parts = {"send": self.request, "orders": self.orders, "deployed": deployed, "provider": self.provider}
        protected_api: Any = SimpleNamespace(**parts)
        return System(protected_api)


@contextmanager
def staged_functions(
    zips: Mapping[Function, Path], runtime: Path, layer: Path, urls: Mapping[str, str], provider: Provider
) -> Iterator[StagedFunctions]:
    """Run functions while the block runs.

    Args:
        zips: their staged code.
        runtime: the folder of what Lambda has besides.
        layer: the folder of what the functions of a sign-in need besides.
        urls: of DynamoDB, and of other services, by their environment variables.
        provider: of sign-ins.
    """
    environment = {
        **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_LAMBDA_FUNCTION_NAME"), "any"),
        "AWS_DEFAULT_REGION": REGION,
        **urls,
        "SESSION_JWT_ISSUER": "https://api.example.com",
        "SESSION_JWT_AUDIENCES": json.dumps([AUDIENCE]),
        "SESSION_JWT_KEY": KEY,
        "SESSION_JWT_KEYS": json.dumps([KEY]),
        "SESSION_OIDC_ISSUER": provider.url,
        "SESSION_OIDC_CLIENT_ID": CLIENT_ID,
        "SESSION_OIDC_CLIENT_SECRET": "oidc/kit",
        "SESSION_OIDC_CUSTOMER_PREFIX": "kit:",
        "SESSION_OIDC_REDIRECT_URI": REDIRECT_URI,
        "SESSION_REQUEST_LINES": "true",
        "PYTHONPATH": str(runtime),
        "TABLE_NAME": TABLE,
        "SESSION_EVENT_BUS": "sessions",
        "SESSION_PARKING_QUEUE_URL": f"{urls['AWS_ENDPOINT_URL']}/{ACCOUNT}/parking",
        "SESSION_DATA_KEYS": '["theme"]',
        "SESSION_MAX_SESSIONS_PER_CUSTOMER": "3",
    }
    reading, writing = os.pipe()
    command = [sys.executable, "-S", "-B", "-c", PROGRAM, str(writing)]
    process = subprocess.Popen(
        command,
        cwd=runtime,
        env=environment,
        pass_fds=[writing],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    os.close(writing)
    with process, os.fdopen(reading) as replies:
        assert process.stdin
        yield StagedFunctions(zips, process.stdin, replies, layer, provider)
        process.kill()  # an orderly end takes it seconds
