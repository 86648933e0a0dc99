"""The operator's command against the deployed stack, with IAM enforced, and as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from local.embedded_aws import ACCOUNT, REGION, Credentials
from local.env_file import write_env
from local.paths import ROOT
from session_store import SessionStore
from session_store.catalog.operator_policies import POLICIES, Arns, policy_document
from session_store.cli.main import program
from session_store.settings import EVENT_BUS, PARKING_QUEUE_URL, TABLE_NAME
from tests.canary.requests import stolen
from tests.support.checked_api import CheckedApi
from tests.support.deployed import Deployed
from tests.support.embedded_aws import create_caller

NONE: Final = "01880fb9-92c0-7001-8abc-000000000002"
# One way to use each command that is made of access patterns: SESSION and CUSTOMER are put in.
COMMANDS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "list": (("list", "CUSTOMER"),),
    "show": (("show", "SESSION"),),
    "last-login": (("last-login", "CUSTOMER"),),
    "children": (("children", "SESSION"),),
    "end": (
        ("end", "--customer", "CUSTOMER", "--dry-run"),
        ("end", "SESSION", "--dry-run"),
        ("end", "--customer", "CUSTOMER", "--except", "SESSION", "--yes"),
        ("end", "SESSION"),
        ("end", "--customer", "CUSTOMER", "--yes"),
    ),
    "erase": (("erase", "CUSTOMER", "--dry-run"), ("erase", "CUSTOMER", "--yes")),
    "doctor": (("doctor",),),
    "policy": (("policy", "list"),),
}
# MiniStack takes every call about concurrency for PutFunctionConcurrency.
OF_THE_EMULATOR: Final = {
    "doctor": [{"Effect": "Allow", "Action": "lambda:PutFunctionConcurrency", "Resource": "*"}],
}


def variables(deployed: Deployed, credentials: Credentials | None = None) -> dict[str, str]:
    """The environment of an operator."""
    key = credentials or deployed.credentials
    return {
        "AWS_ENDPOINT_URL": deployed.aws.endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        TABLE_NAME: deployed.table_name,
        EVENT_BUS: deployed.deployment.event_bus,
        PARKING_QUEUE_URL: deployed.deployment.parking_queue_url,
    }


@pytest.fixture(scope="module")
def store(deployed: Deployed) -> SessionStore:
    return SessionStore(deployed.table_name, dynamodb_client=deployed.table_client())


@pytest.fixture
def operator(deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of an operator who may do everything, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return variables(deployed)


def run(*arguments: str, **environment: str) -> Result:
    done = CliRunner().invoke(program, arguments, env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def process(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str], **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run the command as a process, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "session_store.cli", *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_the_policy_of_a_command_is_enough_for_it(
    deployed: Deployed, store: SessionStore, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    customer = f"customer-{uuid.uuid4()}"
    session = store.create_session(customer).session
    store.create_child_session(session)
    policy = policy_document(POLICIES[name], Arns(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{deployed.table_name}"))
    policy["Statement"] += OF_THE_EMULATOR.get(name, [])
    environment = variables(deployed, create_caller(deployed.aws, f"operator-{name}", policy))

    for command in COMMANDS[name]:
        words = {"SESSION": session.session_id, "CUSTOMER": customer}
        done = run(*(words.get(word, word) for word in command), **environment)
        assert done.exit_code == 0, done.stderr
    *_, last = map(json.loads, run("doctor", "--can", name, **environment).stdout.splitlines())
    assert (last["severity"], last["what"]) == ("ok", f"session-store {name} is granted"), last["why"]


@pytest.mark.shows("N22")
def test_every_policy_of_access_patterns_is_tried() -> None:
    assert not {name for name, row in POLICIES.items() if row.patterns} - COMMANDS.keys()


def test_a_command_without_its_policy_is_not_permitted(
    deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    policy = policy_document(POLICIES["list"], Arns(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{deployed.table_name}"))
    environment = variables(deployed, create_caller(deployed.aws, "operator-reader", policy))

    ended = run("end", NONE, **environment)
    assert ended.exit_code == 4
    assert f"dynamodb:Query on table {deployed.table_name} is not allowed" in ended.stderr
    asked = run("doctor", "--can", "list", "--can", "end", **environment)
    found = {row["what"]: row for row in map(json.loads, asked.stdout.splitlines())}
    assert asked.exit_code == 4
    assert found["session-store list is granted"]["severity"] == "ok"
    assert found["session-store end is not granted"]["fix"] == "session-store policy end"


def test_an_environment_of_cdk_json_names_account_stack_and_table(
    deployed: Deployed, store: SessionStore, operator: dict[str, str]
) -> None:
    customer = f"customer-{uuid.uuid4()}"
    session = store.create_session(customer).session
    del operator[TABLE_NAME]

    done = process(("list", customer, "--env", "local"), ROOT, operator)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["session_id"] == session.session_id
    nowhere = process(("list", customer, "--env", "local", "--account", "1" * 12), ROOT, operator)
    assert nowhere.returncode == 4
    assert f"the credentials are of account {ACCOUNT}" in nowhere.stderr


def test_a_stack_that_there_is_not_has_advice(operator: dict[str, str], tmp_path: Path) -> None:
    environments = {"other": {"region": REGION}}
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"environments": environments}}))

    done = run("list", "ABC", "--env", "other", **operator)
    assert done.exit_code == 4
    assert "There is no stack of that name" in done.stderr
    assert "Table: the output TableName of SessionStore-other (by --env)." in done.stderr


def test_with_make_run_up_it_needs_no_flags(deployed: Deployed, store: SessionStore, tmp_path: Path) -> None:
    customer = f"customer-{uuid.uuid4()}"
    store.create_session(customer)
    (tmp_path / ".local").mkdir()
    write_env(tmp_path / ".local" / "env", deployed.aws, deployed.deployment)

    done = process(("list", customer), tmp_path, {})
    assert done.returncode == 0
    assert json.loads(done.stdout)["customer_id"] == customer


def test_a_closed_pipe_ends_it_without_a_word(store: SessionStore, operator: dict[str, str], tmp_path: Path) -> None:
    customer = f"customer-{uuid.uuid4()}"
    store.create_session(customer)
    script = f'"{sys.executable}" -m session_store.cli list {customer} | true; echo ${{PIPESTATUS[0]}}'
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **operator}

    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("141\n", "")


def test_a_table_of_another_schema_and_none_are_told_apart(deployed: Deployed, operator: dict[str, str]) -> None:
    client = deployed.table_client()
    name = f"other-{uuid.uuid4()}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )

    other, none = (run("show", NONE, "--table", table, **operator) for table in (name, "no-such-table"))
    assert (other.exit_code, none.exit_code) == (4, 4)
    assert f"is {name} a session table" in other.stderr
    assert "there is no table no-such-table" in none.stderr
    found = run("doctor", "--table", name, **operator)
    assert found.exit_code == 4
    assert f"The table {name} is another one's" in found.stdout


def test_the_diagnosis_of_the_deployed_table_finds_no_error_all_grants_and_the_first_limit(
    deployed: Deployed, operator: dict[str, str]
) -> None:
    throttle = {"ThrottlingRateLimit": 50.0, "ThrottlingBurstLimit": 100}  # MiniStack leaves out the template's
    gateway = deployed.aws.session().client("apigatewayv2", endpoint_url=deployed.aws.endpoint_url)
    api = str(urlsplit(deployed.url).hostname).partition(".")[0]
    gateway.update_stage(ApiId=api, StageName="$default", DefaultRouteSettings=throttle)

    done = run("doctor", *(word for name in POLICIES for word in ("--can", name)), **operator)

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0, [row for row in rows if row["severity"] == "error"]
    assert {row["region"] for row in rows} == {REGION}
    good = {row["what"]: row["why"] for row in rows if row["severity"] == "ok"}
    assert not {name for name in POLICIES if f"session-store {name} is granted" not in good}
    assert "100 requests at once and 50 a second" in good["API Gateway's limit is met before Lambda's"]


def test_a_sign_in_a_sign_out_and_a_theft_are_watched_by_who_may_do_nothing_else(
    deployed: Deployed, api: CheckedApi, customer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    signed_out, _ = api.create(customer)
    robbed, token = api.create(customer)
    assert api.call("DELETE", f"/sessions/{signed_out['session_id']}").status == 204
    assert api.introspect(stolen(token)) == {"active": False}
    arns = Arns(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{deployed.table_name}")
    watcher = variables(deployed, create_caller(deployed.aws, "watcher", policy_document(POLICIES["watch"], arns)))

    done = run("watch", "--since", "10m", "--for", "0s", "--json", **watcher)

    assert done.exit_code == 0, done.stderr
    seen = [
        (row["session_id"], row["what"], row["reason"], row["route"])
        for row in map(json.loads, done.stdout.splitlines())
    ]
    started = [(each["session_id"], "started", "", "POST /sessions") for each in (signed_out, robbed)]
    assert [each for each in seen if each[0] in {signed_out["session_id"], robbed["session_id"]}] == [
        *started,
        (signed_out["session_id"], "ended", "signed out", "DELETE /sessions/{session_id}"),
        (robbed["session_id"], "theft", "a replaced token came back", "POST /sessions/introspect"),
    ]
    assert token not in done.stdout
    refused = run("end", robbed["session_id"], **watcher)
    assert refused.exit_code == 4


def test_the_policy_that_it_prints_names_the_table(deployed: Deployed, operator: dict[str, str]) -> None:
    document = json.loads(run("policy", "end", **operator).stdout)

    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{deployed.table_name}"
    assert document == policy_document(POLICIES["end"], Arns(arn))
