"""One of the service's functions that serve requests, with a role and a log group of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from session_store.catalog.functions import Function
from session_store.catalog.permissions import permissions_of
from session_store.cdk.checks import check_type
from session_store.cdk.grants import check_table
from session_store.cdk.lambda_function import new_lambda_function
from session_store.cdk.props import FunctionProps
from session_store.cdk.takes import filled, takes
from session_store.cdk.wheels import check_libraries
from session_store.errors import InvalidInputError
from session_store.settings import SessionSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from session_store.cdk.grants import SessionTableGrants
    from session_store.cdk.wheels import Libraries


@takes(FunctionProps)
class SessionFunction(Construct):
    """A function that serves a group of the API's routes, allowed exactly what they need of the table.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: the session table.
        function: which of the functions. That of the table's stream is a part of `SessionEvents`.
        settings: the rules of the table's sessions, the same for every function on one table: see `SessionSettings`.
        environment: further environment variables.
        libraries: what the function's zip holds besides, for its runtime and architecture.

    Attributes:
        function: the Lambda function.
        alias: `live`, which stands for its newest version, where a prop asks for one, else None. CDK can scale the
            provisioned executions on it.
        invoked: the one of the two that API Gateway calls.
        log_group: where it logs to, JSON lines.

    Raises:
        InvalidInputError: a prop is out of range or something else, or does not go with another. Also a ValueError.
        LibrariesUnavailableError: the libraries cannot be installed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants,
        function: Function,
        settings: SessionSettings,
        environment: Mapping[str, str] | None = None,
        libraries: Libraries | None = None,
        **props: Unpack[FunctionProps],
    ) -> None:
        super().__init__(scope, construct_id)
        _check_which(table, function, settings)
        given = filled(FunctionProps, props)
        made = new_lambda_function(self, function, given, environment, check_libraries(libraries))
        self.function, self.alias, self.log_group = made
        self.invoked = made.invoked
        table.connect(self.function, settings)
        has_limit = settings.max_sessions_per_customer is not None
        if permissions := permissions_of(function, session_limit=has_limit):
            table.grant_permissions(self.function, permissions)


def _check_which(table: SessionTableGrants, function: Function, settings: SessionSettings) -> None:
    check_table(table)
    check_type("function", function, Function, "a Function, for instance Function.READ")
    if function is Function.LIFECYCLE_EVENTS:
        raise InvalidInputError("function", "must be one that serves requests: this one is a part of SessionEvents")
    check_type("settings", settings, SessionSettings, "service.settings or SessionSettings(...)")
