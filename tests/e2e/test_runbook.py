"""The runbook, followed: every command of its pages runs, in order, and does what the page says."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pytest

from session_store import InvalidTokenError, Refusal, SessionSettings, SessionStore, Transport
from session_store.catalog.alarms import ALARMS
from session_store.testing import MovableClock
from tests.support.deployed import Deployed
from tests.support.http_client import ApiClient
from tests.support.runbook import DOCS, STACK, OnCall, blocks, on_call

INTROSPECT: Final = ("POST", "/sessions/introspect")
NOW: Final = timedelta()
BROKEN: Final = 'def handler(event, context):\n    raise RuntimeError("a fault of this version")\n'


def functions(engineer: OnCall) -> list[Any]:
    """The functions of the stack, as AWS describes them."""
    every = engineer.client("lambda").list_functions()["Functions"]
    return [each for each in every if each["FunctionName"].startswith(f"{STACK}-")]


def variables(engineer: OnCall, name: str) -> dict[str, str | None]:
    """The values that a variable has in the functions, by their names."""
    return {each["FunctionName"]: each["Environment"]["Variables"].get(name) for each in functions(engineer)}


def not_before(engineer: OnCall) -> set[str | None]:
    """The moments before which functions refuse sessions. That of lifecycle events lets no session in."""
    return {
        moment for name, moment in variables(engineer, "SESSION_NOT_BEFORE").items() if "EventsFunction" not in name
    }


class Service:
    """The service that the pages are about."""

    def __init__(self, engineer: OnCall) -> None:
        self.outputs = engineer.outputs()
        self.api = ApiClient(self.outputs["ApiUrl"], engineer.deployed.credentials)
        self.client = engineer.deployed.table_client()

    def store(self, table: str = "", *, not_before: datetime | None = None, ago: timedelta = NOW) -> SessionStore:
        """The library on a table, some time ago."""
        return SessionStore(
            table or self.outputs["TableName"],
            settings=SessionSettings(not_before=not_before),
            dynamodb_client=self.client,
            clock=MovableClock(datetime.now(UTC) - ago),
        )

    def sign_in(self, customer: str) -> str:
        return str(self.api.request("POST", "/sessions", json_body={"customer_id": customer}).json["token"])

    def introspect(self, token: str) -> int | bool:
        """Whether a token is valid; the status where that is not known."""
        reply = self.api.request(*INTROSPECT, json_body={"token": token})
        return bool(reply.json["active"]) if reply.status == 200 else reply.status


class Deployment:
    """The service as one commit after the other deploys it."""

    def __init__(self, engineer: OnCall) -> None:
        good = engineer.shell("git rev-parse HEAD").strip()
        # The commit that must be rolled back is also the one after which all sign in again.
        self.all_customers = engineer.follow("runbook/end-all-sessions.md", CUSTOMER="ABC")
        self.not_before = str(int(datetime.fromisoformat(next(self.all_customers).strip()).timestamp()))
        next(self.all_customers)
        (engineer.folder / "lambda" / "introspect.py").write_text(BROKEN)
        engineer.commit("The bad one")
        self.looked, _, self.checked = engineer.follow("runbook/deploy.md")
        self.service = Service(engineer)
        self.broken = self.service.introspect("v1.x")
        self.transport = engineer.follow("runbook/roll-back.md", GOOD=good)  # the rest of the page
        self.log, _, self.rolled_back = islice(self.transport, 3)
        self.left = engineer.shell("git status --short; git log -1 --format=%s")


@pytest.fixture(scope="module")
def engineer(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnCall]:
    with on_call(deployed, tmp_path_factory.mktemp("on-call")) as engineer:
        yield engineer


@pytest.fixture(scope="module")
def deployment(engineer: OnCall) -> Deployment:
    return Deployment(engineer)


@pytest.fixture(scope="module")
def service(deployment: Deployment) -> Service:
    return deployment.service


def rows(said: str) -> list[Any]:
    """The lines that `session-store` prints; what else is printed is left out."""
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def errors(said: str) -> list[Any]:
    """Those that `session-store doctor` found."""
    findings = rows(said)
    assert findings
    return [each for each in findings if each["severity"] == "error"]


def test_every_page_with_commands_is_followed_and_says_how_to_go_on_when_they_fail() -> None:
    tests = Path(__file__).read_text(encoding="utf-8")
    pages = {file.name: file.read_text(encoding="utf-8") for file in DOCS.glob("runbook/*.md")}
    with_commands = {name: text for name, text in pages.items() if blocks(text)}

    assert len(with_commands) > 5
    assert not [name for name in with_commands if f'"runbook/{name}"' not in tests]
    assert not [name for name, text in with_commands.items() if "\n## If it fails\n" not in text]


def test_a_deployment_is_looked_at_deployed_and_checked(deployment: Deployment) -> None:
    assert deployment.looked == ""  # all is committed, and the diff is on stderr
    assert deployment.service.outputs["TableName"].startswith(STACK)
    assert deployment.checked.endswith("[]\n")  # no alarm
    assert errors(deployment.checked) == []


def test_the_earlier_code_comes_back_with_the_settings_of_now(engineer: OnCall, deployment: Deployment) -> None:
    assert deployment.broken >= 500
    assert deployment.service.introspect("v1.x") is False
    assert not_before(engineer) == {deployment.not_before}
    assert errors(deployment.rolled_back) == []
    assert "The bad one" in deployment.log
    assert deployment.left.startswith("Back to ")  # and nothing is left changed


def test_all_sessions_of_all_customers_end_and_new_ones_begin(
    engineer: OnCall, service: Service, deployment: Deployment
) -> None:
    earlier = service.store(ago=timedelta(minutes=5)).create_session("ABC")
    new = service.sign_in("ABC")
    assert (service.introspect(earlier.token), service.introspect(new)) == (False, True)  # by the deployment alone

    said = next(deployment.all_customers)
    printed = dict(line.split("\t") for line in said.splitlines() if "\t" in line)
    assert printed == {name: str(each) for name, each in variables(engineer, "SESSION_NOT_BEFORE").items()}
    assert not_before(engineer) == {deployment.not_before}
    counted, ended = rows(said)
    assert (counted["sessions"], ended["sessions_ended"]) == (1, 1)
    assert service.store().get_session(earlier.session.session_id) is None
    assert service.introspect(new) is True

    listed, ended = rows(next(deployment.all_customers))  # the same page, of one customer
    assert (listed["customer_id"], ended["sessions_ended"]) == ("ABC", 1)
    assert service.introspect(new) is False


def test_requests_go_by_botocore_again_at_once(engineer: OnCall, service: Service, deployment: Deployment) -> None:
    token, before = service.sign_in("customer-1"), functions(engineer)

    next(deployment.transport)
    for old, new in zip(before, functions(engineer), strict=True):
        assert new["Environment"]["Variables"] == old["Environment"]["Variables"] | {"SESSION_TRANSPORT": "botocore"}
    assert service.introspect(token) is True

    assert list(deployment.transport) == [""]  # the change of cdk.json
    content = json.loads((engineer.folder / "cdk.json").read_text())
    assert content["context"]["environments"]["prod"]["transport"] == Transport.BOTOCORE.name


def test_a_customer_is_erased(engineer: OnCall, service: Service) -> None:
    customer = f"customer-{uuid.uuid4()}"
    tokens = [service.sign_in(customer) for _ in range(2)]

    counted, erased, again = (rows(said) for said in engineer.follow("runbook/erase.md", CUSTOMER=customer))

    assert counted[0]["sessions"] == 2
    assert erased[0]["rows_deleted"] == 2
    assert [each["rows_deleted"] for each in again] == [0]  # and no line of a session
    assert [service.introspect(token) for token in tokens] == [False, False]


def test_everything_stops_and_resumes(engineer: OnCall, service: Service) -> None:
    token = service.sign_in("customer-1")
    names = {each["FunctionName"] for each in functions(engineer)}

    for said, expected in zip(engineer.follow("runbook/stop.md"), (True, 429, True), strict=True):
        assert {each["function"] for each in rows(said)} == names
        assert service.introspect(token) == expected


def test_a_key_is_rotated(engineer: OnCall, service: Service) -> None:
    key = engineer.client("kms").create_key()["KeyMetadata"]["KeyId"]
    function = functions(engineer)[0]
    names = {"FUNCTION": function["FunctionName"], "LOG_GROUP": function["LoggingConfig"]["LogGroup"]}
    table = service.outputs["TableName"]

    rotated, looked_at = engineer.follow("runbook/rotate-a-key.md", KEY=key, TABLE=table, **names)

    assert rotated == "true\n"
    assert looked_at  # prod has no key of its own


def test_the_first_command_of_every_alarm_runs(engineer: OnCall, service: Service) -> None:
    queue = engineer.client("sqs").create_queue(QueueName="failed")["QueueUrl"]
    function = functions(engineer)[0]
    log = function["LoggingConfig"]["LogGroup"]
    names = {"FUNCTION": function["FunctionName"], "FUNCTION_LOG": log, "ACCESS_LOG": log}

    beginning, *commands = engineer.follow("runbook.md", QUEUE=queue, **names)

    assert function["FunctionName"] in beginning
    assert len(commands) > len(ALARMS)


def test_a_restored_table_serves_and_lets_in_new_sessions_alone(engineer: OnCall, service: Service) -> None:
    customer, erased = (f"customer-{uuid.uuid4()}" for _ in range(2))
    token, gone = service.sign_in(customer), service.sign_in(erased)
    (engineer.folder / "customers.txt").write_text(f"{erased}\n")
    new = f"restored-{uuid.uuid4()}"
    steps = engineer.follow("runbook/restore.md", NEW=new)

    assert next(steps) == '"ACTIVE"\n'
    # The embedded AWS restores the rows of now: the session is ended after that.
    service.store().end_customer_sessions(customer)
    assert service.introspect(token) is False
    assert service.store(new).validate(token).customer_id == customer  # the danger
    switched_on, repeated, now, _edit, deployed = steps

    assert rows(repeated)[0]["rows_deleted"] == 1
    for each in (token, gone):
        assert service.introspect(each) is False
    with pytest.raises(InvalidTokenError, match=Refusal.REVOKED):
        service.store(new, not_before=datetime.fromisoformat(now.strip())).validate(token)
    assert service.introspect(service.sign_in(customer)) is True
    assert set(variables(engineer, "TABLE_NAME").values()) == {new}
    table = service.client.describe_table(TableName=new)["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert service.client.describe_time_to_live(TableName=new)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert '"ENABLED"' in switched_on
    assert errors(deployed) == []


def test_a_backup_from_before_the_end_of_a_session_holds_it_live_and_not_before_refuses_it(service: Service) -> None:
    """The embedded AWS restores a backup with the rows of its moment, which it does not do for a point in time."""
    earlier, new_table = service.store(ago=timedelta(minutes=5)), f"restored-{uuid.uuid4()}"
    token = earlier.create_session("customer-1").token
    backup = service.client.create_backup(TableName=service.outputs["TableName"], BackupName="before")
    earlier.end_session(earlier.validate(token))
    service.client.restore_table_from_backup(TargetTableName=new_table, BackupArn=backup["BackupDetails"]["BackupArn"])

    with pytest.raises(InvalidTokenError, match=Refusal.ENDED):
        service.store().validate(token)
    assert service.store(new_table).validate(token).customer_id == "customer-1"  # the danger
    restored = service.store(new_table, not_before=datetime.now(UTC) - timedelta(minutes=1))
    with pytest.raises(InvalidTokenError, match=Refusal.REVOKED):
        restored.validate(token)
    assert restored.validate(restored.create_session("customer-1").token).customer_id == "customer-1"
