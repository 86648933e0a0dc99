"""A botocore session that threads can share, with the parts that all sessions have in common."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from botocore.session import Session

from session_store.aws.shared_parts import SharedParts, shared_parts

if TYPE_CHECKING:
    from botocore.credentials import Credentials

    from session_store.aws.client_settings import ClientSettings


class LockedSession(Session):
    """Makes one client at a time, because the SDK calls its sessions unsafe between threads.

    Args:
        profile: as in the SDK's files. `AWS_PROFILE` decides when it is None.
        region: the environment and the profile decide when it is None.
        settings: of the clients that are made without others.
    """

    def __init__(self, profile: str | None, region: str | None, settings: ClientSettings) -> None:
        super().__init__(profile=profile)
        self.making: Final = threading.RLock()
        self._settings = settings
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

    def get_credentials(self) -> Credentials | None:
        """The credentials that the SDK's chain of providers finds, None when it finds none."""
        with self.making:
            return super().get_credentials()

    def create_client(
        self,
        service_name: str,
        *arguments: Any,  # noqa: ANN401 - of botocore's method, passed on
        settings: ClientSettings | None = None,
        **named: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401 - made at run time
        """A client, with these settings or the session's. What the call itself names goes first."""
        chosen = settings or self._settings
        if settings is not None and named.get("config") is None:
            named["config"] = settings.config()
        if named.get("endpoint_url") is None:
            named["endpoint_url"] = chosen.endpoint(service_name)
        if named.get("verify") is None:
            named["verify"] = chosen.ca_bundle
        with self.making:
            return super().create_client(service_name, *arguments, **named)
