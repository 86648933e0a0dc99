"""The session table as a construct."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack, Token
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from session_store import checks
from session_store.cdk.grants import ExistingSessionTable, SessionTableGrants
from session_store.cdk.props import check_member
from session_store.errors import InvalidInputError
from session_store.storage import schema


class SessionTable(Construct, SessionTableGrants):
    """The DynamoDB table with its one index, and a grant for each access pattern.

    Billing is on demand, expired items are deleted through the TTL attribute. The defaults are the safe ones: the
    table is kept when its stack goes, and cannot be deleted by accident.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        encryption_key: a customer-managed key; None for the key that DynamoDB owns. The stack then needs a region.
        point_in_time_recovery: keep backups that restore any second of the last 35 days.
        deletion_protection: refuse to delete the table until this is switched off.
        removal_policy: what becomes of the table when it leaves its stack.

    Attributes:
        table: the DynamoDB table.

    Raises:
        InvalidInputError: a key in a stack without a region, or a prop is something else. Also a ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey | None = None,
        point_in_time_recovery: bool = True,
        deletion_protection: bool = True,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id)
        checks.check_flag("point_in_time_recovery", point_in_time_recovery)
        checks.check_flag("deletion_protection", deletion_protection)
        if encryption_key is not None:
            self._check_key(encryption_key)
        self.table = dynamodb.TableV2(
            self,
            "Resource",
            partition_key=_string(schema.PARTITION_KEY),
            sort_key=_string(schema.SORT_KEY),
            global_secondary_indexes=[_INDEX],
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute=schema.TTL_ATTRIBUTE,
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(encryption_key) if encryption_key else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=point_in_time_recovery
            ),
            deletion_protection=deletion_protection,
            removal_policy=removal_policy,
        )

    def _check_key(self, key: kms.IKey) -> None:
        check_member("encryption_key", key, "key_arn", "a key of CDK, for instance from Key.from_key_arn")
        if Token.is_unresolved(Stack.of(self).region):
            raise InvalidInputError("encryption_key", "needs a stack with a region, env=Environment(region=...)")

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


_INDEX = dynamodb.GlobalSecondaryIndexPropsV2(
    index_name=schema.INDEX_NAME,
    partition_key=_string(schema.INDEX_PARTITION_KEY),
    sort_key=_string(schema.INDEX_SORT_KEY),
    projection_type=dynamodb.ProjectionType.INCLUDE,
    non_key_attributes=list(schema.INDEX_PROJECTION),
)
