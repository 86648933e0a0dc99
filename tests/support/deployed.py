"""The environment `local`, deployed by the real CDK CLI to an embedded AWS of its own; a pytest plugin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from local.deploy import Deployment, deploy
from local.embedded_aws import REGION, Credentials, EmbeddedAws
from session_store.storage.attribute_values import number
from session_store.storage.items import key_item
from session_store.storage.records import SessionKey
from tests.support.embedded_aws import create_caller, recording_aws
from tests.support.http_client import ApiClient

if TYPE_CHECKING:  # every run loads this plugin
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.support.protected_api import ProtectedApi

_MOST_LINES: Final = 10_000


class LogLine(NamedTuple):
    """One line of a log group."""

    group: str
    text: str


@dataclass(frozen=True)
class Deployed:
    """A deployed system."""

    aws: EmbeddedAws
    url: str  # the API's, without a slash at the end
    demo_url: str  # likewise
    table_name: str
    credentials: Credentials  # an IAM user's key: its signatures are checked, and it may do everything
    deployment: Deployment  # all of its addresses and names
    region: str = REGION

    @property
    def api(self) -> ApiClient:
        """A client that signs its calls."""
        return ApiClient(self.url, self.credentials)

    def client(self, service: str) -> Any:
        """A client of a service that may do everything."""
        session: Any = self.aws.session(self.credentials)
        return session.client(service, endpoint_url=self.aws.endpoint_url)

    def table_client(self) -> DynamoDBClient:
        """A DynamoDB client that may do everything."""
        client: DynamoDBClient = self.client("dynamodb")
        return client

    def set_times(self, session_id: str, customer_id: str, **times: float) -> None:
        """Change times in a session's row, seconds since 1970 by attribute, as if that much had passed."""
        self.table_client().update_item(
            TableName=self.table_name,
            Key=key_item(SessionKey(session_id, customer_id)),
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in times),
            ExpressionAttributeValues={f":{name}": number(int(time)) for name, time in times.items()},
        )

    def log_lines(self, since: int = 0) -> list[LogLine]:
        """Every line of every log group from then on (milliseconds since 1970): the functions', with the metrics."""
        logs = self.aws.session().client("logs", endpoint_url=self.aws.endpoint_url)
        pages = logs.get_paginator("describe_log_groups").paginate()
        groups = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        return [line for group in groups for line in _lines_of(logs, group, since)]


def _lines_of(logs: Any, group: str, since: int) -> Iterator[LogLine]:
    events = logs.filter_log_events(logGroupName=group, startTime=since)["events"]
    assert len(events) < _MOST_LINES, "the embedded AWS gives no more at once, and no further page"
    yield from (LogLine(group, event["message"]) for event in events)


@contextmanager
def deployed_system(folder: Path) -> Iterator[Deployed]:
    """Start an embedded AWS with its state in an empty folder, and deploy this checkout; takes about eight seconds."""
    with recording_aws(folder) as aws:
        deployment = deploy(aws)
        credentials = create_caller(aws, "back-end")
        yield Deployed(aws, deployment.api_url, deployment.demo_url, deployment.table_name, credentials, deployment)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The deployed system; its tests share the table, so each makes sessions and customers of its own."""
    with deployed_system(tmp_path_factory.mktemp("deployed")) as system:
        yield system


@pytest.fixture(scope="session")
def protected_api(deployed: Deployed) -> Iterator[ProtectedApi]:
    """An application's own API in a second stack, with authorizers, the user routes and an issuer on it."""
    from tests.support.protected_api import deployed_protected_api  # noqa: PLC0415 - every run loads this plugin

    with deployed_protected_api(deployed) as found:
        yield found
