"""Sessions of boto3 that threads can share, with settings, roles and many accounts."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from session_store.aws.client_settings import ClientSettings
from session_store.aws.locked_session import LockedSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import boto3

    from session_store.aws.diagnosis.finding import Finding
    from session_store.aws.static_credentials import StaticCredentials

_DEFAULTS: Final = ClientSettings()


class AwsSessions:
    """A session of boto3 and its clients, each made once, at its first use. Threads can share it.

        aws = AwsSessions("work", region="eu-west-1")
        aws.client("dynamodb").list_tables()

    The SDK itself finds the credentials. Errors are the SDK's own; `advice_for` explains them.

    Args:
        profile: a profile of the SDK's files. `AWS_PROFILE` decides when it is not given.
        region: the environment and the profile decide when it is not given.
        client: how its clients talk to AWS.
        credentials: to use in place of those that the SDK would find.
    """

    def __init__(
        self,
        profile: str | None = None,
        region: str | None = None,
        client: ClientSettings = _DEFAULTS,
        *,
        credentials: StaticCredentials | None = None,
    ) -> None:
        self.settings: Final = client
        self._profile = profile
        self._credentials = credentials
        self._clients: dict[tuple[str, str | None, ClientSettings], Any] = {}
        self._botocore = LockedSession(profile, region, client)
        if credentials is not None:
            key = (credentials.access_key_id, credentials.secret_access_key, credentials.session_token)
            self._botocore.set_credentials(*key)
        self._session: boto3.Session | None = None

    def __repr__(self) -> str:
        return f"AwsSessions(profile={self._profile!r}, region={self.region!r})"

    @property
    def region(self) -> str | None:
        """The region of clients that are made without another, None when nothing names one."""
        region: str | None = self._botocore.get_config_variable("region")
        return region

    @property
    def session(self) -> boto3.Session:
        """The session of boto3. Its own methods, like `resource`, have the same settings and are safe as well."""
        with self._botocore.making:
            if self._session is None:
                import boto3  # noqa: PLC0415 - only those who ask for a session pay for it

                self._session = boto3.Session(botocore_session=self._botocore)
            return self._session

    def client(self, service: str, region: str | None = None, *, settings: ClientSettings | None = None) -> Any:  # noqa: ANN401 - made at run time
        """A client of a service, the same one for the same arguments.

        Args:
            service: as the SDK names it, for instance `dynamodb`.
            region: the session's when it is not given.
            settings: the session's when they are not given.
        """
        key = (service, region or self.region, settings or self.settings)
        if key not in self._clients:
            _ = self.session  # it adds what boto3 adds to clients, for instance `upload_file`
            with self._botocore.making:
                if key not in self._clients:
                    self._clients[key] = self._botocore.create_client(service, key[1], settings=key[2])
        return self._clients[key]

    def diagnose(self, *, table: str | None = None, patterns: Sequence[Any] = ()) -> Iterator[Finding]:
        """Findings about credentials, region, way to AWS, clock, identity, and about a table of sessions.

        Args:
            table: name of a table of this project, to be checked as well.
            patterns: names of access patterns, or the patterns, that the identity needs on that table.

        Raises:
            InvalidInputError: a pattern is unknown, or there are patterns and no table.
        """
        # By its name: the diagnosis is above this module, and knows tables and access patterns.
        diagnosis = import_module("session_store.aws.diagnosis")
        findings: Iterator[Finding] = diagnosis.diagnose(self, table=table, patterns=patterns)
        return findings
