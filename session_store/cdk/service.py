"""The whole session service as one construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from session_store.catalog.routes import BACKEND_FUNCTIONS
from session_store.cdk.api import SessionApi
from session_store.cdk.function import SessionFunction
from session_store.cdk.logical_ids import function_id
from session_store.cdk.props import ApiProps, TableProps
from session_store.cdk.store_props import OnTableProps, ServiceProps, StoreProps
from session_store.cdk.streams import IMAGES
from session_store.cdk.table import SessionTable
from session_store.cdk.takes import declared, of, takes
from session_store.errors import InvalidInputError
from session_store.settings import SessionSettings

if TYPE_CHECKING:
    from typing import Unpack

    from aws_cdk import aws_iam as iam

    from session_store.catalog.route import Route
    from session_store.cdk.grants import SessionTableGrants
    from session_store.cdk.large_data_bucket import LargeDataBucket


@takes(ServiceProps)
class SessionService(Construct):
    """Table, functions, their roles, and the HTTP API in front of them.

    All props have defaults that are safe for production. Grants on the table for the application's own functions are
    on `table` (`service.table.grant_validate(fn)`), calls of the HTTP API are granted by `grant_invoke`.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: an existing table, a `SessionTable` or any other through `SessionTable.from_table`. None creates one.
        settings: the rules of the table's sessions, default `SessionSettings()`.

    With a `table` that is made elsewhere, the props of a created one are refused, except for `removal_policy`, which is
    that of the logs, too.

    Attributes:
        table: the table with its grants.
        settings: the rules of its sessions, for further functions on the same table.
        functions: the functions by `Function`, for instance `functions[Function.READ]`.
        api: the HTTP API.
        large_data: the bucket of large data, None without one.

    Raises:
        InvalidInputError: a prop is out of range. The message names it, its value and what is allowed. It is a
            ValueError, too.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants | None = None,
        settings: SessionSettings | None = None,
        **props: Unpack[ServiceProps],
    ) -> None:
        super().__init__(scope, construct_id)
        self.settings = SessionSettings() if settings is None else settings
        if table is not None:
            _refuse_with_table(props)
        self.table = table or SessionTable(self, "Table", **_with_stream(of(TableProps, props), props))
        self.large_data: LargeDataBucket | None = props.get("large_data")
        self.functions = {
            function: SessionFunction(
                self,
                function_id(function),
                table=self.table,
                function=function,
                settings=self.settings,
                **of(StoreProps, props),
            )
            for function in BACKEND_FUNCTIONS
        }
        self.api = SessionApi(self, "Api", functions=self.functions, **of(ApiProps, props))

    @property
    def url(self) -> str:
        """The API's base URL, with a slash at the end."""
        return self.api.url

    def grant_invoke(self, grantee: iam.IGrantable, *routes: Route | str) -> iam.Grant:
        """Allow a back end to call routes of the API. Without any, all of them: see `SessionApi.grant_invoke`."""
        return self.api.grant_invoke(grantee, *routes)


def _refuse_with_table(props: ServiceProps) -> None:
    for prop, value in props.items():
        if prop not in declared(OnTableProps):
            raise InvalidInputError(prop, "must be given to the table that is passed, not beside it", value=value)


def _with_stream(of_table: TableProps, props: ServiceProps) -> TableProps:
    """The table's props. The deletion of large data needs a stream, so that it switches one on."""
    if props.get("large_data") is None or of_table.get("stream") is not None:
        return of_table
    return {**of_table, "stream": IMAGES}
