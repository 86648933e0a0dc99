"""The file `.local/outputs.json`: what another program needs in order to use the running system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.embedded_aws import REGION

if TYPE_CHECKING:
    from pathlib import Path

    from local.deploy import Deployment
    from local.embedded_aws import Credentials


def write_outputs(file: Path, deployment: Deployment, credentials: Credentials) -> None:
    """Writes the file in one step: a reader sees the old one or the new one, never half of it.

    Args:
        file: Where to write: a flat JSON object of strings, `ApiUrl`, `DemoUrl`, `TableName`, `Region`,
            `AccessKeyId` and `SecretAccessKey`.
        deployment: What is running.
        credentials: The key to sign calls with; good for the embedded AWS only.
    """
    content = {
        "ApiUrl": deployment.api_url,
        "DemoUrl": deployment.demo_url,
        "TableName": deployment.table_name,
        "Region": REGION,
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
    }
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(file)


def demo_url(file: Path) -> str | None:
    """Where the running demo answers, without a slash at the end; None as long as nothing is running.

    Args:
        file: What `write_outputs` wrote.
    """
    try:
        content: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    return content["DemoUrl"]
