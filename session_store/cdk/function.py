"""One of the service's functions that serve requests, with a role and a log group of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from constructs import Construct

from session_store.catalog.functions import Function
from session_store.catalog.permissions import OF_STREAMS, patterns_of, permissions_of
from session_store.cdk.checks import check_type
from session_store.cdk.grants import check_table
from session_store.cdk.lambda_function import new_lambda_function
from session_store.cdk.parts import parts_in
from session_store.cdk.store_props import StoreProps
from session_store.cdk.takes import filled, takes
from session_store.cdk.wheels import check_libraries
from session_store.errors import InvalidInputError
from session_store.settings import SessionSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Unpack

    from session_store.cdk.grants import SessionTableGrants
    from session_store.cdk.props import FunctionProps
    from session_store.cdk.wheels import Libraries


@takes(StoreProps)
class SessionFunction(Construct):
    """A function that serves a group of the API's routes, allowed exactly what they need of the table.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: the session table.
        function: which of the functions. Those on the table's stream are parts of `SessionEvents` and
            `LargeDataBucket`.
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
        libraries: Collection[Libraries] = (),
        **props: Unpack[StoreProps],
    ) -> None:
        super().__init__(scope, construct_id)
        _check_which(table, function, settings)
        given: FunctionProps = filled(StoreProps, props)
        has_limit = settings.max_sessions_per_customer is not None
        patterns = patterns_of(function, session_limit=has_limit)
        parts = parts_in(given, patterns)
        for part in parts:
            given = cast("FunctionProps", {**given, **part.props_for(given)})
        made = new_lambda_function(
            self,
            function,
            given,
            environment,
            libraries=check_libraries(libraries).union(*(part.libraries for part in parts)),
            rooms=frozenset[str]().union(*(part.rooms for part in parts)),
        )
        self.function, self.alias, self.log_group = made
        self.invoked = made.invoked
        table.connect(self.function, settings)
        if permissions := permissions_of(function, session_limit=has_limit):
            table.grant_permissions(self.function, permissions)
        for part in parts:
            part.give(self.function, table, patterns)


def _check_which(table: SessionTableGrants, function: Function, settings: SessionSettings) -> None:
    check_table(table)
    check_type("function", function, Function, "a Function, for instance Function.READ")
    if function in OF_STREAMS:
        raise InvalidInputError("function", "must be one that serves requests: this one is a part of another construct")
    check_type("settings", settings, SessionSettings, "service.settings or SessionSettings(...)")
