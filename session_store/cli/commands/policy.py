"""`session-store policy`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from session_store.catalog.lifecycle import PARKING_QUEUE
from session_store.catalog.operator_policies import POLICIES, Arns, arns_of_bucket, policy_document
from session_store.cli import options
from session_store.cli.command import operator_command
from session_store.cli.redrive.names import find_names

if TYPE_CHECKING:
    from session_store.cli.connect import Connection


@operator_command(
    "policy",
    examples="""
        session-store policy list --env prod
        # Without a call to AWS, for a table that is named by its ARN:
        session-store policy end --table arn:aws:dynamodb:eu-west-1:111122223333:table/sessions
        # As a managed policy:
        session-store policy end --env prod > end.json
        aws iam create-policy --policy-name session-store-end --policy-document file://end.json
    """,
)
@click.argument("name", metavar="COMMAND", type=click.Choice(list(POLICIES)))
@click.option("--key", metavar="ARN", help="With the table's ARN: the ARN of its customer-managed KMS key.")
@options.queue_url
@click.option("--queue-key", metavar="ARN", help="The ARN of the parking queue's customer-managed KMS key.")
@options.event_bus
@options.connected
def command(
    *,
    connection: Connection,
    name: str,
    key: str | None,
    queue_url: str | None,
    queue_key: str | None,
    event_bus: str | None,
) -> None:
    """Print the IAM policy that a command needs, and nothing beyond it, as JSON.

    COMMAND is a command's name, or that of a policy for one of its options. With --env the policy allows to read the
    stack's outputs as well. The queue and the bus are for the policy of redrive. With large data in S3
    (SESSION_LARGE_DATA_BUCKET, or the stack's output) it allows what the command does in the bucket, with encryption
    (SESSION_ENCRYPTION_KEYS and SESSION_STORE_ID) what it does with these keys. In a CDK app, SessionOperatorPolicies
    makes the same policies.
    """
    arns = _arns(connection, key)
    if any(resource == PARKING_QUEUE for _, resource in POLICIES[name].permissions()):
        _, partition, _, region, *_ = arns.table.split(":")
        names = find_names(connection.aws, connection.place, queue_url, event_bus)
        arns = arns._replace(others=names.arns(partition, region), queue_key=queue_key)
    if POLICIES[name].on_large_data() and connection.bucket:
        partition = arns.table.split(":")[1]
        arns = arns._replace(others={**arns.others, **arns_of_bucket(partition, connection.bucket)})
    arns = arns._replace(encryption=connection.encryption_settings)
    click.echo(json.dumps(policy_document(POLICIES[name], arns), indent=2))


def _arns(connection: Connection, key: str | None) -> Arns:
    if connection.table_name.startswith("arn:"):
        return Arns(connection.table_name, key, _stack_arn(connection, connection.table_name))
    table = connection.aws.client("dynamodb").describe_table(TableName=connection.table_name)["Table"]
    key = key or table.get("SSEDescription", {}).get("KMSMasterKeyArn")
    return Arns(table["TableArn"], key, _stack_arn(connection, table["TableArn"]))


def _stack_arn(connection: Connection, table: str) -> str | None:
    """Of the stack that names the table, which is in the table's account and region."""
    if connection.place.stack is None:
        return None
    _, partition, _, region, account, _ = table.split(":", 5)
    return f"arn:{partition}:cloudformation:{region}:{account}:stack/{connection.place.stack}/*"
