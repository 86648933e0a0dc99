"""AWS sessions on the embedded AWS, which checks signatures, trust and permissions, with several accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from local.embedded_aws import REGION, EmbeddedAws, running
from local.ports import free_port
from session_store.aws import AwsSessions, ClientSettings, StaticCredentials
from tests.support.aws_of_accounts import ACCOUNTS
from tests.support.embedded_aws import create_caller

TRUSTING, STRICT, WITHOUT = ACCOUNTS
PARTNER = "partner-7"


def sessions_of(embedded: EmbeddedAws, key_id: str, secret: str = "any") -> AwsSessions:
    everywhere = ClientSettings(endpoints={"*": embedded.endpoint_url}, max_attempts=1)
    return AwsSessions(region=REGION, credentials=StaticCredentials(key_id, secret), client=everywhere)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsSessions]:
    """A user in the embedded AWS's own account. Two others have the role Ops for it, one with an external id."""
    folder = tmp_path_factory.mktemp("accounts")
    with running("tests.support.aws_of_accounts", port=free_port(), folder=folder) as embedded:
        user = create_caller(embedded, "ada")
        caller = sessions_of(embedded, user.access_key_id, user.secret_access_key)
        for account, condition in ((TRUSTING, {}), (STRICT, {"StringEquals": {"sts:ExternalId": PARTNER}})):
            create_role(sessions_of(embedded, account), caller.identity.arn, condition)
        yield caller


def create_role(root: AwsSessions, trusted: str, condition: dict[str, dict[str, str]]) -> None:
    """The role Ops, which may list tables, and a table named after the account."""
    trust = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole", "Condition": condition}
    allowed = {"Effect": "Allow", "Action": "dynamodb:ListTables", "Resource": "*"}
    iam = root.client("iam")
    iam.create_role(RoleName="Ops", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName="Ops", PolicyName="policy", PolicyDocument=policy)
    root.client("dynamodb").create_table(
        TableName=f"of-{root.account}",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def tables(sessions: AwsSessions) -> list[str]:
    names: list[str] = sessions.client("dynamodb").list_tables()["TableNames"]
    return names


def test_a_fan_out_reaches_each_account_and_an_account_without_trust_hides_no_other(aws: AwsSessions) -> None:
    outcomes = {each.account: each for each in aws.fan_out(tables, accounts=ACCOUNTS, role="Ops", external_id=PARTNER)}

    assert outcomes[TRUSTING].value == [f"of-{TRUSTING}"]
    assert outcomes[STRICT].value == [f"of-{STRICT}"]
    assert isinstance(outcomes[WITHOUT].error, ClientError)
    assert (advice := outcomes[WITHOUT].advice)
    assert advice.code == "AccessDenied"


def test_a_role_has_its_own_permissions_and_what_its_trust_demands(aws: AwsSessions) -> None:
    ops = aws.assume_role(f"arn:aws:iam::{TRUSTING}:role/Ops")
    with pytest.raises(ClientError, match="AccessDenied"):
        ops.client("dynamodb").describe_table(TableName=f"of-{TRUSTING}")

    with pytest.raises(ClientError, match=r"AccessDenied.*AssumeRole"):
        tables(aws.assume_role(f"arn:aws:iam::{STRICT}:role/Ops"))
    assert tables(aws.assume_role(f"arn:aws:iam::{STRICT}:role/Ops", external_id=PARTNER)) == [f"of-{STRICT}"]


def test_a_session_policy_takes_permissions_away(aws: AwsSessions) -> None:
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}

    with pytest.raises(ClientError, match="AccessDenied"):
        tables(aws.assume_role(f"arn:aws:iam::{TRUSTING}:role/Ops", policy=nothing))
