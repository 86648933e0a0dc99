"""The embedded AWS, and requests of other programs and pages on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError

from local.embedded_aws import ACCOUNT, REGION
from tests.support.deployed import Deployed
from tests.support.http_client import ApiClient, send
from tests.support.made_up import EARLIER_KEY_ID, PUBLIC_KEY_IDS, made_up_authorization

BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
LAST_LOGIN = "/customers/unknown/last-login"
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Attempt(NamedTuple):
    """A request to a service, unsigned."""

    service: str
    method: str
    path: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: str = ""


ATTEMPTS = {
    "list functions": Attempt("lambda", "GET", "/2015-03-31/functions"),
    "list roles": Attempt("iam", "POST", "/", FORM, "Action=ListRoles&Version=2010-05-08"),
    "write an asset": Attempt("s3", "PUT", f"/{BUCKET}/planted.zip", {}, "code"),
    "list assets": Attempt("s3", "GET", f"/{BUCKET}"),
    "list tables": Attempt("dynamodb", "POST", "/", {"x-amz-target": "DynamoDB_20120810.ListTables"}, "{}"),
}
of_a_service = pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())


def outcome(deployed: Deployed, attempt: Attempt, key_id: str | None) -> int:
    """The status of the answer to a request with a made-up signature, or without one."""
    signed = {} if key_id is None else {"authorization": made_up_authorization(key_id, attempt.service)}
    headers = {**attempt.headers, **signed}
    return send(deployed.aws.port, attempt.method, attempt.path, headers, attempt.body.encode()).status


@pytest.mark.shows("T64")
@of_a_service
def test_no_service_takes_a_key_that_others_know_or_none(deployed: Deployed, attempt: Attempt) -> None:
    known = (*PUBLIC_KEY_IDS, EARLIER_KEY_ID, None)

    assert {outcome(deployed, attempt, key_id) for key_id in known} <= {400, 403}
    assert outcome(deployed, attempt, deployed.aws.root.access_key_id) == 200  # the id is enough


@pytest.mark.shows("T64")
def test_the_api_takes_no_key_that_others_know_or_none(deployed: Deployed) -> None:
    made_up = [made_up_authorization(key_id, "execute-api") for key_id in (*PUBLIC_KEY_IDS, EARLIER_KEY_ID)]
    client = ApiClient(deployed.url, None)

    for authorization in (*made_up, "Bearer any", "Basic YW55OmFueQ==", "AWS any:any", "any", ""):
        assert client.request("GET", LAST_LOGIN, headers={"authorization": authorization}).status == 403
    assert client.request("GET", LAST_LOGIN).status == 403


@pytest.mark.shows("T66")
def test_the_keys_of_a_function_cannot_be_worked_out_from_its_name_and_its_roles(deployed: Deployed) -> None:
    deployed.api.request("GET", LAST_LOGIN)  # the function has its keys by now
    client = deployed.aws.session().client("lambda", endpoint_url=deployed.aws.endpoint_url)
    functions = client.get_paginator("list_functions").paginate().search("Functions[].[FunctionArn, Role]")

    known = [f"{function}:{role}" for function, role in functions]
    with_the_secret = [text.replace(":arn", f":{deployed.aws.root.secret_access_key}/arn") for text in known]
    assert not any(are_keys(deployed, text) for text in known)
    assert any(are_keys(deployed, text) for text in with_the_secret)


def are_keys(deployed: Deployed, derived_from: str) -> bool:
    """Whether what MiniStack makes of a text are keys of a function."""
    digest = hashlib.sha256(derived_from.encode()).hexdigest()
    session = boto3.Session(
        aws_access_key_id=f"ASIA{digest[:16].upper()}",
        aws_secret_access_key=hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        aws_session_token=hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
        region_name=REGION,
    )
    try:
        session.client("sts", endpoint_url=deployed.aws.endpoint_url).get_caller_identity()
    except ClientError:
        return False
    return True


def status(deployed: Deployed, path: str = "/", **headers: str) -> int:
    """The status of a request that is signed with the root's key."""
    signed = {"authorization": made_up_authorization(deployed.aws.root.access_key_id, "s3")}
    return send(deployed.aws.port, "GET", path, {**signed, **headers}, b"").status


def test_a_page_of_another_site_is_refused_even_with_the_key(deployed: Deployed) -> None:
    own = f"http://localhost:{deployed.aws.port}"

    assert status(deployed) == status(deployed, origin=own.replace("localhost", "127.0.0.1")) == 200
    for origin in ("https://other.example", "http://localhost:3000", "null"):
        assert status(deployed, origin=origin) == 403


def test_another_name_for_this_machine_is_refused_even_with_the_key(deployed: Deployed) -> None:
    assert status(deployed, host=f"other.example:{deployed.aws.port}") == 403


@pytest.mark.shows("T71")
@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/health"])
def test_the_emulators_control_routes_are_closed_even_with_the_key(deployed: Deployed, path: str) -> None:
    assert status(deployed, path) == 403
    assert status(deployed, path, host=deployed.url.removeprefix("http://")) == 403
