"""The deployed system as such: who may call it, and that only this machine can."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from local.embedded_aws import Credentials
from session_store import encode_customer_id
from session_store.catalog.routes import BACKEND_ROUTES
from tests.infra.api_policies import api_policies
from tests.support.aws_calls import recorded_calls
from tests.support.deployed import Deployed
from tests.support.embedded_aws import create_caller
from tests.support.http_client import ApiClient
from tests.support.processes import descendants, listening_addresses, on_linux

LAST_LOGIN = "/customers/unknown/last-login"


def test_a_call_signed_with_a_wrong_secret_is_refused(deployed: Deployed) -> None:
    wrong = Credentials(deployed.credentials.access_key_id, "not the secret")

    assert ApiClient(deployed.url, wrong).request("GET", LAST_LOGIN).status == 403


def test_an_unknown_key_is_refused_by_the_table(deployed: Deployed) -> None:
    """With IAM off, every key would do."""
    stranger = deployed.aws.session(Credentials("AKIAUNKNOWN", "unknown"))

    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        stranger.client("dynamodb", endpoint_url=deployed.aws.endpoint_url).describe_table(
            TableName=deployed.table_name
        )


def test_a_function_asks_the_table_over_the_librarys_own_transport(deployed: Deployed) -> None:
    deployed.api.request("GET", LAST_LOGIN)

    calls = (call for call in recorded_calls(deployed.aws) if call.role and call.service == "dynamodb.amazonaws.com")
    assert next(calls).agent == "session-store"  # the newest


def test_a_back_end_may_call_the_routes_it_was_granted_and_no_other(deployed: Deployed) -> None:
    narrow = ApiClient(deployed.url, caller_granted(deployed, "getSession", "getCustomerSessions"))
    created = deployed.api.request("POST", "/sessions", json_body={"customer_id": "urn:granted/a"}).json["session"]
    session = f"/sessions/{created['session_id']}"

    allowed = (session, "/customers/granted/sessions", f"/customers/{encode_customer_id('urn:granted/a')}/sessions")
    assert [narrow.request("GET", path).status for path in allowed] == [200, 200, 200]
    refused = (f"{session}/children", "/customers/granted/last-login", "/sessions/no-id")
    assert [narrow.request("GET", path).status for path in refused] == [403, 403, 403]
    assert [narrow.request(method, session, json_body={}).status for method in ("PATCH", "DELETE")] == [403, 403]


def caller_granted(deployed: Deployed, *operation_ids: str) -> Credentials:
    """A new IAM user with the policy that `grant_invoke` makes for these routes."""
    routes = [route for route in BACKEND_ROUTES if route.operation_id in operation_ids]
    api_id = str(urlsplit(deployed.url).hostname).partition(".")[0]
    policy = api_policies({"Narrow": routes}, api_id=api_id)["Narrow"]
    return create_caller(deployed.aws, "narrow", policy)


def test_a_reference_to_a_secret_is_its_arn_as_long_as_it_lives(deployed: Deployed) -> None:
    """A policy names it so. MiniStack by itself gives the secret's name."""
    stacks, secrets = deployed.client("cloudformation"), deployed.client("secretsmanager")

    def done(step: str, text: str = "") -> str:
        made = {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": text}}}
        template = {"Resources": made, "Outputs": {"Arn": {"Value": {"Ref": "Secret"}}}}
        body = {} if step == "delete" else {"TemplateBody": json.dumps(template)}
        getattr(stacks, f"{step}_stack")(StackName="secret", **body)
        stacks.get_waiter(f"stack_{step}_complete").wait(StackName="secret", WaiterConfig={"Delay": 1})
        return (
            ""
            if step == "delete"
            else str(stacks.describe_stacks(StackName="secret")["Stacks"][0]["Outputs"][0]["OutputValue"])
        )

    for step in ("create", "update"):
        arn = done(step, step)
        assert arn.startswith("arn:aws:secretsmanager:")
        assert secrets.get_secret_value(SecretId=arn)["SecretString"] == step
    done("delete")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        secrets.get_secret_value(SecretId=arn)


@on_linux
def test_nothing_listens_on_any_other_address_than_loopback(deployed: Deployed) -> None:
    deployed.api.request("GET", LAST_LOGIN)  # a function's process runs by now, too

    addresses = listening_addresses(descendants(deployed.aws.process.pid))

    assert {str(address) for address in addresses} == {"127.0.0.1"}
