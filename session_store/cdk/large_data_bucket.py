"""The bucket of large data: sessions' data that is too large for a row of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from session_store.catalog.access_patterns import ERASE_CUSTOMER, GET_SESSION, UPDATE_DATA
from session_store.catalog.large_data import BUCKET, OBJECTS, operations_of
from session_store.catalog.object_deletion import ANY_PREFIX, OBJECT_DAYS
from session_store.catalog.permissions import object_key_actions
from session_store.cdk.checks import check_function, check_grantee, key_itself
from session_store.cdk.grants import check_table
from session_store.cdk.lambda_grants import grant_key
from session_store.cdk.object_deletion import ObjectDeletion
from session_store.cdk.parts import Part
from session_store.cdk.props import LargeDataProps
from session_store.cdk.takes import filled, takes
from session_store.errors import InvalidInputError
from session_store.large_data.settings import DEFAULT_THRESHOLD, LargeDataSettings
from session_store.settings import TABLE_NAME

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Unpack

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_

    from session_store.catalog.pattern import AccessPattern, Resource
    from session_store.cdk.grants import SessionTableGrants

_LOG_DAYS: Final = 90
# Only the deployment may know them. The other settings are checked beside these.
_ANY_BUCKET: Final = "any"
_ANY_ACCOUNT: Final = "0" * 12
_LEAST_TLS: Final = 1.2
_LOG_PREFIX: Final = "large-data/"
# A function may list the objects of a session whose id it knows, and not all of them.
_ONE_SESSION: Final = {"StringLike": {"s3:prefix": ANY_PREFIX}}


@takes(LargeDataProps)
class LargeDataBucket(Construct, Part):
    """A bucket for sessions' data that is too large for a row of the table (`session_store.large_data`).

        large_data = LargeDataBucket(stack, "LargeData")
        service = SessionService(stack, "Sessions", large_data=large_data)
        large_data.connect(own_function, service.table)

    It is private, refuses calls without TLS, writes an access log, and keeps no versions: what is deleted has to be
    gone. Its key is the table's customer-managed one, or S3's own where the table has none. It belongs to the table
    that it is first used with.

    From then on a function on that table's stream deletes the objects of sessions that are saved anew, end, expire or
    are erased. `SessionService` switches the stream on where it makes the table. The bucket itself deletes objects
    after 430 days, which no session reaches.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        threshold: bytes of a row, as it would be stored, above which its data goes into the bucket. 1 KB to 390 KB.

    Attributes:
        bucket: the bucket.
        access_log_bucket: where its access log goes.
        deletion: the function that deletes objects, and its parking queue. None until the bucket has a table.

    Raises:
        InvalidInputError: a prop is out of range. Also a ValueError.
    """

    rooms: ClassVar[frozenset[str]] = frozenset({"large_data"})

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        threshold: int = DEFAULT_THRESHOLD,
        **props: Unpack[LargeDataProps],
    ) -> None:
        super().__init__(scope, construct_id)
        self._props = filled(LargeDataProps, props)
        self._settings = LargeDataSettings(bucket=_ANY_BUCKET, expected_bucket_owner=_ANY_ACCOUNT, threshold=threshold)
        self.bucket = self._new_bucket("Resource", OBJECT_DAYS)
        log_bucket = self._props["access_log_bucket"]
        self.access_log_bucket: s3.IBucket = log_bucket or self._new_bucket("AccessLog", _LOG_DAYS)
        self._log_access()
        self._table: SessionTableGrants | None = None
        self.deletion: ObjectDeletion | None = None

    def connect(
        self, function: lambda_.Function, table: SessionTableGrants, *, writes: bool = True, erases: bool = False
    ) -> None:
        """Set an own function's environment variables, and grant it what it needs.

        Args:
            function: whose code makes its store with `SessionStore.from_environment`.
            table: the session table.
            writes: see `grant`.
            erases: likewise.

        Raises:
            InvalidInputError: as of `grant`.
        """
        check_function(function)
        self.grant(function, table, writes=writes, erases=erases)
        self._set_variables(function)

    def grant(
        self, grantee: iam.IGrantable, table: SessionTableGrants, *, writes: bool = True, erases: bool = False
    ) -> iam.Grant:
        """Allow to read and write sessions' objects, beside the grants of the table.

        Args:
            grantee: the role or function.
            table: the session table.
            writes: whether it saves data, or signs in.
            erases: whether it erases customers.

        Raises:
            InvalidInputError: the bucket is that of another table, the table has no stream of new and old images, or
                an argument is something else. Also a ValueError.
        """
        patterns = [UPDATE_DATA if writes else GET_SESSION, *([ERASE_CUSTOMER] if erases else [])]
        return self.grant_permissions(grantee, table, _permissions_of(patterns))

    def serves(self, patterns: Collection[AccessPattern]) -> bool:
        """Whether code with these access patterns meets large data."""
        return any(map(operations_of, patterns))

    def give(self, function: lambda_.Function, table: SessionTableGrants, patterns: Collection[AccessPattern]) -> None:
        """Set a function's variables, and grant it what these access patterns do in the bucket."""
        self.grant_permissions(function, table, _permissions_of(patterns))
        self._set_variables(function)

    def grant_permissions(
        self,
        grantee: iam.IGrantable,
        table: SessionTableGrants,
        permissions: Collection[tuple[str, Resource]],
        *,
        lists_all: bool = False,
    ) -> iam.Grant:
        """Grant IAM actions on the bucket or its objects, and the use of their key.

        Args:
            grantee: the role, function or policy.
            table: the session table.
            permissions: the actions, each with its resource, `OBJECTS` or `BUCKET` of `catalog.large_data`.
            lists_all: whether it lists the whole bucket, not one session's objects at a time.

        Raises:
            InvalidInputError: as of `grant`.
        """
        check_grantee(grantee)
        self._belong_to(table)
        arns = {OBJECTS: self._objects, BUCKET: self.bucket.bucket_arn}
        grants = [
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=sorted(actions),
                resource_arns=[arn],
                conditions=_ONE_SESSION if resource == BUCKET and not lists_all else None,
            )
            for resource, arn in arns.items()
            if (actions := {action for action, of in permissions if of == resource})
        ]
        key, on_the_key = table.table.encryption_key, object_key_actions(permissions)
        if key is not None and on_the_key:
            service = f"s3.{Stack.of(self).region}"
            grants.append(grant_key(grantee, key_itself("encryption_key", key), service, on_the_key))
        combined, *rest = grants
        for grant in rest:
            combined = combined.combine(grant)
        return combined

    def _set_variables(self, function: lambda_.Function) -> None:
        for name, value in self._variables.items():
            function.add_environment(name, value)

    @property
    def _variables(self) -> dict[str, str]:
        kinds = LargeDataSettings.kinds()
        known = {"bucket": self.bucket.bucket_name, "expected_bucket_owner": Stack.of(self).account}
        return self._settings.environment() | {kinds[name].variable: value for name, value in known.items()}

    @property
    def _objects(self) -> str:
        """The ARN of the objects: of those below a session's id, whichever session it is."""
        return self.bucket.arn_for_objects(f"{ANY_PREFIX}*")

    def _belong_to(self, table: SessionTableGrants) -> None:
        """Take the table's key, and delete what its sessions have no more. Only the first time: there is one table.

        Raises:
            InvalidInputError: there is another one, or it has no stream.
        """
        check_table(table)
        if self._table is None:
            variables = {TABLE_NAME: table.table.table_name, **self._variables}
            self.deletion = ObjectDeletion(
                self, "Deletion", table=table, objects=self._objects, environment=variables, props=self._props
            )
            if (key := table.table.encryption_key) is not None:
                self._encrypt_with(key_itself("encryption_key", key))
            self._table = table
        elif self._table.table.table_name != table.table.table_name:
            raise InvalidInputError("large_data", "is the bucket of another table: give each table its own")

    def _encrypt_with(self, key: kms.IKey) -> None:
        """Encrypt with a key that becomes known after the bucket was made."""
        by_default = s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
            sse_algorithm="aws:kms", kms_master_key_id=key.key_arn
        )
        # With a key of the bucket's own in between, KMS is not called for each object.
        rule = s3.CfnBucket.ServerSideEncryptionRuleProperty(
            bucket_key_enabled=True, server_side_encryption_by_default=by_default
        )
        _resource_of(self.bucket).bucket_encryption = s3.CfnBucket.BucketEncryptionProperty(
            server_side_encryption_configuration=[rule]
        )

    def _new_bucket(self, construct_id: str, days: int) -> s3.Bucket:
        """A private bucket that deletes what is older."""
        tls = self._props["enforce_tls"]
        return s3.Bucket(
            self,
            construct_id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=tls,
            minimum_tls_version=_LEAST_TLS if tls else None,
            versioned=False,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(days), abort_incomplete_multipart_upload_after=Duration.days(1)
                )
            ],
            removal_policy=self._props["removal_policy"],
        )

    def _log_access(self) -> None:
        """Write the access log. CDK's own way depends on the app's feature flags, and may use ACLs."""
        _resource_of(self.bucket).logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=self.access_log_bucket.bucket_name, log_file_prefix=_LOG_PREFIX
        )
        self.access_log_bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[self.access_log_bucket.arn_for_objects(f"{_LOG_PREFIX}*")],
                conditions={
                    "ArnLike": {"aws:SourceArn": self.bucket.bucket_arn},
                    "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
                },
            )
        )


def _resource_of(bucket: s3.Bucket) -> s3.CfnBucket:
    return cast("s3.CfnBucket", bucket.node.default_child)


def _permissions_of(patterns: Collection[AccessPattern]) -> set[tuple[str, Resource]]:
    return {(each.action, each.resource) for pattern in patterns for each in operations_of(pattern)}
