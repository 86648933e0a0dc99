"""The AWS sessions that a command uses, and the store on its table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from session_store.aws.client_settings import EVERY_SERVICE, ClientSettings
from session_store.aws.connection import CONNECT_TIMEOUT, READ_TIMEOUT
from session_store.aws.sessions import AwsSessions
from session_store.aws.static_credentials import StaticCredentials
from session_store.cli.exits import Exit, Failure
from session_store.cli.places import find
from session_store.store import SessionStore

if TYPE_CHECKING:
    from session_store.cli.chosen import Chosen
    from session_store.cli.places import Place

_OUTPUT: Final = "TableName"


class Connection:
    """The AWS sessions and the table that the options choose. Nothing is asked of AWS before it is needed.

    Args:
        chosen: the values of the options.

    Attributes:
        place: where the table is.
        aws: the AWS sessions.

    Raises:
        Failure: the options choose no table, or an environment that there is not.
    """

    def __init__(self, chosen: Chosen) -> None:
        self.place: Place = find(chosen)
        self.aws = _sessions(chosen, self.place)

    @cached_property
    def table_name(self) -> str:
        """The table's name or ARN. For an environment its stack is asked.

        Raises:
            Failure: the credentials are of another account, or the stack does not say.
        """
        self._check_account()
        return self.place.table or self._output()

    @cached_property
    def store(self) -> SessionStore:
        """The store on the table, which does the retrying.

        Raises:
            Failure: as of `table_name`.
        """
        settings = ClientSettings(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            max_attempts=1,
            endpoints=self.aws.settings.endpoints,
        )
        client = self.aws.client("dynamodb", settings=settings)
        return SessionStore(self.table_name, settings=self.place.settings, dynamodb_client=client)

    def described(self) -> str:
        """The table and its region, in one line."""
        table = self.place.table or f"the output {_OUTPUT} of {self.place.stack}"
        return f"Table: {table} (by {self.place.origin}). Region: {self.aws.region or 'none'}."

    def _check_account(self) -> None:
        wanted = self.place.account
        if wanted is None:
            return
        actual = self.aws.client("sts").get_caller_identity()["Account"]
        if actual != wanted:
            problem = f"The credentials are of account {actual}, not of {wanted}: choose another --profile."
            raise Failure(problem, Exit.MISCONFIGURED)

    def _output(self) -> str:
        stack = self.place.stack
        reply = self.aws.client("cloudformation").describe_stacks(StackName=stack)
        named = {output["OutputKey"]: output["OutputValue"] for output in reply["Stacks"][0].get("Outputs", ())}
        if _OUTPUT not in named:
            problem = f"The stack {stack} has no output {_OUTPUT}: name the table with --table."
            raise Failure(problem, Exit.MISCONFIGURED)
        return str(named[_OUTPUT])


def _sessions(chosen: Chosen, place: Place) -> AwsSessions:
    endpoints = {EVERY_SERVICE: place.endpoint_url} if place.endpoint_url else {}
    credentials = StaticCredentials(*place.key) if place.key else None
    return AwsSessions(
        chosen.profile, place.region, client=ClientSettings(endpoints=endpoints), credentials=credentials
    )
