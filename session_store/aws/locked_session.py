"""A botocore session that threads can share, with the parts that all sessions have in common."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from botocore.session import Session

from session_store.aws.renewal import RenewableCredentials
from session_store.aws.shared_parts import SharedParts, event_hooks, shared_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import Credentials

    from session_store.aws.client_settings import ClientSettings

_DEFAULT_REGION: Final = "us-east-1"
# Many threads assume roles at once.
_STS_POOL: Final = 64


class Source(ABC):
    """A way to credentials.

    Attributes:
        parent: the session that it starts from, None for the first of a chain.
        role: ARN of the role that they belong to, as far as that is known without a call.
    """

    parent: Callable[[], LockedSession] | None = None
    role: str | None = None

    @abstractmethod
    def find(self, session: LockedSession, *, anew: bool) -> Credentials | None:
        """The credentials, or None when there are none.

        Args:
            session: the session that asks.
            anew: AWS refused those that were found before.
        """


class LockedSession(Session):
    """Makes one client at a time, because the SDK calls its sessions unsafe between threads.

    Args:
        profile: as in the SDK's files. `AWS_PROFILE` decides when it is None.
        region: the environment and the profile decide when it is None.
        settings: of the clients that are made without others.
        source: finds the credentials.
    """

    def __init__(self, profile: str | None, region: str | None, settings: ClientSettings, source: Source) -> None:
        super().__init__(profile=profile, event_hooks=event_hooks(), include_builtin_handlers=False)
        self.making: Final = threading.RLock()
        self._settings = settings
        self._source = source
        self._found: RenewableCredentials | None = None
        self.set_default_client_config(settings.config())
        # A token of the global endpoint is not accepted in regions that an account has to enable first.
        self.set_config_variable("sts_regional_endpoints", "regional")
        if region is not None:
            self.set_config_variable("region", region)
        self.lazy_register_component("data_loader", lambda: self._parts.loader)
        components = self._internal_components  # type: ignore[attr-defined]  # not in the stubs
        components.lazy_register_component("endpoint_resolver", lambda: self._parts.endpoint_resolver)

    @property
    def _parts(self) -> SharedParts:
        return shared_parts(self.get_config_variable("data_path"))

    @property
    def full_config(self) -> dict[str, Any]:
        """The SDK's files. A session that starts from another one does not read them again."""
        parent = self._source.parent
        return parent().full_config if parent else super().full_config

    @property
    def region(self) -> str | None:
        """The region of clients that are made without another, None when nothing names one."""
        region: str | None = self.get_config_variable("region")
        return region

    @cached_property
    def sts(self) -> Any:  # noqa: ANN401 - made at run time
        """The client that asks for temporary credentials, in the session's region."""
        settings = replace(self._settings, pool=max(self._settings.pool, _STS_POOL))
        with self.making:
            return self.create_client("sts", self.region or _DEFAULT_REGION, settings=settings)

    def get_credentials(self) -> RenewableCredentials | None:
        """The credentials that the source finds, None when it finds none."""
        with self.making:
            if self._found is None:
                found = self._source.find(self, anew=False)
                if found is None:
                    return None
                again = partial(self._source.find, self, anew=True)
                self._found = found if isinstance(found, RenewableCredentials) else RenewableCredentials(again, found)
                self.register("before-sign", self._found.note_generation)  # type: ignore[arg-type]  # they name arguments
                self.register("needs-retry", self._found.retry_expired)  # type: ignore[arg-type]
            return self._found

    def create_client(
        self,
        service_name: str,
        *arguments: Any,  # noqa: ANN401 - of botocore's method, passed on
        settings: ClientSettings | None = None,
        **named: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401 - made at run time
        """A client, with these settings or the session's. The call's own arguments go first."""
        chosen = settings or self._settings
        if settings is not None and named.get("config") is None:
            named["config"] = settings.config()
        if named.get("endpoint_url") is None:
            named["endpoint_url"] = chosen.endpoint(service_name)
        if named.get("verify") is None:
            named["verify"] = chosen.ca_bundle
        with self.making:
            return super().create_client(service_name, *arguments, **named)
