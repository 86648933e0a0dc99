"""Signatures of requests: AWS's published ones, and those of botocore."""

from __future__ import annotations

import datetime as dt
import random
import string
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SdkCredentials

from session_store.transport.signing import Credentials, Signer

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
MOMENT = dt.datetime(2015, 8, 30, 12, 36, tzinfo=dt.UTC).timestamp()
# Of the suite's request with temporary credentials.
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthA"
    "x7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9"
    "q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
FORM = {"content-type": "application/x-www-form-urlencoded"}
# Those of AWS's test suite that post to the root without a query: the further headers, the body, the signature.
PUBLISHED = {
    "post-vanilla": ({}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "post-header-key-sort": (
        {"my-header1": "value1"},
        b"",
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ),
    "post-header-value-case": (
        {"my-header1": "VALUE1"},
        b"",
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    "post-x-www-form-urlencoded": (
        FORM,
        b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    "post-x-www-form-urlencoded-parameters": (
        {"content-type": "application/x-www-form-urlencoded; charset=utf8"},
        b"Param1=value1",
        "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
    ),
    "post-sts-header-before": ({}, b"", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_signature_is_the_one_that_aws_publishes(name: str) -> None:
    headers, body, signature = PUBLISHED[name]
    token = TOKEN if "sts" in name else None
    signer = Signer("us-east-1", "service", Credentials("AKIDEXAMPLE", SECRET, token))

    signed = signer.sign({"host": "example.amazonaws.com", **headers}, body, MOMENT)

    assert signed["authorization"].endswith(f"Signature={signature}")


def test_signatures_are_those_of_botocore() -> None:
    chosen = random.Random(7)
    region, key, signer, moment = "", SdkCredentials("", ""), Signer("", "", Credentials("", "")), 0.0
    for _ in range(5000):
        if not region or chosen.random() < 0.05:
            region, key = chosen.choice(("us-east-1", "cn-north-1")), _credentials(chosen)
            signer = Signer(region, "dynamodb", Credentials(key.access_key, key.secret_key, key.token))
        # Often on another day, sometimes in the same second.
        moment = chosen.uniform(1.4e9, 4e9) if chosen.random() < 0.5 else moment + chosen.choice((0, 0.3, 86400))
        body = chosen.randbytes(chosen.randrange(300))
        host = chosen.choice((f"dynamodb.{region}.amazonaws.com", "localhost:8000"))
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": host,
            "x-amz-target": "DynamoDB_20120810.Query",
        }

        ours = signer.sign(headers, body, moment)

        assert ours["authorization"] == _of_botocore(key, region, headers, body, moment)["Authorization"]


def test_credentials_show_no_secret() -> None:
    assert repr(Credentials("AKIDEXAMPLE", SECRET, "token")) == "Credentials('AKIDEXAMPLE')"


def _credentials(chosen: random.Random) -> SdkCredentials:
    letters = string.ascii_letters + string.digits + "/+="
    key_id, secret, token = ("".join(chosen.choices(letters, k=length)) for length in (20, 40, 300))
    return SdkCredentials(key_id, secret, chosen.choice((None, token)))


def _of_botocore(
    key: SdkCredentials, region: str, headers: dict[str, str], body: bytes, moment: float
) -> dict[str, str]:
    request = AWSRequest("POST", f"http://{headers['host']}/", headers=headers, data=body)
    at = dt.datetime.fromtimestamp(int(moment), dt.UTC)
    with mock.patch("botocore.auth.get_current_datetime", return_value=at):
        SigV4Auth(key, "dynamodb", region).add_auth(request)
    return dict(request.headers.items())
