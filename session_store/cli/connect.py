"""The AWS sessions that a command uses, and the store on its table."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Final

from session_store.aws.client_settings import EVERY_SERVICE, ClientSettings
from session_store.aws.connection import connect
from session_store.aws.roles import role_arn_in
from session_store.aws.sessions import AwsSessions
from session_store.aws.static_credentials import StaticCredentials
from session_store.cli import places
from session_store.cli.exits import Exit, Failure
from session_store.cli.unread import Unread
from session_store.encryption.settings import EncryptionSettings
from session_store.settings import ENCRYPTION_KEYS, LARGE_DATA_BUCKET, VALIDATION_CACHE_HOST
from session_store.store import SessionStore

if TYPE_CHECKING:
    from session_store.cli.chosen import Chosen
    from session_store.cli.places import Place
    from session_store.encryption import Encryption
    from session_store.large_data import LargeData
    from session_store.validation_cache import ValidationCache

_OUTPUT: Final = "TableName"
_BUCKET: Final = "LargeDataBucket"


class Connection:
    """The AWS sessions and the table that the options choose. Nothing is asked of AWS before it is needed.

    Args:
        chosen: the values of the options.
        diagnosing: accept that no table is chosen, and credentials of any account, which a diagnosis says itself. The
            role is not assumed: there may be several accounts.

    Attributes:
        chosen: as given.
        place: where the table is.
        aws: the AWS sessions.
        unread: the sessions that the store left out of lists.

    Raises:
        Failure: the options choose no table, an environment that there is not, or a role that does not fit.
    """

    def __init__(self, chosen: Chosen, *, diagnosing: bool = False) -> None:
        self.chosen = chosen
        self.unread = Unread()
        self.place: Place = places.find(chosen, needed=not diagnosing)
        self.aws = _sessions(chosen, self.place, account=None if diagnosing else self.place.account)
        if chosen.role is not None and not diagnosing:
            self.aws = self.aws.assume_role(_role_arn(self.aws, chosen.role, self.place.account))

    @cached_property
    def table_name(self) -> str:
        """The table's name or ARN. For an environment its stack is asked.

        Raises:
            Failure: the stack does not say.
            WrongAccountError: the credentials are of another account.
        """
        return name_of_table(self.aws, self.place)

    @cached_property
    def store(self) -> SessionStore:
        """The store on the table, with all that its data takes.

        Raises:
            Failure: as of `table_name`.
            WrongAccountError: as of `table_name`.
        """
        return self.store_with(encryption=self.encryption, large_data=self.large_data)

    def store_with(self, *, encryption: Encryption | None = None, large_data: LargeData | None = None) -> SessionStore:
        """A store on the table. Without more it counts and ends sessions whose data cannot be read.

        Its client has the timeouts and the one attempt that every store's has.

        Args:
            encryption: to read encrypted data with.
            large_data: to read data in S3 with, and to erase it.
        """
        botocore = self.aws.session._session  # noqa: SLF001 - boto3 offers no other way to it
        client = connect("dynamodb", session=botocore)
        return SessionStore(
            self.table_name,
            settings=self.place.settings,
            dynamodb_client=client,
            on_incident=self.unread.hear,
            encryption=encryption,
            large_data=large_data,
            validation_cache=self.validation_cache,
        )

    @cached_property
    def encryption(self) -> Encryption | None:
        """The encryption that the environment variables of `session_store.encryption` say, None for none.

        Raises:
            StoreConfigurationError: they are malformed, or `cryptography` is not installed.
        """
        given = self.encryption_settings
        if given is None:
            return None
        from session_store.encryption import Encryption  # noqa: PLC0415 - few tables have it

        region = given.kms_keys[0].split(":")[3]  # the keys', as in the functions
        return Encryption.from_environment(client=self.aws.client("kms", region))

    @cached_property
    def encryption_settings(self) -> EncryptionSettings | None:
        """The same as settings.

        Raises:
            StoreConfigurationError: they are malformed.
        """
        return EncryptionSettings.from_environment() if os.environ.get(ENCRYPTION_KEYS) else None

    @cached_property
    def bucket(self) -> str | None:
        """The name of the bucket of large data, None for none. The environment variable goes before the stack's output.

        Raises:
            WrongAccountError: as of `table_name`.
        """
        return name_of_bucket(self.aws, self.place)

    @cached_property
    def large_data(self) -> LargeData | None:
        """The large data in that bucket, with the other environment variables of `session_store.large_data`.

        Raises:
            StoreConfigurationError: they are malformed.
        """
        if self.bucket is None:
            return None
        from session_store.large_data import LargeData  # noqa: PLC0415 - few tables have it

        return LargeData.from_environment({**os.environ, LARGE_DATA_BUCKET: self.bucket}, client=self.aws.client("s3"))

    @cached_property
    def validation_cache(self) -> ValidationCache | None:
        """The cache of validations that the environment variables say, None for none.

        An operator's machine hardly ever reaches it. Ends then wait until it holds nothing from before.

        Raises:
            StoreConfigurationError: they are malformed, or `valkey` is not installed.
        """
        if not os.environ.get(VALIDATION_CACHE_HOST):
            return None
        from session_store.validation_cache import ValidationCache  # noqa: PLC0415 - few tables have one

        return ValidationCache.from_environment()

    def described(self) -> str:
        """The table and its region, in one line."""
        table = self.place.table or f"the output {_OUTPUT} of {self.place.stack}"
        region = self.place.region or "that of the profile, or of AWS_DEFAULT_REGION (--region goes before both)"
        return f"Table: {table} (by {self.place.origin}). Region: {region}."


def name_of_table(aws: AwsSessions, place: Place) -> str:
    """The name or ARN of the table of a place, as an account and region know it.

    Raises:
        Failure: the stack does not say.
    """
    if place.table is not None:
        return place.table
    named = outputs_of(aws, place).get(_OUTPUT)
    if named is None:
        problem = f"The stack {place.stack} has no output {_OUTPUT}: name the table with --table."
        raise Failure(problem, Exit.MISCONFIGURED)
    return named


def name_of_bucket(aws: AwsSessions, place: Place) -> str | None:
    """The name of the bucket of large data of a place, as an account and region know it. None for none.

    The stack is asked where it also names the table. One beside it, by --table, may have another bucket.
    """
    if named := os.environ.get(LARGE_DATA_BUCKET) or place.variables.get(LARGE_DATA_BUCKET):
        return named
    return outputs_of(aws, place).get(_BUCKET) if place.stack and place.table is None else None


def outputs_of(aws: AwsSessions, place: Place) -> dict[str, str]:
    """The outputs of the stack of a place."""
    reply = aws.client("cloudformation").describe_stacks(StackName=place.stack)
    return {output["OutputKey"]: output["OutputValue"] for output in reply["Stacks"][0].get("Outputs", ())}


def _sessions(chosen: Chosen, place: Place, *, account: str | None) -> AwsSessions:
    endpoints = {EVERY_SERVICE: place.endpoint_url} if place.endpoint_url else {}
    credentials = StaticCredentials(*place.key) if place.key else None
    demanded = None if chosen.role else account  # of a role its ARN says it
    client = ClientSettings(endpoints=endpoints)
    return AwsSessions(chosen.profile, place.region, client, credentials=credentials, account=demanded)


def _role_arn(aws: AwsSessions, role: str, account: str | None) -> str:
    if not role.startswith("arn:"):
        if account is None:
            raise Failure("--role: give the role's ARN, or --account beside its name.", Exit.USAGE)
        return role_arn_in(aws.identity.partition, account, role)
    if account is not None and f":{account}:" not in role:
        raise Failure(f"--role: the role is not in the account {account}.", Exit.USAGE)
    return role
