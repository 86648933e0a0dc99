"""Requests to the embedded AWS with a made-up signature: what the id of a key opens by itself."""

from __future__ import annotations

import base64
import io
import json
import zipfile

from local.embedded_aws import REGION

# The names under which MiniStack by itself lets everything pass; the last one is none.
PUBLIC_KEY_IDS = ("test", "000000000000", "123456789012", "")
EARLIER_KEY_ID = "local"  # what `make run` used to have


def made_up_authorization(access_key_id: str, service: str) -> str:
    """The value of the header `Authorization`."""
    scope = f"{access_key_id}/20260101/{REGION}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=unchecked"


def function_to_deploy(name: str, role_arn: str) -> str:
    """The body of a request of AWS Lambda: a function that would run as the user who has started the embedded AWS."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("main.py", "def handler(event, context): ...")
    return json.dumps(
        {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "main.handler",
            "Role": role_arn,
            "Code": {"ZipFile": base64.b64encode(archive.getvalue()).decode()},
        }
    )
