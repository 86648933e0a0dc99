"""The subject of a diagnosis: the session, and the settings that a quick look at it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.utils import get_environ_proxies

from session_store.aws.diagnosis.finding import Finding, Severity, failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.session import Session

    from session_store.aws.client_settings import ClientSettings
    from session_store.aws.sessions import AwsSessions
    from session_store.clock import Clock

_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Subject:
    """The session that is examined.

    Attributes:
        aws: the session.
        environment: of the process.
        clock: of this machine, which AWS's is compared with.
    """

    aws: AwsSessions
    environment: Mapping[str, str]
    clock: Clock

    @cached_property
    def botocore(self) -> Session:
        """The SDK's session, which knows the origins of settings."""
        session: Session = self.aws.session._session  # noqa: SLF001 - boto3 offers no other way
        return session

    @cached_property
    def profile(self) -> str | None:
        """The profile in use, None for that without a name."""
        name: str | None = self.botocore.get_config_variable("profile")
        return name

    @cached_property
    def profile_settings(self) -> Mapping[str, Any]:
        """The profile's settings in the SDK's files."""
        profiles: Mapping[str, Any] = self.botocore.full_config.get("profiles", {})
        settings: Mapping[str, Any] = profiles.get(self.profile or "default", {})
        return settings

    @cached_property
    def settings(self) -> ClientSettings:
        """The session's, with one attempt and short times: a diagnosis does not wait for retries."""
        given = self.aws.settings
        return replace(
            given,
            max_attempts=1,
            connect_timeout=min(given.connect_timeout, _CONNECT_SECONDS),
            read_timeout=min(given.read_timeout, _READ_SECONDS),
        )

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - made at run time
        """A client that answers soon, in the session's region by default."""
        return self.aws.client(service, region, settings=self.settings)

    def failed(self, what: str, failure: Exception, severity: Severity = Severity.ERROR) -> Finding:
        """A finding about an exception of the SDK. Its message is not in it."""
        return failed(what, failure, severity, profile=self.profile, region=self.aws.region)

    def way_to(self, url: str) -> str:
        """How a request gets to a URL, in words and without credentials."""
        proxies = self.aws.settings.proxies
        if proxies is None:
            proxies = get_environ_proxies(url)
        proxy = proxies.get(urlsplit(url).scheme)
        return f"{address_of(url)} through the proxy {address_of(proxy)}" if proxy else f"{address_of(url)} directly"


def address_of(url: str) -> str:
    """Scheme, host and port of a URL, without user, password and path."""
    scheme, _, rest = url.rpartition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}://{host}" if scheme else host
