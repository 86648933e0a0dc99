"""The documents' shell examples, run as they are against the deployed system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.paths import ROOT
from tests.support.deployed import Deployed
from tests.support.shell import run

EXAMPLES = ROOT / "examples"


def answers(output: str) -> list[Any]:
    """The JSON values in a text, one after the other."""
    decoder, found = json.JSONDecoder(), []
    while output := output.strip():
        value, end = decoder.raw_decode(output)
        found.append(value)
        output = output[end:]
    return found


def assumed_role(deployed: Deployed) -> Mapping[str, str]:
    """Keys that are good with their session token alone."""
    session, url = deployed.aws.session(deployed.credentials), deployed.aws.endpoint_url
    iam, name = session.client("iam", endpoint_url=url), "caller-of-examples"

    def policy(**more: Any) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **more}})

    trust = policy(Principal={"AWS": "*"}, Action="sts:AssumeRole")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(Action="*", Resource="*"))
    sts = session.client("sts", endpoint_url=url)
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="examples")["Credentials"]
    return environment(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def environment(access_key_id: str, secret: str, session_token: str) -> Mapping[str, str]:
    return {"AWS_ACCESS_KEY_ID": access_key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": session_token}


@pytest.mark.parametrize("kind", ["a user's keys", "an assumed role's"])
def test_the_curl_example_signs_in_looks_at_the_token_and_signs_out(deployed: Deployed, kind: str) -> None:
    own = environment(deployed.credentials.access_key_id, deployed.credentials.secret_access_key, "")
    keys = assumed_role(deployed) if kind == "an assumed role's" else own
    script = (EXAMPLES / "http_api.sh").read_text(encoding="utf-8")

    before, login, after = answers(run(script, API=deployed.url, AWS_REGION=deployed.region, **keys))

    assert before["active"]
    assert before["session"]["last_login_time"] == login["last_login_time"]
    assert after == {"active": False}
