"""Findings about permissions, on the embedded AWS with IAM enforced: simulated where that is allowed, else tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.embedded_aws import REGION, EmbeddedAws, embedded_aws
from local.ports import free_port
from session_store.aws import AwsSessions, ClientSettings, StaticCredentials
from session_store.aws.diagnosis import Severity, diagnose
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.testing.table import create_table
from tests.support.embedded_aws import create_caller

VALIDATES = {
    "Effect": "Allow",
    "Action": ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem"],
    "Resource": "arn:aws:dynamodb:*:*:table/sessions",
}
DESCRIBES = {"Effect": "Allow", "Action": "dynamodb:Describe*", "Resource": "*"}
SIMULATES = {"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*"}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An AWS with an empty table of sessions."""
    with embedded_aws(port=free_port(), folder=tmp_path_factory.mktemp("aws")) as aws:
        create_table(root(aws).client("dynamodb"), "sessions")
        yield aws


def sessions(aws: EmbeddedAws, key_id: str, secret: str) -> AwsSessions:
    settings = ClientSettings(endpoints={"*": aws.endpoint_url})
    return AwsSessions(region=REGION, client=settings, credentials=StaticCredentials(key_id, secret))


def root(aws: EmbeddedAws) -> AwsSessions:
    return sessions(aws, aws.root.access_key_id, aws.root.secret_access_key)


def user(aws: EmbeddedAws, name: str, *statements: dict[str, Any]) -> AwsSessions:
    key = create_caller(aws, name, {"Version": "2012-10-17", "Statement": list(statements)})
    return sessions(aws, key.access_key_id, key.secret_access_key)


def test_all_is_tried_for_a_user_that_may_not_simulate_and_nothing_is_written(embedded: EmbeddedAws) -> None:
    aws = user(embedded, "tries", EVERYTHING, {**SIMULATES, "Effect": "Deny"})

    found = list(diagnose(aws, table="sessions", patterns=ACCESS_PATTERNS))

    granted = [each for each in found if each.why == "Calls that change nothing tried it"]
    assert [each.what for each in granted] == [f"{pattern.name} is granted" for pattern in ACCESS_PATTERNS]
    assert {each.severity for each in granted} == {Severity.OK}
    assert root(embedded).client("dynamodb").scan(TableName="sessions")["Count"] == 0


@pytest.mark.parametrize(
    ("name", "statements", "how"),
    [
        ("simulated", [SIMULATES], "IAM simulated it"),
        ("tried", [], "Calls that change nothing tried it"),
    ],
)
def test_a_missing_permission_is_named_with_the_grant_that_gives_it(
    name: str, statements: list[dict[str, Any]], how: str, embedded: EmbeddedAws
) -> None:
    aws = user(embedded, name, VALIDATES, DESCRIBES, *statements)

    found = list(diagnose(aws, table="sessions", patterns=["validate", "createSession", "getSessionsByCustomerId"]))

    validate, create, of_customer = found[-3:]
    assert (validate.severity, validate.why) == (Severity.OK, how)
    assert create.why == f"{how}. Missing: dynamodb:PutItem on the table"
    assert create.fix == "table.grant_create_session(role) in the CDK app"
    assert "dynamodb:Query on the index" in of_customer.why


def test_a_role_is_simulated_as_the_role_with_its_path(embedded: EmbeddedAws) -> None:
    iam, sts = root(embedded).client("iam"), root(embedded).client("sts")
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
    )
    arn = iam.create_role(RoleName="Ops", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for name, action in (("simulates", "iam:*"), ("describes", "dynamodb:Describe*")):
        policy = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}'
        iam.put_role_policy(RoleName="Ops", PolicyName=name, PolicyDocument=policy)
    given = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    credentials = StaticCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    aws = AwsSessions(
        region=REGION, client=ClientSettings(endpoints={"*": embedded.endpoint_url}), credentials=credentials
    )

    (*_, found) = diagnose(aws, table="sessions", patterns=["getSessionBySessionId"])

    assert found.severity is Severity.ERROR
    assert found.why.startswith("IAM simulated it. Missing: dynamodb:GetItem on the table")


def test_a_table_that_may_not_be_described_is_tried_nevertheless(embedded: EmbeddedAws) -> None:
    found = list(diagnose(user(embedded, "hidden", VALIDATES), table="sessions", patterns=["validate"]))

    assert (Severity.WARNING, "The table sessions cannot be looked at") in [
        (each.severity, each.what) for each in found
    ]
    assert found[-1].what == "validate is granted"
