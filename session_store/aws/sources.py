"""The sources of a session's credentials: the SDK's chain, the caller, a role, the same session elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from botocore.credentials import AssumeRoleCredentialFetcher, Credentials, create_credential_resolver
from botocore.exceptions import NoCredentialsError

from session_store.aws.errors import WrongAccountError
from session_store.aws.locked_session import Source
from session_store.aws.refreshing import REFRESHED_BEFORE_THE_END, RefreshingCredentials, SessionTokenFetcher
from session_store.aws.static_credentials import StaticCredentials
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from session_store.aws.locked_session import LockedSession
    from session_store.aws.roles import MfaPrompt, Role

_NEVER: Final = "9999-12-31T00:00:00Z"


class ChainSource(Source):
    """The SDK's own chain: environment, profile, SSO, web identity, process, container, instance."""

    def find(self, session: LockedSession, *, anew: bool) -> Credentials | None:  # noqa: ARG002, D102 - of every source
        found: Credentials | None = create_credential_resolver(session).load_credentials()
        return found


class GivenSource(Source):
    """Credentials that the caller has, or that a function of the caller returns each time when they expire."""

    def __init__(self, given: StaticCredentials | Callable[[], StaticCredentials]) -> None:
        self._given = given

    def find(self, session: LockedSession, *, anew: bool) -> Credentials:  # noqa: ARG002, D102
        if isinstance(self._given, StaticCredentials):
            return Credentials(self._given.access_key_id, self._given.secret_access_key, self._given.session_token)
        return RefreshingCredentials(self._ask, method="function")

    def _ask(self) -> dict[str, Any]:
        assert callable(self._given)
        new = self._given()
        return {
            "access_key": new.access_key_id,
            "secret_key": new.secret_access_key,
            "token": new.session_token,
            "expiry_time": new.expires_at.isoformat() if new.expires_at else _NEVER,
        }


class DemandedSource(Source):
    """Credentials of another source, which are used only if they belong to the account that was demanded."""

    def __init__(self, source: Source, account: str) -> None:
        self.parent = source.parent
        self.role = source.role
        self._source = source
        self._account = account

    def find(self, session: LockedSession, *, anew: bool) -> Credentials:  # noqa: D102
        found = self._source.find(session, anew=anew)
        if found is None:
            raise NoCredentialsError
        keys = found.get_frozen_credentials()
        sts = session.create_client(
            "sts",
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
            aws_session_token=keys.token,
        )
        identity = sts.get_caller_identity()
        if identity["Account"] != self._account:
            raise WrongAccountError(expected=self._account, actual=identity["Account"], identity=identity["Arn"])
        return found


class SharedSource(Source):
    """The credentials of another session: the same object, so that both renew it."""

    parent: Callable[[], LockedSession]

    def __init__(self, parent: Callable[[], LockedSession], role: str | None) -> None:
        self.parent = parent
        self.role = role

    def find(self, session: LockedSession, *, anew: bool) -> Credentials | None:  # noqa: ARG002, D102
        return self.parent().get_credentials()


class _ExpiringSource(Source):
    """Credentials that STS gives for others. Its replies outlive a fork of the process."""

    parent: Callable[[], LockedSession]
    method: str

    def __init__(self, parent: Callable[[], LockedSession]) -> None:
        self.parent = parent
        self._replies: dict[str, Any] = {}

    def find(self, session: LockedSession, *, anew: bool) -> Credentials:  # noqa: ARG002
        if anew:
            self._replies.clear()
        return RefreshingCredentials(self._ask, method=self.method)

    def _ask(self) -> dict[str, Any]:
        raise NotImplementedError


class RoleSource(_ExpiringSource):
    """A role that is assumed with the credentials of another session."""

    method = "assume-role"

    def __init__(self, parent: Callable[[], LockedSession], role: Role) -> None:
        super().__init__(parent)
        self.role = role.arn
        self._role = role

    def _ask(self) -> dict[str, Any]:
        parent, role = self.parent(), self._role
        arguments = json.loads(role.arguments)
        if role.mfa is not None:
            arguments["SerialNumber"] = _mfa_serial(parent, role.mfa_serial)
        credentials = parent.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        fetcher = AssumeRoleCredentialFetcher(
            # The session's own client in place of one for each role: it also renews the credentials that it signs with.
            client_creator=lambda *_, **__: parent.sts,
            source_credentials=credentials,
            role_arn=role.arn,
            extra_args=arguments,
            mfa_prompter=role.mfa,
            cache=self._replies,
            expiry_window_seconds=REFRESHED_BEFORE_THE_END,
        )
        found: dict[str, Any] = fetcher.fetch_credentials()
        return found


class SessionTokenSource(_ExpiringSource):
    """Temporary credentials of the same user, for which the user's MFA device was asked."""

    method = "session-token"

    def __init__(
        self, parent: Callable[[], LockedSession], prompt: MfaPrompt, serial: str | None, duration: timedelta
    ) -> None:
        super().__init__(parent)
        self._prompt = prompt
        self._serial = serial
        self._duration = duration

    def _ask(self) -> dict[str, Any]:
        parent = self.parent()
        serial = _mfa_serial(parent, self._serial)
        fetcher = SessionTokenFetcher(lambda: parent.sts, serial, self._prompt, self._duration, self._replies)
        found: dict[str, Any] = fetcher.fetch_credentials()
        return found


def source_of(
    credentials: StaticCredentials | Callable[[], StaticCredentials] | Source | None, account: str | None
) -> Source:
    """The source for what a caller gave.

    Raises:
        InvalidInputError: it is none of what is allowed.
    """
    source: Source
    if credentials is None:
        source = ChainSource()
    elif isinstance(credentials, Source):
        source = credentials
    elif isinstance(credentials, StaticCredentials) or callable(credentials):
        source = GivenSource(credentials)
    else:
        raise InvalidInputError("credentials", "must be StaticCredentials or a function that returns them")
    return source if account is None else DemandedSource(source, account)


def _mfa_serial(session: LockedSession, given: str | None) -> str:
    """The serial number of the MFA device: as given, as in the profile, or of the caller's only device."""
    if serial := given or session.get_scoped_config().get("mfa_serial"):
        return str(serial)
    devices = session.create_client("iam").list_mfa_devices()["MFADevices"]
    if len(devices) != 1:
        raise InvalidInputError("mfa_serial", f"must be given: the caller has {len(devices)} MFA devices")
    return str(devices[0]["SerialNumber"])
