"""A managed policy for each command of `session-store`, made from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from session_store.catalog.operator_commands import EVERYTHING, FUNCTIONS, LOG_GROUPS, STAGES
from session_store.catalog.operator_policies import POLICIES, STACK_ACTIONS
from session_store.cdk.grants import check_table
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from session_store.catalog.pattern import Resource
    from session_store.cdk.grants import SessionTableGrants


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
        reads_stack: also allow to read the outputs of the construct's stack, for operators who use `--env`.

    Attributes:
        policies: by the name of the policy.

    Raises:
        InvalidInputError: there is no such command, or the table is something else. Also a ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants,
        commands: Collection[str] | None = None,
        name_prefix: str | None = None,
        reads_stack: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        check_table(table)
        self.policies = {
            name: self._policy(name, table, name_prefix, reads_stack=reads_stack) for name in _names(commands)
        }

    def __getitem__(self, name: str) -> iam.ManagedPolicy:
        """The policy of this name."""
        return self.policies[name]

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
        table.grant_permissions(policy, row.permissions(), _arns(Stack.of(self)))
        if reads_stack:
            policy.add_statements(iam.PolicyStatement(actions=list(STACK_ACTIONS), resources=[Stack.of(self).stack_id]))
        return policy


def _arns(stack: Stack) -> Mapping[Resource, str]:
    """The ARN of each kind of resource besides the table."""
    colon = ArnFormat.COLON_RESOURCE_NAME
    return {
        FUNCTIONS: stack.format_arn(service="lambda", resource="function", resource_name="*", arn_format=colon),
        LOG_GROUPS: stack.format_arn(service="logs", resource="log-group", resource_name="*", arn_format=colon),
        STAGES: stack.format_arn(
            service="apigateway", account="", resource="/apis/*/stages", arn_format=ArnFormat.NO_RESOURCE_NAME
        ),
        EVERYTHING: "*",
    }


def _names(commands: Collection[str] | None) -> Collection[str]:
    for name in commands or ():
        if name not in POLICIES:
            raise InvalidInputError("commands", f"must be names of {', '.join(POLICIES)}", value=name)
    return list(POLICIES) if commands is None else commands
