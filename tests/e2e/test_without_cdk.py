"""`prod` from plain templates, deployed by boto3 alone: it serves, is stopped and resumed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from click.testing import CliRunner, Result

from local import templates
from local.deploy import local_url
from local.embedded_aws import ACCOUNT, REGION, Credentials, EmbeddedAws, embedded_aws
from local.ports import free_port
from session_store.catalog.alarms import ALARMS
from session_store.catalog.operator_policies import POLICIES, Arns, policy_document
from session_store.cli.main import program
from session_store.cli.stopping import TAG
from tests.support.embedded_aws import create_caller
from tests.support.http_client import ApiClient

BUCKET: Final = "code-of-the-functions"
STACK: Final = "SessionStore-prod"
INTROSPECT: Final = ("POST", "/sessions/introspect")


@cache
def client_of(aws: EmbeddedAws, service: str) -> Any:
    session: Any = aws.session()
    return session.client(service, endpoint_url=aws.endpoint_url)


class Plain(NamedTuple):
    """The deployed stack."""

    aws: EmbeddedAws
    outputs: Mapping[str, str]
    credentials: Credentials

    @property
    def api(self) -> ApiClient:
        return ApiClient(local_url(self.outputs["ApiUrl"], self.aws.port), self.credentials)

    def client(self, service: str) -> Any:
        return client_of(self.aws, service)

    def status(self) -> int:
        return self.api.request(*INTROSPECT, json_body={"token": "v1.x"}).status

    def operator(self, name: str, *arguments: str) -> Result:
        """A command of an operator who has its policy and no other."""
        arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{self.outputs['TableName']}"
        key = create_caller(self.aws, f"operator-{uuid.uuid4()}", policy_document(POLICIES[name], Arns(arn)))
        environment = {
            "AWS_ENDPOINT_URL": self.aws.endpoint_url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
            "TABLE_NAME": self.outputs["TableName"],
        }
        return CliRunner().invoke(program, [name, *arguments], env=environment)


def package(file: Path, storage: Any) -> str:
    """As `aws cloudformation package` does: upload the code, and name it in the template."""
    template = json.loads(file.read_text())
    for resource in template["Resources"].values():
        code = resource["Properties"].get("Code") if resource["Type"] == "AWS::Lambda::Function" else None
        if code is not None:
            storage.upload_file(str(file.parent / code), BUCKET, code)
            resource["Properties"]["Code"] = {"S3Bucket": BUCKET, "S3Key": code}
    return json.dumps(template)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plain]:
    folder = tmp_path_factory.mktemp("plain")
    (file,) = templates.write("prod", folder / "templates")
    with embedded_aws(port=free_port(), folder=folder / "aws") as aws:
        deployed = Plain(aws, {}, create_caller(aws, "back-end"))
        storage, formation = deployed.client("s3"), deployed.client("cloudformation")
        storage.create_bucket(Bucket=BUCKET)
        url = f"{aws.endpoint_url}/{BUCKET}/template.json"
        storage.put_object(Bucket=BUCKET, Key="template.json", Body=package(file, storage).encode())
        formation.create_stack(StackName=STACK, TemplateURL=url, Capabilities=["CAPABILITY_IAM"])
        formation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
        (stack,) = formation.describe_stacks(StackName=STACK)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        yield deployed._replace(outputs=outputs)


def test_the_service_answers(plain: Plain) -> None:
    made = plain.api.request("POST", "/sessions", json_body={"customer_id": "ABC"}).json
    assert plain.api.request(*INTROSPECT, json_body={"token": made["token"]}).json["active"] is True


def test_the_alarms_and_the_dashboard_are_there(plain: Plain) -> None:
    alarms = plain.client("cloudwatch").describe_alarms(AlarmNamePrefix=STACK, MaxRecords=100)["MetricAlarms"]
    names = {alarm["AlarmDescription"].rpartition("#")[2] for alarm in alarms}
    assert {"server-errors", "slow-route", "theft"} <= names <= {alarm.name for alarm in ALARMS}
    assert len(plain.client("cloudwatch").list_dashboards()["DashboardEntries"]) == 1


def test_stopped_functions_refuse_every_request_and_resume_with_what_they_had(plain: Plain) -> None:
    functions = plain.client("lambda")
    names = [each["FunctionName"] for each in functions.list_functions()["Functions"]]
    functions.put_function_concurrency(FunctionName=names[0], ReservedConcurrentExecutions=5)

    def concurrency() -> list[int | None]:
        found = (functions.get_function_concurrency(FunctionName=name) for name in names)
        return [each.get("ReservedConcurrentExecutions") for each in found]

    before = concurrency()
    assert plain.operator("stop").exit_code == 2  # it asks, and stdin is no terminal
    listed = plain.operator("stop", "--dry-run")
    assert (listed.exit_code, concurrency()) == (0, before)
    assert {json.loads(line)["function"] for line in listed.stdout.splitlines()} == set(names)
    for arguments in (("--yes",), ("--yes", "--all", "--output=json")):  # the second time does no harm
        assert plain.operator("stop", *arguments).exit_code == 0
        assert concurrency() == [0] * len(names)
        assert plain.status() == 429
    done = plain.operator("resume")
    assert (done.exit_code, concurrency()) == (0, before)
    assert plain.status() == 200
    tags = (
        functions.list_tags(Resource=each["FunctionArn"])["Tags"] for each in functions.list_functions()["Functions"]
    )
    assert not [each for each in tags if TAG in each]


def test_a_function_of_an_application_is_left_alone_and_named(plain: Plain) -> None:
    functions = plain.client("lambda")
    own = functions.list_functions()["Functions"][0]
    name = own["FunctionName"]
    functions.update_function_configuration(FunctionName=name, Description="of an application")
    try:
        done = plain.operator("stop", "--dry-run", "--output", "jsonl")
        assert f"Left alone, because they are an application's: {name}. --all stops them, too." in done.stderr
        assert name not in done.stdout
    finally:
        functions.update_function_configuration(FunctionName=name, Description=own["Description"])
