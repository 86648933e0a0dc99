"""Each function's zip holds what the function imports, and no more. Calls of everything that it does show both."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from session_store import SessionStore
from session_store.catalog.functions import Function
from session_store.catalog.permissions import OF_STREAMS
from session_store.cdk.bundle import bundle_files, stage_bundle, stage_files
from session_store.cdk.reached import modules_reached, pieces_of
from session_store.large_data.pointers import Pointer, new_key
from session_store.storage.attribute_values import Item
from session_store.storage.document import IN_S3
from session_store.testing import create_table
from tests.infra.staged import TABLE, StagedFunctions, staged_functions
from tests.least_privilege.functions import DeployedFunction, Rules
from tests.least_privilege.tour import tour
from tests.support.answering import Answer, answering
from tests.support.engines import ENGINES, Engine
from tests.support.provider import CLIENT_SECRET, providing
from tests.support.scenes import running
from tests.support.stream import Record, StreamingClient, record_of
from tests.unit.gateway import requests_of
from tests.unit.jwt.world import Kms

# Writes of rows are taken for possible there, because other things that run are called `update`, too.
_NO_WRITES = {"session_store/storage/expressions.py"}
_NO_LOCAL_KEY = {"session_store/jwt/local_key.py", "session_store/jwt/public_keys.py"}
_NO_STEP_UP = {"session_store/operations/authentication.py"}  # these validate without `max_auth_age`
_NO_COMPRESSED_ROW = {"session_store/storage/compression.py"}  # all could meet one
# Good calls by the transport of our own are without the SDK, those of an emulator without TLS.
_NOT_BY_THE_TOUR = {
    *("session_store/aws/__init__.py", "session_store/aws/connection.py", "session_store/storage/aws_errors.py"),
    "session_store/transport/tls.py",
    "session_store/storage/beside.py",  # for a child's token, which some of the tour's functions get
}
_NO_FAULT = {"session_store/storage/faults.py", "session_store/storage/outcomes.py"}  # no call of these fails here
_NO_USE = {"session_store/operations/uses.py"}  # an extension falls due too seldom, a rotation never
_NEVER_IMPORTED = {
    Function.USER_SESSION: _NO_STEP_UP,
    Function.AUTHORIZER: _NO_STEP_UP,
    Function.READ: _NO_WRITES,
    Function.MINT: _NO_WRITES | _NO_LOCAL_KEY | _NO_USE | {"session_store/operations/end.py"},
    # The other's handler is beside its own.
    Function.USER_MINT: {"session_store/operations/read.py"} | _NO_LOCAL_KEY,
    Function.ISSUER: _NO_FAULT | _NO_WRITES,
    # Reads for an answer that comes as a form.
    Function.SIGN_IN: {"session_store/operations/read.py"} | _NO_FAULT | _NO_USE,
    Function.PROVIDER_LOGOUT: {"session_store/data/json_data.py", "session_store/data/json_pointer.py"},
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    yield from running(next(engine for engine in ENGINES if engine.name == "dynoxide"))


@pytest.fixture(scope="module")
def functions(
    engine: Engine, lambda_runtime: Path, jwt_layer: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StagedFunctions]:
    """The functions, each after all that it ever does, and after a fault."""
    code = tmp_path_factory.mktemp("code")
    zips = {function: stage_bundle(function, code, rooms=rooms_of(function)) for function in Function}
    create_table(engine.client, TABLE)
    secret = json.dumps({"SecretString": CLIENT_SECRET})
    with (
        answering(Kms().answer) as kms,
        answering(lambda _: Answer(body=secret)) as secrets,
        answering(lambda _: Answer(403)) as s3,
        providing() as provider,
        staged_functions(
            zips,
            lambda_runtime,
            jwt_layer,
            {
                "AWS_ENDPOINT_URL": str(engine.endpoint_url),
                "AWS_ENDPOINT_URL_KMS": kms,
                "AWS_ENDPOINT_URL_S3": s3,
                "AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets,
            },
            provider,
        ) as functions,
    ):
        system = functions.system(engine.client)
        token = system.session("ABC")[1]
        on_requests = [function for function in Function if function not in OF_STREAMS]
        for function in on_requests:
            tour(system, DeployedFunction(Rules.DEFAULT, function))
        engine.client.delete_table(TableName=TABLE)
        for function in on_requests:
            for event in requests_of(function, token):
                functions.call(function, event)
        # Neither bus nor queue is there, so that it meets faults, too.
        functions.call(Function.LIFECYCLE_EVENTS, {"Records": changes()})
        functions.call(Function.DELETE_OBJECTS, {"Records": [end_of_a_large_one()]})
        yield functions


def changes() -> list[Record]:
    """A session's whole life, as the table's stream tells of it, and a row that no version of the code could read."""
    client = StreamingClient()
    create_table(client, TABLE)
    store = SessionStore(TABLE, dynamodb_client=client)
    created = store.create_session("ABC")
    store.create_child_session(created.session.session_id)
    store.end_session(created.session)
    store.erase_customer("ABC")
    unreadable = {"entity_type": {"S": "session"}, "session_state": {"S": "active"}}
    client.put_item(TableName=TABLE, Item={"PK": {"S": "suuid#1"}, "SK": {"S": "a#1"}, **unreadable})
    return client.records


def end_of_a_large_one() -> Record:
    """A row with a pointer to an object is deleted."""
    row: Item = {"PK": {"S": "suuid#1"}, "SK": {"S": "a#1"}, "data_codec": {"S": IN_S3}}
    return record_of(row | {"data": Pointer(new_key(row, 1), 1, b"").stored()}, None)


def rooms_of(function: Function) -> frozenset[str]:
    return frozenset({"large_data"} if function is Function.DELETE_OBJECTS else ())


@pytest.mark.parametrize("function", Function)
def test_a_functions_zip_holds_what_its_calls_import_and_no_more(
    function: Function, functions: StagedFunctions
) -> None:
    never = _NO_COMPRESSED_ROW | _NEVER_IMPORTED.get(function, set())
    loaded, files = functions.loaded[function], bundle_files(function, rooms_of(function)).keys() - never

    assert loaded | (files & _NOT_BY_THE_TOUR) == files


# Each would take milliseconds of every cold start, botocore half of it.
_COSTLY = {"dataclasses", "inspect", "logging", "concurrent.futures", "botocore", "uuid", "asyncio"}
_NOT_TO_VALIDATE = {
    *("session_store.operations.uses", "session_store.operations.end", "session_store.storage.conditions"),
    *("session_store.storage.expressions", "session_store.storage.faults", "session_store.data.json_data"),
    "session_store.observing",
}
_FIRST_VALIDATE = """
import sys
from session_store import SessionStore
SessionStore(sys.argv[1], transport="own", endpoint_url=sys.argv[2], region_name="us-east-1").validate(sys.argv[3])
print(*sys.modules)
"""


def test_a_first_validation_loads_nothing_that_it_does_not_need(engine: Engine, tmp_path: Path) -> None:
    create_table(engine.client, "validated")
    token = SessionStore("validated", dynamodb_client=engine.client).create_session("ABC").token
    code = stage_files(bundle_files(Function.INTROSPECT), tmp_path)
    command = [sys.executable, "-S", "-B", "-c", _FIRST_VALIDATE, "validated", str(engine.endpoint_url), token]
    keys = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "any")
    done = subprocess.run(command, cwd=code, env=keys, capture_output=True, text=True, check=True)

    assert "session_store.operations.validate" in done.stdout.split()
    assert not (_COSTLY | _NOT_TO_VALIDATE) & set(done.stdout.split())


_MODULES = {
    "entry": "from shop.cart import Cart\n\ndef handler(event, context):\n    return Cart().total(event)",
    "shop": "",
    "shop.cart": """
