"""A managed policy for each command of `session-store`, made from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from session_store.catalog.lifecycle import EVENT_BUS, PARKING_QUEUE, STREAM
from session_store.catalog.operator_commands import EVERYTHING, FUNCTIONS, LOG_GROUPS, STAGES
from session_store.catalog.operator_policies import POLICIES, STACK_ACTIONS
from session_store.catalog.pattern import DataUse
from session_store.cdk.checks import check_type
from session_store.cdk.data_encryption import DataEncryption
from session_store.cdk.events import SessionEvents
from session_store.cdk.grants import check_table
from session_store.cdk.lambda_grants import grant_queue_key
from session_store.cdk.large_data_bucket import LargeDataBucket
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection

    from session_store.catalog.pattern import Resource
    from session_store.cdk.grants import SessionTableGrants

_ON_QUEUE: Final = frozenset(
    name for name, row in POLICIES.items() if PARKING_QUEUE in {resource for _, resource in row.permissions()}
)


class SessionOperatorPolicies(Construct):
    """One managed policy for each command of `session-store`: what that command needs, and nothing else.

        policies = SessionOperatorPolicies(self, "Operators", table=service.table, commands=["list", "end"])
        group.add_managed_policy(policies["end"])

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: the table that the operators work on.
        commands: the names of the policies to make, as `session-store policy` knows them. None: all.
        name_prefix: names each policy, `PREFIX-end`. IAM Identity Center finds policies by their names. None:
            CloudFormation names them.
        events: the lifecycle events, with the queue and the bus of `redrive`. None: no policy of it is made.
        large_data: the bucket of the table's large data. None: nothing in S3 is allowed.
        encryption: of the table's data. None: nothing is allowed on its keys.
        reads_stack: also allow to read the outputs of the construct's stack, for operators who use `--env`.

    Attributes:
        policies: by the name of the policy.

    Raises:
        InvalidInputError: there is no such command, it needs `events`, or an argument is something else. Also a
            ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants,
        commands: Collection[str] | None = None,
        events: SessionEvents | None = None,
        large_data: LargeDataBucket | None = None,
        encryption: DataEncryption | None = None,
        name_prefix: str | None = None,
        reads_stack: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        check_table(table)
        parts: tuple[tuple[str, Construct | DataEncryption | None, type[Any]], ...] = (
            ("events", events, SessionEvents),
            ("large_data", large_data, LargeDataBucket),
            ("encryption", encryption, DataEncryption),
        )
        for argument, given, kind in parts:
            if given is not None:
                check_type(argument, given, kind, f"the {kind.__name__} of the table")
        names = _names(commands, events)
        self._arns = _arns_of(Stack.of(self), table, events)
        self.policies = {name: self._policy(name, table, name_prefix, reads_stack=reads_stack) for name in names}
        for name in names:
            if large_data is not None and (permissions := POLICIES[name].on_large_data()):
                large_data.grant_permissions(self.policies[name], table, permissions, lists_all=True)
            if encryption is not None:
                self._allow_keys(name, table, encryption)
        if events is not None and (key := events.parking_queue.encryption_master_key) is not None:
            for name in set(names) & _ON_QUEUE:
                grant_queue_key(self.policies[name], key)

    def __getitem__(self, name: str) -> iam.ManagedPolicy:
        """The policy of this name."""
        return self.policies[name]

    def _allow_keys(self, name: str, table: SessionTableGrants, encryption: DataEncryption) -> None:
        """Allow what a command does with encrypted data, and with its keys."""
        row, policy = POLICIES[name], self.policies[name]
        if row.data is not DataUse.NONE:
            encryption.grant(policy, table, writes=row.data is DataUse.WRITES)
        if row.on_keys:
            actions, arns = [each.action for each in row.on_keys], [key.key_arn for key in encryption.kms_keys]
            policy.add_statements(iam.PolicyStatement(actions=actions, resources=arns))

    def _policy(
        self, name: str, table: SessionTableGrants, prefix: str | None, *, reads_stack: bool
    ) -> iam.ManagedPolicy:
        row = POLICIES[name]
        policy = iam.ManagedPolicy(
            self,
            "".join(map(str.capitalize, name.split("-"))),
            managed_policy_name=prefix and f"{prefix}-{name}",
            description=f"session-store {row.name} {row.given}".rstrip(),
        )
        table.grant_permissions(policy, row.permissions(), self._arns)
        if reads_stack:
            policy.add_statements(iam.PolicyStatement(actions=list(STACK_ACTIONS), resources=[Stack.of(self).stack_id]))
        return policy


def _arns_of(stack: Stack, table: SessionTableGrants, events: SessionEvents | None) -> dict[Resource, str]:
    """The ARN of each kind of resource besides the table."""
    colon = ArnFormat.COLON_RESOURCE_NAME
    arns = {
        FUNCTIONS: stack.format_arn(service="lambda", resource="function", resource_name="*", arn_format=colon),
        LOG_GROUPS: stack.format_arn(service="logs", resource="log-group", resource_name="*", arn_format=colon),
        STAGES: stack.format_arn(
            service="apigateway", account="", resource="/apis/*/stages", arn_format=ArnFormat.NO_RESOURCE_NAME
        ),
        EVERYTHING: "*",
    }
    if events is None:
        return arns
    return arns | {
        STREAM: f"{table.table.table_arn}/stream/*",
        PARKING_QUEUE: events.parking_queue.queue_arn,
        EVENT_BUS: events.bus.event_bus_arn,
    }


def _names(commands: Collection[str] | None, events: SessionEvents | None) -> Collection[str]:
    for name in commands or ():
        if name not in POLICIES:
            raise InvalidInputError("commands", f"must be names of {', '.join(POLICIES)}", value=name)
        if name in _ON_QUEUE and events is None:
            raise InvalidInputError("events", f"is needed for the policy of {name}")
    if commands is not None:
        return commands
    return [name for name in POLICIES if events is not None or name not in _ON_QUEUE]
