"""Deploys an environment of this checkout to the embedded AWS with the real CDK CLI."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from local.console import CommandError
from local.embedded_aws import ACCOUNT, REGION, ROOT_KEY
from local.process import guarded
from local.tools import CDK_CLI, node_folder, tool_environment

if TYPE_CHECKING:
    from pathlib import Path

    from local.embedded_aws import EmbeddedAws

ENVIRONMENT: Final = "local"
_ASSETS_BUCKET: Final = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
_OUTPUTS: Final = ("ApiUrl", "TableName")


@dataclass(frozen=True)
class Deployment:
    """What was deployed.

    Attributes:
        api_url: Its base URL, without a slash at the end. Browsers and curl resolve its host name to
            127.0.0.1; other programs connect to 127.0.0.1 and send the name in the Host header.
        table_name: The table's name.
    """

    api_url: str
    table_name: str


def deploy(aws: EmbeddedAws) -> Deployment:
    """Deploys all stacks of the environment `local`; a deployment without changes takes about five seconds.

    Args:
        aws: Where to deploy to.

    Raises:
        CommandError: The CDK CLI failed, or the stacks lack an output.
    """
    _provide_assets_bucket(aws)
    outputs = aws.folder / "cdk-outputs.json"
    log = aws.folder / "cdk-deploy.log"
    command: list[str | Path] = [
        *(node_folder() / "node", CDK_CLI, "deploy", "--all", "--context", f"env={ENVIRONMENT}"),
        *("--require-approval", "never", "--no-notices", "--progress", "events"),
        *("--output", aws.folder / "cdk.out", "--outputs-file", outputs),
    ]
    with guarded(command, environment=_environment(aws), log=log) as process:
        status = process.wait()
    if status != 0:
        raise CommandError(f"`cdk deploy` failed: see {log}. To start with an empty AWS, remove {aws.folder}.")
    return _read_outputs(outputs, aws.port)


def _environment(aws: EmbeddedAws) -> dict[str, str]:
    return {
        **tool_environment(aws.folder / "home"),
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ROOT_KEY.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY.secret_access_key,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }


def _provide_assets_bucket(aws: EmbeddedAws) -> None:
    """Creates the one thing of a bootstrapped account that a deployment needs: the bucket for its assets."""
    storage = aws.session().client("s3", endpoint_url=aws.endpoint_url)
    with suppress(storage.exceptions.BucketAlreadyOwnedByYou, storage.exceptions.BucketAlreadyExists):
        storage.create_bucket(Bucket=_ASSETS_BUCKET)


def _read_outputs(file: Path, port: int) -> Deployment:
    stacks: dict[str, dict[str, str]] = json.loads(file.read_text())
    outputs = {key: value for stack in stacks.values() for key, value in stack.items()}
    missing = [name for name in _OUTPUTS if name not in outputs]
    if missing:
        raise CommandError(f"The stacks have no output {', '.join(missing)}: see {file}.")
    # Its host is the real AWS's; the part before the first dot is the API's id.
    api_id = (urlsplit(outputs["ApiUrl"]).hostname or "").partition(".")[0]
    return Deployment(
        api_url=f"http://{api_id}.execute-api.localhost:{port}",
        table_name=outputs["TableName"],
    )