from typing import TYPE_CHECKING
import json
from shop import later
if TYPE_CHECKING:
    from shop import types_only

class Cart:
    def __init__(self):
        from shop import made
    def total(self, event):
        from shop import summed
        return json.dumps(later.prices.all())
    def refund(self):
        from shop import refunded

class Never:
    def __init__(self):
        from shop import never_made
""",
    "shop.later": """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.later import prices, stocks

def __getattr__(name): ...
""",
    **dict.fromkeys(("shop.later.prices", "shop.later.stocks"), "def dumps(): from shop import dumped"),
    **dict.fromkeys(("shop.types_only", "shop.made", "shop.never_made"), ""),
    **dict.fromkeys(("shop.summed", "shop.refunded", "shop.dumped"), ""),
}


@pytest.mark.parametrize(
    ("named", "further"),
    [((), set()), (("refund",), {"shop.refunded"}), (("dumps",), {"shop.dumped"}), (("stocks",), set())],
)
def test_an_import_counts_where_code_that_runs_gets_to_it(named: tuple[str, ...], further: set[str]) -> None:
    reached = modules_reached(
        "entry", {"handler", *named}, lambda name: pieces_of(name, _MODULES[name]) if name in _MODULES else ()
    )

    always = {"entry", "shop", "shop.cart", "shop.later", "shop.later.prices", "shop.made", "shop.summed"}
    assert reached == always | further
