"""Credentials that are loaded anew when AWS calls them expired, by clients that exist already as well.

The SDK renews what it knows to expire. It does not notice when a tool writes new temporary keys into a profile, or
when the machine's clock is wrong. Both look like an expired token.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from botocore.credentials import Credentials, ReadOnlyCredentials

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_GENERATION: Final = "session_store.credentials"


class _Concealed(ReadOnlyCredentials):
    """The keys for one request. A traceback that shows local variables shows nothing of them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<credentials>"


class RenewableCredentials(Credentials):
    """Stands for the credentials that a source has found, and for those that it finds after they have expired.

    Args:
        load: finds credentials, None when there are none.
        first: those that it has found already.
    """

    def __init__(self, load: Callable[[], Credentials | None], first: Credentials) -> None:
        self._load = load
        self._current = first
        self._renewing = threading.Lock()
        self._generation = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of botocore's object: `access_key`, `method` and others
        """An attribute of the current credentials, read anew each time."""
        if name.startswith("__") or name == "_current":
            raise AttributeError(name)
        return getattr(self._current, name)

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """The three parts as they are now, from one moment. They are renewed before, if that is due."""
        return _Concealed(*self._current.get_frozen_credentials())

    def renew(self, generation: int) -> bool:
        """Load them anew, once for all the threads whose requests failed.

        Args:
            generation: of the credentials that have expired.

        Returns:
            Whether there are others now.
        """
        with self._renewing:
            if generation == self._generation:
                loaded = self._load()
                if loaded is None or loaded.get_frozen_credentials() == self._current.get_frozen_credentials():
                    return False
                self._current = loaded
                self._generation += 1
            return True

    def note_generation(self, request: Any, **_: object) -> None:  # noqa: ANN401 - the SDK's request
        """Before a request is signed: note with which credentials."""
        request.context[_GENERATION] = self._generation

    def retry_expired(
        self, response: tuple[Any, dict[str, Any]] | None, attempts: int, request_dict: dict[str, Any], **_: object
    ) -> int | None:
        """After a reply: renew the credentials that AWS calls expired, and let the SDK send the request again.

        Returns:
            Seconds to wait before that. None when there is no reason to send it again.
        """
        if response is None or response[1].get("Error", {}).get("Code") not in _EXPIRED:
            return None
        context = request_dict["context"]
        renewed = self.renew(context.get(_GENERATION, self._generation))  # also for the next call, if this was the last
        allowed = (context["client_config"].retries or {}).get("total_max_attempts", 1)
        return 0 if renewed and attempts < allowed else None
