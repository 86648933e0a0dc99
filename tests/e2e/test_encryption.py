"""Everything deployed with encryption: it works, marked data shows nowhere, each role has what it needs of the keys.

Large data is in S3 there. Its objects go with their sessions.

The embedded AWS restores a table with the rows of its backup. Backups to a moment and exports to S3 are copies of the
same rows by AWS itself.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from local.deploy import deploy_app, local_url
from local.embedded_aws import ACCOUNT, REGION
from local.paths import ROOT
from session_store import CreatedSession, SessionStore, Timeouts
from session_store.catalog.functions import Function
from session_store.catalog.large_data import OBJECTS
from session_store.catalog.operator_policies import POLICIES, Arns, arns_of_bucket, policy_document
from session_store.encryption import Encryption, KmsKeyring
from session_store.encryption.settings import EncryptionSettings
from session_store.large_data import LargeData
from session_store.settings import TABLE_NAME
from session_store.storage.attribute_values import Item
from session_store.testing.clock import MovableClock
from tests.canary.marks import DATA_NEEDLES, MARKED_DATA, VALUE, assert_absent, found
from tests.canary.surfaces import rows
from tests.e2e.test_command_line import OF_THE_EMULATOR, process, run, variables
from tests.e2e.test_lifecycle_events import wait_for
from tests.least_privilege.roles import as_list
from tests.least_privilege.system import System, new_customer
from tests.least_privilege.test_mutations import policy_of
from tests.support.aws_calls import AwsCall, recorded_calls
from tests.support.deployed import Deployed
from tests.support.embedded_aws import create_caller
from tests.support.encrypted_app import NAME, STORE_ID
from tests.support.jwts import AUDIENCE
from tests.support.protected_api import ProtectedApi
from tests.support.provider import Browser, providing

UNWRAPS, MAKES = "Decrypt", "GenerateDataKey"
LONG: Final = Timeouts(idle=timedelta(days=30), absolute=timedelta(days=30))
A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Shop:
    """The deployed system, and all that a tour through it has brought."""

    system: System
    key: str
    bucket: str
    of_the_keys: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # the statements, by role

    @property
    def deployed(self) -> Deployed:
        return self.system.protected_api.deployed

    def encryption(self, *keys: str) -> Encryption:
        keyring = KmsKeyring(*(keys or (self.key,)), client=self.deployed.client("kms"))
        return Encryption(keyring, store_id=STORE_ID)

    def store(self, table_name: str = "", **given: Any) -> SessionStore:
        """A store of a program beside the functions."""
        its_own: dict[str, Any] = {"dynamodb_client": self.deployed.table_client(), "encryption": self.encryption()}
        return SessionStore(table_name or self.deployed.table_name, **its_own | given)

    def objects(self, session_id: str = "") -> list[str]:
        """The keys of a session's objects, or of all."""
        reply = self.deployed.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=session_id)
        return [each["Key"] for each in reply.get("Contents", ())]

    def signed_in_last_week(self) -> CreatedSession:
        """A session under another data key than that of this week, which is live."""
        clock = MovableClock(datetime.now(UTC) - A_WEEK)
        return self.store(clock=clock).create_session(new_customer(), data={"visits": 1}, timeouts=LONG)

    @contextmanager
    def first_of_the_week(self, function: Function) -> Iterator[None]:
        """Let a function make this week's data key. Afterwards it is as if it had not."""
        yield
        found = rows(self.deployed)
        newest = max(filter(is_data_key, found), key=lambda row: int(row["created_at"]["N"]))
        name = bytes.fromhex(newest["PK"]["S"].removeprefix("key#"))
        for row in found:
            if row is newest or row.get("data", {}).get("B", b"")[1:].startswith(name):
                key = {part: row[part] for part in ("PK", "SK")}
                self.deployed.table_client().delete_item(TableName=self.deployed.table_name, Key=key)
        self.system.new_processes(function)

    def policy(self, role: str) -> tuple[str, dict[str, Any]]:
        """The one policy of a role: its name, and the document."""
        iam = self.deployed.client("iam")
        (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        return name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    def functions_and_deletion(self) -> dict[str, str]:
        """Likewise, with the function that deletes objects."""
        client = self.deployed.client("lambda")
        pages = client.get_paginator("list_functions").paginate()
        found = (each for page in pages for each in page["Functions"] if each["FunctionName"].startswith(NAME))
        by_role = {each["Role"].rpartition("/")[2]: each["Handler"].partition(".")[0] for each in found}
        return {role: name for role, name in by_role.items() if name in {*Function}}

    @cached_property
    def functions(self) -> dict[str, str]:
        """A role's name to the function's."""
        return {role: function for function, role in self.system.roles().items()}

    @cached_property
    def calls(self) -> list[AwsCall]:
        """Those of its functions."""
        return [call for call in recorded_calls(self.deployed.aws) if call.role in self.functions]


def is_data_key(row: Item) -> bool:
    return str(row["PK"]["S"]).startswith("key#")


@pytest.fixture(scope="module")
def shop(deployed: Deployed) -> Iterator[Shop]:
    with providing() as provider:
        program = f"env PYTHONPATH={ROOT} python3 -m tests.support.encrypted_app"
        file = deploy_app(deployed.aws, "encrypted", "--app", program, "--context", f"provider={provider.url}")
        outputs = json.loads(file.read_text())[NAME]
        port = deployed.aws.port
        api_url, application = (local_url(outputs[name], port) for name in ("ApiUrl", "ApplicationUrl"))
        its_own = replace(deployed, url=api_url, table_name=outputs["TableName"])
        api = ProtectedApi(application.removeprefix("http://"), port, its_own, provider=provider)
        made = Shop(System(api), outputs["KeyArn"], outputs["Bucket"])
        take_off_conditions(made)
        go(made)
        yield made
    s3 = deployed.client("s3")
    for key in made.objects():
        s3.delete_object(Bucket=made.bucket, Key=key)
    stacks = deployed.aws.session().client("cloudformation", endpoint_url=deployed.aws.endpoint_url)
    stacks.delete_stack(StackName=NAME)
    stacks.get_waiter("stack_delete_complete").wait(StackName=NAME, WaiterConfig={"Delay": 1})


def take_off_conditions(shop: Shop) -> None:
    """The embedded AWS knows no condition on the encryption context: tests/infra/test_optional_parts.py has them."""
    iam = shop.deployed.client("iam")
    for role in shop.functions:
        name, document = shop.policy(role)
        for statement in document["Statement"]:
            if "kms:EncryptionContext" in json.dumps(statement.get("Condition")):
                shop.of_the_keys.append((role, statement.copy()))
                del statement["Condition"]
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def go(shop: Shop) -> None:
    """Call everything with marked data."""
    system = shop.system
    make_this_weeks_key(shop)
    customer = new_customer()
    session_id, token = system.session(customer, data=MARKED_DATA | {"tier": VALUE}, client=VALUE)
    session = f"/sessions/{session_id}"
    system.call("PATCH", session, {"data": {"more": VALUE}})
    system.call("POST", f"{session}/extend")
    child = system.call("POST", f"{session}/children", {"data": MARKED_DATA})
    for url in (
        session,
        f"{session}/children",
        f"/children/{child['child']['child_session_id']}/session",
        f"/customers/{customer}/sessions",
    ):
        assert VALUE in json.dumps(system.call("GET", url))
    system.user("GET", "/session", token)
    _, of_user = system.session(new_customer())
    system.user("PATCH", "/session", of_user, {"data": {"ui": VALUE}})
    system.user("PUT", "/session/data", of_user, {"ui": [VALUE]})
    assert VALUE in json.dumps(system.user("GET", "/me/sessions", token))
    orders = system.protected_api.orders(authorization=f"Bearer {token}")
    assert (orders.status, orders.json["tier"]) == (200, VALUE)
    for minted in (
        system.call("POST", f"{session}/token", {"audience": AUDIENCE}),
        system.user("POST", "/session/token", token, {"audience": AUDIENCE}),
    ):
        assert json.loads(base64.urlsafe_b64decode(minted["access_token"].split(".")[1] + "=="))["tier"] == VALUE
    again = system.call("POST", "/sessions", {"customer_id": customer, "replaces": token, "carry_data": True})
    system.call("DELETE", f"/sessions/{again['session']['session_id']}")
    browser = system.browser()
    for _ in range(2):
        sign_in(browser)
    system.new_processes(Function.CREATE)  # which has made the key: now it finds it
    erased = new_customer()
    system.session(erased, data=MARKED_DATA)
    system.call("DELETE", f"/customers/{erased}/sessions")
    system.call("DELETE", f"/customers/{erased}")


def sign_in(browser: Browser) -> None:
    browser.provider.claims["email"] = VALUE
    assert browser.sign_in().status == 303


def make_this_weeks_key(shop: Shop) -> None:
    """Each function that writes makes the key once, as the first of the week."""
    system = shop.system
    with shop.first_of_the_week(Function.SIGN_IN):
        sign_in(system.browser())
    with shop.first_of_the_week(Function.UPDATE):
        url = f"/sessions/{shop.signed_in_last_week().session.session_id}"
        system.call("PATCH", url, {"data": {"more": VALUE}})
    with shop.first_of_the_week(Function.CREATE_CHILD):
        url = f"/sessions/{shop.signed_in_last_week().session.session_id}"
        system.call("POST", f"{url}/children", {"data": MARKED_DATA})
    with shop.first_of_the_week(Function.USER_SESSION):
        system.user("PATCH", "/session", shop.signed_in_last_week().token, {"data": {"ui": VALUE}})


class Restored(NamedTuple):
    """A table that was restored from a backup, and the token of a session in it."""

    table_name: str
    token: str


@pytest.fixture(scope="module")
def restored(shop: Shop) -> Restored:
    client, name = shop.deployed.table_client(), f"restored-{uuid.uuid4()}"
    token = shop.store().create_session("ana", data=MARKED_DATA).token
    backup = client.create_backup(TableName=shop.deployed.table_name, BackupName="encrypted")["BackupDetails"]
    client.restore_table_from_backup(TargetTableName=name, BackupArn=backup["BackupArn"])
    return Restored(name, token)


def validated(store: SessionStore, token: str) -> Any:
    """The data of the token's session."""
    return store.validate(token).data


# What it does


def test_data_is_there_for_every_function_and_every_store_of_the_same_key(shop: Shop) -> None:
    session_id, token = shop.system.session("ana", data=MARKED_DATA, client=VALUE)

    asked = shop.system.call("POST", "/sessions/introspect", {"token": token})["session"]
    assert (asked["data"], asked["client"]) == (MARKED_DATA, VALUE)
    session = shop.store().validate(token)
    assert (session.session_id, session.data) == (session_id, MARKED_DATA)


@pytest.mark.shows("T130")
def test_neither_table_nor_stream_calls_logs_nor_backups_show_marked_data(shop: Shop, restored: Restored) -> None:
    client, streams = shop.deployed.table_client(), shop.deployed.client("dynamodbstreams")
    lines = [line.text for line in shop.deployed.log_lines() if NAME in line.group]
    records = list(records_of(streams, client.describe_table(TableName=shop.deployed.table_name)["Table"]))
    surfaces = {
        "the table": rows(shop.deployed),
        "a backup": rows(replace(shop.deployed, table_name=restored.table_name)),
        "the stream": records,
        "the calls, events among them": [call.parameters for call in shop.calls],
        "the logs": lines,
    }

    assert min(map(len, surfaces.values())) > 10, {name: len(found) for name, found in surfaces.items()}
    assert "PutEvents" in {call.operation for call in shop.calls}
    assert_absent(DATA_NEEDLES, [(name, repr(surface)) for name, surface in surfaces.items()])
    assert found(DATA_NEEDLES, repr(validated(shop.store(), restored.token))) == list(DATA_NEEDLES)


def records_of(streams: Any, table: Mapping[str, Any]) -> Iterator[Any]:
    arn = table["LatestStreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        yield from streams.get_records(ShardIterator=streams.get_shard_iterator(**place)["ShardIterator"])["Records"]


def test_a_restored_table_of_another_name_is_read_with_the_same_store_id(shop: Shop, restored: Restored) -> None:
    assert validated(shop.store(restored.table_name), restored.token) == MARKED_DATA


@pytest.mark.shows("T55", "T130")
def test_each_function_has_used_all_that_it_may_do_with_the_keys(shop: Shop) -> None:
    used = {
        (function, call.operation)
        for call in shop.calls
        if call.operation in {UNWRAPS, MAKES} and (function := shop.functions[str(call.role)])
    }
    allowed = {
        (shop.functions[role], action.removeprefix("kms:"))
        for role, statement in shop.of_the_keys
        for action in as_list(statement["Action"])
    }

    assert used == allowed
    assert {function for function, _ in used} >= {Function.SIGN_IN, Function.AUTHORIZER, Function.MINT}
    assert not {Function.END, Function.ERASE, Function.LIFECYCLE_EVENTS} & {function for function, _ in used}


# Large data


# As the embedded AWS names requests to S3.
RECORDED_AS: Final = {"POST.s3": "DeleteObject", "ListObjects": "ListBucket"}
LARGE: Final = {"notes": VALUE * (1_000_000 // len(VALUE)), "visits": 1}
TOO_LARGE_FOR_A_ROW: Final = {"notes": VALUE * (350_000 // len(VALUE))}


def with_object(shop: Shop, customer: str, data: Mapping[str, Any] = TOO_LARGE_FOR_A_ROW) -> tuple[str, str]:
    """A session whose data is an object: its id, and the object's key."""
    session_id, _ = shop.system.session(customer, data=data)
    (key,) = shop.objects(session_id)
    return session_id, key


def test_large_data_goes_through_the_routes_and_each_save_leaves_one_object(shop: Shop) -> None:
    session_id, first = with_object(shop, new_customer(), LARGE)
    url = f"/sessions/{session_id}"

    assert shop.system.call("GET", url)["data"] == LARGE
    shop.system.call("PATCH", url, {"data": {"more": "m" * 1_000_000}})
    assert shop.system.call("GET", url)["data"].keys() == {*LARGE, "more"}
    wait_for(lambda: first not in shop.objects(session_id))
    (second,) = shop.objects(session_id)
    content = shop.deployed.client("s3").get_object(Bucket=shop.bucket, Key=second)["Body"].read()
    assert VALUE.encode() not in content
    refused = shop.deployed.api.request("PATCH", url, json_body={"data": {"most": "m" * 6_000_000}})
    assert refused.status == 413


def test_the_object_goes_with_its_session(shop: Shop) -> None:
    customer = new_customer()
    (ended, _), (replaced, _) = (with_object(shop, customer) for _ in range(2))
    shop.system.call("DELETE", f"/sessions/{ended}")
    wait_for(lambda: not shop.objects(ended))

    shop.system.call("DELETE", f"/customers/{customer}")
    assert shop.objects(replaced) == []  # not only soon: erasing deletes by itself


@pytest.mark.shows("T55")
def test_each_function_has_used_all_that_it_may_do_with_objects_but_for_what_losers_do(shop: Shop) -> None:
    """A save that loses against another deletes its object. Nothing that signs in here has large data to carry."""
    system, customer = shop.system, new_customer()
    session_id, token = system.session(customer, data=TOO_LARGE_FOR_A_ROW | {"tier": VALUE})
    session = f"/sessions/{session_id}"
    child = system.call("POST", f"{session}/children", {"data": TOO_LARGE_FOR_A_ROW})["child"]["child_session_id"]
    for url in (session, f"{session}/children", f"/children/{child}/session", f"/customers/{customer}/sessions"):
        assert VALUE in json.dumps(system.call("GET", url))
    system.call("POST", "/sessions/introspect", {"token": token})
    system.call("PATCH", session, {"data": {"more": VALUE}})
    system.user("PATCH", "/session", token, {"data": {"ui": VALUE}})
    system.user("GET", "/me/sessions", token)
    system.protected_api.orders(authorization=f"Bearer {token}")
    system.call("POST", f"{session}/token", {"audience": AUDIENCE})
    system.user("POST", "/session/token", token, {"audience": AUDIENCE})
    system.call("POST", "/sessions", {"customer_id": customer, "replaces": token, "carry_data": True})
    system.call("DELETE", f"/customers/{customer}")

    functions = shop.functions_and_deletion()
    used = {
        (functions[call.role], RECORDED_AS.get(call.operation, call.operation))
        for call in recorded_calls(shop.deployed.aws)
        if call.role in functions and call.service.startswith("s3")
    }
    allowed = {
        (function, action.removeprefix("s3:"))
        for role, function in functions.items()
        for statement in shop.policy(role)[1]["Statement"]
        for action in as_list(statement["Action"])
        if action.startswith("s3:")
    }
    deletes = {(each, "DeleteObject") for each in (Function.ERASE, Function.DELETE_OBJECTS)}
    of_losers = {each for each in allowed if each[1] == "DeleteObject"} - deletes
    assert used == {each for each in allowed - of_losers if each[0] != Function.SIGN_IN}


@pytest.mark.shows("T55")
def test_without_its_one_action_the_function_of_objects_says_that_they_are_not_deleted(shop: Shop) -> None:
    (role,) = (role for role, name in shop.functions_and_deletion().items() if name == Function.DELETE_OBJECTS)
    session_id, key = with_object(shop, new_customer())
    begin = int(time.time() * 1000)

    with policy_of(shop.deployed.client("iam"), role).without("s3:DeleteObject", OBJECTS):
        shop.system.call("DELETE", f"/sessions/{session_id}")
        wait_for(lambda: [line for line in shop.deployed.log_lines(begin) if '"ChangesUndone":' in line.text])

    assert shop.objects(session_id) == [key]


@pytest.mark.shows("A31")
@pytest.mark.parametrize("command", [("list", "ana", "--show-data"), ("export",), ("reencrypt",), ("doctor",)])
def test_the_policy_of_a_command_is_enough_for_encrypted_and_large_data(shop: Shop, command: tuple[str, ...]) -> None:
    with_object(shop, "ana")
    name = command[0]
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{shop.deployed.table_name}"
    settings = EncryptionSettings(kms_keys=(shop.key,), store_id=STORE_ID)
    arns = Arns(table, others=arns_of_bucket("aws", shop.bucket), encryption=settings)
    policy = policy_document(POLICIES[name], arns)
    for statement in policy["Statement"]:
        if "kms:EncryptionContext" in json.dumps(statement.get("Condition")):  # as for the functions
            del statement["Condition"]
    policy["Statement"] += OF_THE_EMULATOR.get(name, [])
    operator = variables(shop.deployed, create_caller(shop.deployed.aws, f"encrypted-{name}", policy))

    done = run(*command, **operator, **settings.environment(), SESSION_LARGE_DATA_BUCKET=shop.bucket)

    assert done.exit_code == 0, done.stderr
    assert name != "doctor" or f"The key {shop.key.rpartition('/')[2]} of the data is enabled" in done.stdout


def test_a_store_of_a_program_takes_all_that_a_session_may_have(shop: Shop) -> None:
    large_data = LargeData(shop.bucket, client=shop.deployed.client("s3"))
    store = shop.store(large_data=large_data)
    created = store.create_session("ana", data={"notes": "n" * 15_900_000})

    assert store.validate(created.token).data == created.session.data
    store.end_session(created.session)
    wait_for(lambda: not shop.objects(created.session.session_id))


# What goes wrong


def test_a_disabled_key_is_a_fault_in_which_nothing_ends_and_all_can_be_ended(shop: Shop) -> None:
    kms = shop.deployed.client("kms")
    kept, token = shop.system.session("ana", data=MARKED_DATA)
    ended, _ = shop.system.session("ana", data=MARKED_DATA)
    shop.system.new_processes(Function.READ)
    kms.disable_key(KeyId=shop.key)
    try:
        refused = shop.deployed.api.request("GET", f"/sessions/{kept}")
        shop.system.call("DELETE", f"/sessions/{ended}")
    finally:
        kms.enable_key(KeyId=shop.key)

    assert (refused.status, VALUE in refused.text) == (503, False)
    assert shop.system.call("GET", f"/sessions/{kept}")["data"] == MARKED_DATA
    assert shop.system.call("POST", "/sessions/introspect", {"token": token})["active"] is True


@pytest.mark.proof
def test_a_change_of_keys_that_is_killed_goes_on_and_then_the_old_key_is_needed_no_more(
    shop: Shop, tmp_path: Path
) -> None:
    store = shop.store()
    tokens = [store.create_session("cleo", data=MARKED_DATA).token for _ in range(20)]
    new = shop.deployed.client("kms").create_key()["KeyMetadata"]["Arn"]
    settings = EncryptionSettings(kms_keys=(new, shop.key), store_id=STORE_ID)
    environment = variables(shop.deployed) | {TABLE_NAME: shop.deployed.table_name} | settings.environment()
    command = ("reencrypt", "--segments", "1")
    due = rows_to_encrypt(shop, settings)
    slow = subprocess.Popen(
        [sys.executable, "-m", "session_store.cli", *command, "--max-wcu", "5"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: rows_to_encrypt(shop, settings) < due)
    slow.kill()
    assert slow.wait() == -signal.SIGKILL
    assert rows_to_encrypt(shop, settings) > 0

    done = process(command, tmp_path, environment)
    assert done.returncode == 0, done.stderr
    assert rows_to_encrypt(shop, settings) == 0
    only_new = shop.store(encryption=shop.encryption(new))
    assert all(validated(only_new, token) == MARKED_DATA for token in tokens)


def rows_to_encrypt(shop: Shop, settings: EncryptionSettings) -> int:
    codecs = shop.encryption(*settings.kms_keys).codecs(MovableClock(), compresses=False)
    live = [row for row in rows(shop.deployed) if row.get("session_state", {}).get("S") == "active"]
    return sum(not codecs.is_current(row) for row in live)
