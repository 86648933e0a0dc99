"""Deploys an environment of this checkout to the embedded AWS with the real CDK CLI."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from local.console import CommandError
from local.embedded_aws import ACCOUNT, REGION
from local.paths import CDK_CLI, node_folder, tool_environment
from local.process import guarded

if TYPE_CHECKING:
    from pathlib import Path

    from local.embedded_aws import EmbeddedAws

ENVIRONMENT: Final = "local"
_ASSETS_BUCKET: Final = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
COGNITO: Final = "cognito"
"""The identity provider that the demo may sign in with."""
_OUTPUTS: Final = ("ApiUrl", "DemoUrl", "TableName", "EventBus", "ParkingQueueUrl", "MailsLog")


@dataclass(frozen=True)
class Deployment:
    """The addresses and the table of a deployed system.

    Attributes:
        api_url: Its base URL, without a slash at the end. Browsers and curl resolve its host name to
            127.0.0.1. Other programs connect to 127.0.0.1 and send the name in the Host header.
        demo_url: The demo application's, likewise.
        table_name: The table's name.
        event_bus: The ARN of the bus with the sessions' lifecycle events.
        parking_queue_url: The queue of what could not be told of.
        mails_log: The log group of the function that reacts to sign-ins with a mail.
        user_pool_id: The pool of the demo's users in Cognito. None if any name signs in.
    """

    api_url: str
    demo_url: str
    table_name: str
    event_bus: str
    parking_queue_url: str
    mails_log: str
    user_pool_id: str | None = None


def deploy(aws: EmbeddedAws, *, oidc: str | None = None) -> Deployment:
    """Deploys all stacks of the environment `local`. Without changes it takes about five seconds.

    Args:
        aws: The embedded AWS to deploy to.
        oidc: The identity provider that signs in to the demo, `COGNITO`. None: any name does.

    Raises:
        CommandError: The CDK CLI failed, or the stacks lack an output.
    """
    context = {"env": ENVIRONMENT, **({"oidc": oidc, "endpoint": aws.endpoint_url} if oidc else {})}
    options = (part for name, value in context.items() for part in ("--context", f"{name}={value}"))
    return _read_outputs(deploy_app(aws, "cdk", *options), aws.port)


def deploy_app(aws: EmbeddedAws, name: str, *options: str) -> Path:
    """Deploys all stacks of a CDK app, this checkout's unless the options name another one.

    Args:
        aws: The embedded AWS to deploy to.
        name: The name of its files in the embedded AWS's folder.
        options: Further options of `cdk deploy`.

    Returns:
        The file with the stacks' outputs.

    Raises:
        CommandError: The CDK CLI failed.
    """
    _provide_assets_bucket(aws)
    outputs = aws.folder / f"{name}-outputs.json"
    log = aws.folder / f"{name}-deploy.log"
    command: list[str | Path] = [
        *(node_folder() / "node", CDK_CLI, "deploy", "--all"),
        *options,
        *("--require-approval", "never", "--no-notices", "--progress", "events"),
        *("--output", aws.folder / f"{name}.out", "--outputs-file", outputs),
    ]
    with guarded(command, environment=_environment(aws), log=log) as process:
        status = process.wait()
    if status != 0:
        raise CommandError(f"`cdk deploy` failed: see {log}. To start with an empty AWS, remove {aws.folder}.")
    return outputs


def _environment(aws: EmbeddedAws) -> dict[str, str]:
    return {
        **tool_environment(aws.folder / "home"),
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": aws.root.access_key_id,
        "AWS_SECRET_ACCESS_KEY": aws.root.secret_access_key,
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
    return Deployment(
        api_url=local_url(outputs["ApiUrl"], port),
        demo_url=local_url(outputs["DemoUrl"], port),
        table_name=outputs["TableName"],
        event_bus=outputs["EventBus"],
        parking_queue_url=outputs["ParkingQueueUrl"],
        mails_log=outputs["MailsLog"],
        user_pool_id=outputs.get("UserPoolId"),
    )


def local_url(url: str, port: int) -> str:
    """The URL of an HTTP API on this machine.

    Args:
        url: The API's own URL. Its host is the real AWS's, with the API's id before the first dot.
        port: The embedded AWS's port.

    Returns:
        The URL, without a slash at the end.
    """
    api_id = (urlsplit(url).hostname or "").partition(".")[0]
    return f"http://{api_id}.execute-api.localhost:{port}"
