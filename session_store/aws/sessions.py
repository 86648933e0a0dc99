"""Sessions of boto3 that threads can share, with settings, roles and many accounts."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar, Unpack
from weakref import WeakSet

from session_store.aws import targets
from session_store.aws.client_settings import ClientSettings
from session_store.aws.concealed_log import conceal_secrets
from session_store.aws.fan_out import FanOut, Outcome, Place
from session_store.aws.identity import Identity
from session_store.aws.locked_session import LockedSession, Source
from session_store.aws.opt_in import regions_off
from session_store.aws.organization import OrganizationAccount, accounts_in
from session_store.aws.roles import (
    MfaPrompt,
    RoleOptions,
    check_account,
    check_duration,
    role_arn_in,
    role_to_assume,
)
from session_store.aws.sources import RoleSource, SessionTokenSource, SharedSource, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence

    import boto3

    from session_store.aws.diagnosis.finding import Finding
    from session_store.aws.static_credentials import StaticCredentials
    from session_store.aws.targets import FanOutOptions

_T = TypeVar("_T")
_DEFAULTS: Final = ClientSettings()
_LONGEST_MFA: Final = timedelta(hours=36)
# Sessions of roles and regions that are kept for the next call. Each has clients, with connections of their own.
_KEPT: Final = 128


class AwsSessions:
    """A session of boto3 and its clients, each made once, at its first use. Threads can share it.

        aws = AwsSessions("work", region="eu-west-1")
        aws.client("dynamodb").list_tables()

    Nothing is read and nothing is called before the first use. The SDK itself finds the credentials, and its errors
    come as they are: `advice_for` explains them. Credentials that expire are renewed, also those that a tool writes
    into a profile meanwhile. A process that was forked makes its sessions and clients anew.

    Args:
        profile: a profile of the SDK's files. `AWS_PROFILE` decides when it is not given.
        region: the environment and the profile decide when it is not given.
        client: how its clients talk to AWS.
        credentials: to use in place of those that the SDK would find. A function is asked at the first use, and again
            ten minutes before `expires_at`.
        account: the account that the credentials must belong to, 12 digits. STS is asked before they are used, and
            again when they were renewed from their source.

    Attributes:
        profile: as given.
        settings: how its clients talk to AWS.

    Raises:
        InvalidInputError: an argument is not acceptable.
        WrongAccountError: of each use, when the credentials are of another account.
    """

    _lock: threading.RLock
    _made: LockedSession | None
    _session: boto3.Session | None
    _clients: dict[tuple[str, str | None, ClientSettings], Any]

    def __init__(
        self,
        profile: str | None = None,
        region: str | None = None,
        client: ClientSettings = _DEFAULTS,
        *,
        credentials: StaticCredentials | Callable[[], StaticCredentials] | Source | None = None,
        account: str | None = None,
    ) -> None:
        conceal_secrets()
        self.profile: Final = profile
        self.settings: Final = client
        self._region = region
        self._source = source_of(credentials, account and check_account("account", account))
        self._kept: dict[Hashable, AwsSessions] = {}  # a kept one forgets for itself
        self._begin()
        _sessions.add(self)

    def __repr__(self) -> str:
        role = f", role={self._source.role!r}" if self._source.role else ""
        return f"AwsSessions(profile={self.profile!r}, region={self._region!r}{role})"

    @property
    def region(self) -> str | None:
        """The region of clients that are made without another, None when nothing names one."""
        return self._botocore().region

    @property
    def account(self) -> str:
        """The account of the credentials, 12 digits. STS is asked, except for a role, whose ARN has it."""
        return self._source.role.split(":")[4] if self._source.role else self.identity.account

    @property
    def identity(self) -> Identity:
        """The user or role behind the credentials. STS is asked each time. That takes no permission."""
        found = self._botocore().sts.get_caller_identity()
        return Identity(found["Account"], found["Arn"], found["UserId"])

    @property
    def profiles(self) -> list[str]:
        """The names of the profiles in the SDK's files."""
        return self._botocore().available_profiles

    @property
    def session(self) -> boto3.Session:
        """The session of boto3. Its own methods, like `resource`, have the same settings and are safe as well."""
        botocore = self._botocore()
        with botocore.making:
            if self._session is None:
                import boto3  # noqa: PLC0415 - only those who ask for a session pay for it

                self._session = boto3.Session(botocore_session=botocore)
            return self._session

    def client(self, service: str, region: str | None = None, *, settings: ClientSettings | None = None) -> Any:  # noqa: ANN401 - made at run time
        """A client of a service, the same one for equal arguments.

        Args:
            service: as the SDK names it, for instance `dynamodb`.
            region: the session's when it is not given.
            settings: the session's when they are not given.
        """
        key = (service, region or self.region, settings or self.settings)
        clients = self._clients
        if key not in clients:
            _ = self.session  # it adds what boto3 adds to clients, for instance `upload_file`
            with self._botocore().making:
                if key not in clients:
                    clients[key] = self._botocore().create_client(service, key[1], settings=key[2])
        return clients[key]

    def in_region(self, region: str) -> AwsSessions:
        """The same credentials and settings, with clients in another region. Equal arguments give the same object."""
        if region == self.region:
            return self
        source = SharedSource(self._botocore, self._source.role)
        return self._keep(region, lambda: AwsSessions(self.profile, region, self.settings, credentials=source))

    def assume_role(self, role_arn: str, **options: Unpack[RoleOptions]) -> AwsSessions:
        """Sessions with a role, which is assumed with the credentials of these, at the first use.

        It is assumed again ten minutes before its credentials end. `assume_role` of the result makes a chain, whose
        roles are assumed once each. Credentials of a role that was assumed from a role last an hour at most. Equal
        arguments give the same object.

        Args:
            role_arn: for instance `arn:aws:iam::111111111111:role/Ops`.
            **options: see `RoleOptions`.

        Raises:
            InvalidInputError: an argument is not acceptable, for instance a `duration` over an hour in a chain.
        """
        role = role_to_assume(role_arn, options, chained=self._source.role is not None)
        return self._keep(role, lambda: self._with(RoleSource(self._botocore, role)))

    def with_mfa(
        self, prompt: MfaPrompt, *, serial: str | None = None, duration: timedelta = timedelta(hours=12)
    ) -> AwsSessions:
        """Sessions of the same user, whose MFA device is asked for one code at the first use.

        All roles that are assumed from them have the mark of MFA, without further codes.

        Args:
            prompt: is shown a text and returns the code, for instance `getpass.getpass`.
            serial: the device's ARN or serial number. By default the profile's `mfa_serial`, or the user's only device,
                which takes the permission `iam:ListMFADevices`.
            duration: until the next code, 15 minutes to 36 hours.

        Raises:
            InvalidInputError: the duration is not acceptable.
        """
        check_duration(duration, _LONGEST_MFA)
        key = (prompt, serial, duration)
        return self._keep(key, lambda: self._with(SessionTokenSource(self._botocore, prompt, serial, duration)))

    def organization_accounts(self, units: Iterable[str] = ()) -> list[OrganizationAccount]:
        """The active accounts of the organization, for `fan_out`. Needs its management or a delegated account.

        Args:
            units: ids of organizational units, or of a root, whose accounts are wanted, at any depth. All by default.
        """
        return list(accounts_in(self.client("organizations"), targets.names("units", units)))

    def fan_out(self, work: Callable[[AwsSessions], _T], **options: Unpack[FanOutOptions]) -> Iterator[Outcome[_T]]:
        """Do some work in many accounts and regions at once.

            for outcome in aws.fan_out(work, accounts=["111111111111"], role="Ops", regions=["eu-west-1"]):
                print(outcome.account, outcome.region, outcome.skipped or outcome.error or outcome.value)

        An error of the work is the outcome of its target, and ends no other. Regions that an account has not enabled
        are skipped. Leaving the loop lets no further target begin.

        Args:
            work: is called in a thread, with the sessions of its target.
            **options: see `FanOutOptions`. Without accounts and profiles it is these sessions' own account.

        Returns:
            The outcomes, in the order in which the targets end. The work begins when the first one is asked for.

        Raises:
            InvalidInputError: an argument is not acceptable. The credentials' own errors come with the first outcome.
        """
        return self._outcomes(work, targets.checked(work, options))

    async def fan_out_async(
        self, work: Callable[[AwsSessions], _T], **options: Unpack[FanOutOptions]
    ) -> list[Outcome[_T]]:
        """Like `fan_out`, for asyncio: the work is done in threads, and `on_progress` is called in the event loop.

        When the task is cancelled, no further target begins.

        Args:
            work: a plain function.
            **options: see `FanOutOptions`.
        """
        fan_out_async = import_module("session_store.aws.asynchronous").fan_out_async
        outcomes: list[Outcome[_T]] = await fan_out_async(self.fan_out, work, options)
        return outcomes

    def regions_off(self, regions: Collection[str]) -> set[str]:
        """Those of the regions that the account has not enabled.

        It is asked only if there are regions among them that have to be enabled. None counts as off without the
        permission `account:ListRegions`.
        """
        return regions_off(self._botocore(), regions)

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

    def close(self) -> None:
        """Close the connections of all clients, those for roles and regions included. Later calls open new ones."""
        for kept in list(self._kept.values()):
            kept.close()
        for client in list(self._clients.values()):
            client.close()
        self._kept.clear()
        self._clients.clear()

    def _begin(self) -> None:
        """Forget everything that a forked process cannot share with its parent: locks, clients, connections."""
        self._lock = threading.RLock()
        self._made = None
        self._session = None
        self._clients = {}

    def _botocore(self) -> LockedSession:
        with self._lock:
            if self._made is None:
                self._made = LockedSession(self.profile, self._region, self.settings, self._source)
            return self._made

    def _with(self, source: Source) -> AwsSessions:
        return AwsSessions(self.profile, self._region, self.settings, credentials=source)

    def _keep(self, key: Hashable, make: Callable[[], AwsSessions]) -> AwsSessions:
        with self._lock:
            kept = self._kept.pop(key, None) or make()
            self._kept[key] = kept  # the last one used is the last one to go
            if len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
            return kept

    def _outcomes(self, work: Callable[[AwsSessions], _T], checked: targets.Checked) -> Iterator[Outcome[_T]]:
        # These sessions' own fault is an error of the call, not of each account.
        partition = self.identity.partition if checked.accounts else ""
        places = [
            *(self._place_of_account(role_arn_in(partition, each, checked.role), checked) for each in checked.accounts),
            *(self._place_of_profile(name, checked) for name in checked.profiles),
        ]
        own = Place(regions=checked.regions, opened=lambda: self, closing=False)
        yield from FanOut(work, places or [own], checked.limits, checked.on_progress, checked.cancelled).outcomes()

    def _place_of_account(self, arn: str, checked: targets.Checked) -> Place[AwsSessions]:
        role = role_to_assume(arn, checked.role_options, chained=self._source.role is not None)
        source = RoleSource(self._botocore, role)  # not kept: hundreds of accounts have hundreds of connections
        return Place(account=role.account, regions=checked.regions, opened=partial(self._with, source))

    def _place_of_profile(self, name: str, checked: targets.Checked) -> Place[AwsSessions]:
        opened = partial(AwsSessions, name, self._region, self.settings)
        return Place(profile=name, regions=checked.regions, opened=opened)


_sessions: Final[WeakSet[AwsSessions]] = WeakSet()


def _begin_anew() -> None:
    for sessions in list(_sessions):
        sessions._begin()  # noqa: SLF001 - of this module


os.register_at_fork(after_in_child=_begin_anew)
