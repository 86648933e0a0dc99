"""The documents' shell examples, run as they are against the deployed system."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from local.embedded_aws import ROOT_KEY
from local.paths import ROOT
from tests.support.deployed import Deployed

EXAMPLES = ROOT / "examples"
TIMEOUT_SECONDS = 60


def run(script: str, **environment: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


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
    client = deployed.aws.session(deployed.credentials).client("sts", endpoint_url=deployed.aws.endpoint_url)
    role = deployed.aws.session(deployed.credentials).client("iam", endpoint_url=deployed.aws.endpoint_url)
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    arn = role.create_role(
        RoleName="caller-of-examples",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
    )["Role"]["Arn"]
    role.put_role_policy(
        RoleName="caller-of-examples",
        PolicyName="all",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": everything}),
    )
    keys = client.assume_role(RoleArn=arn, RoleSessionName="examples")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


@pytest.mark.parametrize("kind", ["a user's keys", "an assumed role's"])
def test_the_curl_example_signs_in_looks_at_the_token_and_signs_out(deployed: Deployed, kind: str) -> None:
    keys = (
        assumed_role(deployed)
        if kind == "an assumed role's"
        else {
            "AWS_ACCESS_KEY_ID": deployed.credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": deployed.credentials.secret_access_key,
            "AWS_SESSION_TOKEN": "",
        }
    )
    script = (EXAMPLES / "http_api.sh").read_text(encoding="utf-8")

    before, login, after = answers(run(script, API=deployed.url, AWS_REGION=deployed.region, **keys))

    assert before["active"]
    assert before["session"]["last_login_time"] == login["last_login_time"]
    assert after == {"active": False}


def test_the_library_finds_what_make_run_has_started(deployed: Deployed) -> None:
    script = (EXAMPLES / "make_run.sh").read_text(encoding="utf-8")
    assert f"AWS_ACCESS_KEY_ID={ROOT_KEY.access_key_id} " in script
    script = script.replace("PUT-THE-NAME-HERE", deployed.table_name).replace(":4566", f":{deployed.aws.port}")

    assert run(script) == "customer-1 {'cart': []}\n"
