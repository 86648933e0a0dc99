"""The grants on a session table: one method per access pattern, exact actions on exact ARNs.

CDK's own `grant_read_data` also grants Scan, and its `grants.actions` adds every index, so neither is used here. Nor
are conditions on attributes (`dynamodb:Attributes`): no test here can check them, and they might refuse a call that is
right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Fn
from aws_cdk import aws_iam as iam

from session_store.catalog import access_patterns as patterns
from session_store.catalog.pattern import AccessPattern, Resource
from session_store.catalog.permissions import key_actions
from session_store.cdk.checks import (
    check_function,
    check_grantee,
    check_member,
    check_type,
    key_itself,
    warn_of_short_timeout,
)
from session_store.checks import check_flag
from session_store.errors import InvalidInputError
from session_store.settings import REQUEST_LINES, TABLE_NAME, check_settings
from session_store.storage.schema import INDEX_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_lambda as lambda_

    from session_store.settings import SessionSettings


class SessionTableGrants:
    """The grants of a session table, created here or elsewhere.

    Every method gives the principal of the grantee the actions that the pattern lists (`session_store.catalog`),
    on the table's ARN or on the index's, and the use of the table's customer-managed key where it has one.

    `customer_known` is for code that always (True) or never (False) passes the customer's id with the session's:
    the permission of the other kind of read is then left out. None grants both.

    Attributes:
        table: the DynamoDB table.
    """

    table: dynamodb.ITable

    def grant(
        self,
        grantee: iam.IGrantable,
        *access_patterns: AccessPattern,
        customer_known: bool | None = None,
        arns: Mapping[Resource, str] | None = None,
    ) -> iam.Grant:
        """Grant what the given access patterns need together.

        Args:
            grantee: the role or function that they are granted to.
            access_patterns: of `session_store.cdk.access_patterns`, for instance `VALIDATE`, or patterns of your own.
            customer_known: see above.
            arns: ARNs of other resources than the table and its index, where a pattern needs some.

        Raises:
            InvalidInputError: there are none, what is given is something else, or the ARN of a resource is missing.
                Also a ValueError.
        """
        for pattern in access_patterns:
            check_type(
                "access_patterns",
                pattern,
                AccessPattern,
                "of session_store.cdk.access_patterns, for instance VALIDATE",
            )
        needed = (pattern.permissions(customer_known=customer_known) for pattern in access_patterns)
        return self.grant_permissions(grantee, frozenset[tuple[str, Resource]]().union(*needed), arns)

    def grant_permissions(
        self,
        grantee: iam.IGrantable,
        permissions: Collection[tuple[str, Resource]],
        arns: Mapping[Resource, str] | None = None,
    ) -> iam.Grant:
        """Grant IAM actions, each on the resource it is paired with.

        Args:
            grantee: the role or function that they are granted to.
            permissions: the actions, each with its resource.
            arns: ARNs of other resources than the table and its index.

        Raises:
            InvalidInputError: nothing to grant, nothing that it could be granted to, or the ARN of a resource is
                missing. Also a ValueError.
        """
        check_grantee(grantee)
        if not permissions:
            raise InvalidInputError("permissions", "must name at least one action to grant")
        known = self._arns() | dict(arns or {})
        _check_arns(permissions, known)
        grants = [
            iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=[arn])
            for resource, arn in known.items()
            if (actions := sorted(action for action, target in permissions if target == resource))
        ]
        grants += self._grant_key(grantee, key_actions(permissions))
        combined, *rest = grants
        for grant in rest:
            combined = combined.combine(grant)
        return combined

    # begin grants: `make docs` writes these from the access patterns

    def grant_create_session(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `create_session`. Start a session for a customer, or an anonymous one."""
        return self.grant(grantee, patterns.CREATE_SESSION)

    def grant_sign_in(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `create_session` with `replaces`.

        Start a session in place of an existing one, which ends in the same transaction.
        """
        return self.grant(grantee, patterns.SIGN_IN)

    def grant_limit_sessions(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `create_session` with `max_sessions_per_customer`.

        End a customer's oldest sessions beyond a limit when they sign in.
        """
        return self.grant(grantee, patterns.LIMIT_SESSIONS)

    def grant_get_session(self, grantee: iam.IGrantable, *, customer_known: bool | None = None) -> iam.Grant:
        """Grant `get_session`. Read one session by its id, strongly consistent."""
        return self.grant(grantee, patterns.GET_SESSION, customer_known=customer_known)

    def grant_get_session_strictly(self, grantee: iam.IGrantable, *, customer_known: bool | None = None) -> iam.Grant:
        """Grant `get_session` with `strict=True`.

        Read one session by its id, and check that the customer's sessions have not all been ended.
        """
        return self.grant(grantee, patterns.GET_SESSION_STRICTLY, customer_known=customer_known)

    def grant_validate(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `validate` and `validate_and_rotate`.

        Decide whether a token is good, and extend the session when that is due.
        """
        return self.grant(grantee, patterns.VALIDATE)

    def grant_validate_without_data(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `validate_and_rotate` with `with_data=False`.

        Decide whether a token is good, for code that looks at no data.
        """
        return self.grant(grantee, patterns.VALIDATE_WITHOUT_DATA)

    def grant_validate_read_only(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `validate` with `activity="read_only"`. Decide whether a token is good, and write nothing."""
        return self.grant(grantee, patterns.VALIDATE_READ_ONLY)

    def grant_rotate(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `rotate`. Make a new token for a session."""
        return self.grant(grantee, patterns.ROTATE)

    def grant_update_data(self, grantee: iam.IGrantable, *, customer_known: bool | None = None) -> iam.Grant:
        """Grant `update_data` and `save_changes` and `replace_data`.

        Merge changes into a session's data, or replace it; set a session to closing.
        """
        return self.grant(grantee, patterns.UPDATE_DATA, customer_known=customer_known)

    def grant_increment(self, grantee: iam.IGrantable, *, customer_known: bool | None = None) -> iam.Grant:
        """Grant `increment`. Add to a number in a session's data, atomically."""
        return self.grant(grantee, patterns.INCREMENT, customer_known=customer_known)

    def grant_extend_session(self, grantee: iam.IGrantable, *, customer_known: bool | None = None) -> iam.Grant:
        """Grant `extend_session`. Extend a session, as activity does, up to its absolute end."""
        return self.grant(grantee, patterns.EXTEND_SESSION, customer_known=customer_known)

    def grant_take(self, grantee: iam.IGrantable, *, customer_known: bool | None = None) -> iam.Grant:
        """Grant `take`. Remove a value from a session's data, for the one caller that gets it."""
        return self.grant(grantee, patterns.TAKE, customer_known=customer_known)

    def grant_end_session(self, grantee: iam.IGrantable, *, customer_known: bool | None = None) -> iam.Grant:
        """Grant `end_session`. End a session and with it all its child sessions."""
        return self.grant(grantee, patterns.END_SESSION, customer_known=customer_known)

    def grant_create_child_session(self, grantee: iam.IGrantable, *, customer_known: bool | None = None) -> iam.Grant:
        """Grant `create_child_session`. Start a child session under a live session."""
        return self.grant(grantee, patterns.CREATE_CHILD_SESSION, customer_known=customer_known)

    def grant_end_child_session(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `end_child_session`. End one child session."""
        return self.grant(grantee, patterns.END_CHILD_SESSION)

    def grant_get_child_sessions(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `get_child_sessions`. List the child sessions of a live session, oldest first, a page at a time."""
        return self.grant(grantee, patterns.GET_CHILD_SESSIONS)

    def grant_get_session_by_child(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `get_session_by_child`. Find the session that owns a child session."""
        return self.grant(grantee, patterns.GET_SESSION_BY_CHILD)

    def grant_get_last_login_time(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `get_last_login_time`. When a customer last signed in."""
        return self.grant(grantee, patterns.GET_LAST_LOGIN_TIME)

    def grant_get_customer_session(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `get_session` with `customer_id`. Read a session only if it belongs to the customer."""
        return self.grant(grantee, patterns.GET_SESSION_OF_CUSTOMER)

    def grant_get_customer_sessions(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `get_customer_sessions`. List a customer's live sessions, newest first, a page at a time."""
        return self.grant(grantee, patterns.GET_CUSTOMER_SESSIONS)

    def grant_end_customer_sessions(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `end_customer_sessions`. End all sessions of a customer, all but one if asked to."""
        return self.grant(grantee, patterns.END_CUSTOMER_SESSIONS)

    def grant_erase_customer(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `erase_customer`. Delete every row of a customer, for erasure requests."""
        return self.grant(grantee, patterns.ERASE_CUSTOMER)

    def grant_provider_sign_in(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `create_session` with `provider_session`.

        Start a session, and note it under an identity provider's own, whose logout ends it.
        """
        return self.grant(grantee, patterns.PROVIDER_SIGN_IN)

    def grant_provider_logout(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant `end_by_provider_logout`. End the sessions that an identity provider's logout is about."""
        return self.grant(grantee, patterns.PROVIDER_LOGOUT)

    # end grants

    def connect(self, function: lambda_.Function, settings: SessionSettings, *, request_lines: bool = False) -> None:
        """Tell a function the table and its rules: `SessionStore.from_environment()` in its code reads them.

            service.table.connect(my_function, service.settings)

        It adds environment variables and no permissions, which come from the grants. Existing variables with these
        names are overwritten silently, and CDK gives no warning. If the function has its own table in `TABLE_NAME`,
        give that variable another name.

        A function that may end before the store gives up, as with Lambda's default of 3 seconds, gets a warning when
        the app is synthesized.

        Args:
            function: one of your own that uses the library.
            settings: the rules of the table's sessions.
            request_lines: whether the function writes a line of JSON for each request under `@session`, which counts as
                metrics. The functions of the service always do.

        Raises:
            InvalidInputError: an argument is of another type. Also a ValueError.
        """
        check_function(function)
        variables = {TABLE_NAME: self._name_for(function), **check_settings(settings).environment()}
        if check_flag("request_lines", request_lines):
            variables[REQUEST_LINES] = "true"
        for name, value in variables.items():
            function.add_environment(name, value)
        warn_of_short_timeout(function)

    def _name_for(self, function: lambda_.Function) -> str:
        """The table's name, or its ARN if the function is in another account or region."""
        is_beside = self._place() == (function.stack.region, function.stack.account)
        return self.table.table_name if is_beside else self.table.table_arn

    def _place(self) -> tuple[str, str]:
        """The table's region and account. Of one that is imported its `env` may be that of the stack."""
        if self.table.node.default_child is not None:
            return self.table.env.region, self.table.env.account
        arn = self.table.table_arn
        parts = arn.split(":") if ":" in arn else [Fn.select(part, Fn.split(":", arn)) for part in range(5)]
        return parts[3], parts[4]

    def _arns(self) -> dict[Resource, str]:
        table_arn = self.table.table_arn
        return {Resource.TABLE: table_arn, Resource.INDEX: f"{table_arn}/index/{INDEX_NAME}"}

    def _grant_key(self, grantee: iam.IGrantable, actions: tuple[str, ...]) -> list[iam.Grant]:
        key = self.table.encryption_key
        if key is None or not actions:
            return []
        service = f"dynamodb.{self._place()[0]}.amazonaws.com"
        return [
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=list(actions),
                resource_arns=[key_itself("encryption_key", key).key_arn],
                conditions={"StringEquals": {"kms:ViaService": service}},
            )
        ]


class ExistingSessionTable(SessionTableGrants):
    """The grants of a table that is already there: from another stack, or imported by its name."""

    def __init__(self, table: dynamodb.ITable) -> None:
        self.table = check_member(
            "table", table, "table_arn", "a DynamoDB table of CDK, for instance from TableV2.from_table_name"
        )


def check_table(value: SessionTableGrants) -> SessionTableGrants:
    """Refuse anything but a session table as `table`: not the service that has it, not the DynamoDB table in it."""
    expected = "a SessionTable (service.table) or SessionTable.from_table(...)"
    return check_type("table", value, SessionTableGrants, expected)


def _check_arns(permissions: Collection[tuple[str, Resource]], known: Mapping[Resource, str]) -> None:
    if missing := sorted({str(resource) for _, resource in permissions if resource not in known}):
        raise InvalidInputError("arns", f"must have the ARN of each resource, missing are {', '.join(missing)}")
