"""The session table as a construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack, Token
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from session_store.cdk.capacity import billing_of, warm_throughput_of
from session_store.cdk.grants import ExistingSessionTable, SessionTableGrants
from session_store.cdk.props import TableProps
from session_store.cdk.takes import filled, takes
from session_store.errors import InvalidInputError
from session_store.storage import schema

if TYPE_CHECKING:
    from typing import Unpack


@takes(TableProps)
class SessionTable(Construct, SessionTableGrants):
    """The DynamoDB table with its one index, and a grant for each access pattern.

    Billing is on demand unless capacities are given, expired items are deleted through the TTL attribute. The defaults
    are the safe ones. The table is kept when its stack goes, and cannot be deleted by accident.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.

    Attributes:
        table: the DynamoDB table.
        stream: what its stream shows of each change, None without one.

    Raises:
        InvalidInputError: a key in a stack without a region, or a prop is something else or does not go with another.
            Also a ValueError.
    """

    def __init__(self, scope: Construct, construct_id: str, **props: Unpack[TableProps]) -> None:
        super().__init__(scope, construct_id)
        of_table = filled(TableProps, props)
        key = of_table["encryption_key"]
        if key is not None and Token.is_unresolved(Stack.of(self).region):
            raise InvalidInputError("encryption_key", "needs a stack with a region, env=Environment(region=...)")
        self.stream: dynamodb.StreamViewType | None = of_table["stream"]
        self.table = dynamodb.TableV2(
            self,
            "Resource",
            partition_key=_string(schema.PARTITION_KEY),
            sort_key=_string(schema.SORT_KEY),
            global_secondary_indexes=[_index(of_table)],
            billing=billing_of(of_table),
            warm_throughput=warm_throughput_of(of_table),
            dynamo_stream=self.stream,
            resource_policy=of_table["resource_policy"],
            contributor_insights_specification=_insights(of_table["contributor_insights"]),
            time_to_live_attribute=schema.TTL_ATTRIBUTE,
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(key) if key else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=of_table["point_in_time_recovery"]
            ),
            deletion_protection=of_table["deletion_protection"],
            removal_policy=of_table["removal_policy"],
        )

    @staticmethod
    def from_table(table: dynamodb.ITable) -> ExistingSessionTable:
        """Use a table that is already there, with the same grants.

        A table under a customer-managed key is imported with it (`TableV2.from_table_attributes(encryption_key=)`),
        so that the grants include the key's use.

        Args:
            table: a table with this project's schema, for instance from `TableV2.from_table_name`.

        Raises:
            InvalidInputError: it is something else. Also a ValueError.
        """
        return ExistingSessionTable(table)


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _index(props: TableProps) -> dynamodb.GlobalSecondaryIndexPropsV2:
    """The index. Its limits are the table's. A new row is one write to each."""
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=schema.INDEX_NAME,
        partition_key=_string(schema.INDEX_PARTITION_KEY),
        sort_key=_string(schema.INDEX_SORT_KEY),
        projection_type=dynamodb.ProjectionType.INCLUDE,
        non_key_attributes=list(schema.INDEX_PROJECTION),
        max_read_request_units=props["max_read_request_units"],
        max_write_request_units=props["max_write_request_units"],
        warm_throughput=warm_throughput_of(props),
    )


def _insights(mode: dynamodb.ContributorInsightsMode | None) -> dynamodb.ContributorInsightsSpecification | None:
    return dynamodb.ContributorInsightsSpecification(enabled=True, mode=mode) if mode else None
