"""Credentials that expire: asked for at their first use, and again ten minutes before they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.credentials import CachedCredentialFetcher, DeferredRefreshableCredentials

from session_store.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

REFRESHED_BEFORE_THE_END: Final = 600
"""Seconds."""
_LAST_MINUTE: Final = 60
_PAUSE: Final = 60
_CLOCK: Final = SystemClock()


class RefreshingCredentials(DeferredRefreshableCredentials):
    """Nothing is called before the first use. From ten minutes before the end one thread at a time asks for new ones.

    As long as that fails the old ones are used, until the last minute. It is tried once a minute.

    Args:
        ask: returns new credentials, as botocore's fetchers do.
        method: names the source.
    """

    _advisory_refresh_timeout = REFRESHED_BEFORE_THE_END
    _mandatory_refresh_timeout = _LAST_MINUTE

    def __init__(self, ask: Callable[[], dict[str, Any]], method: str) -> None:
        super().__init__(refresh_using=self._ask_noting_failures, method=method)
        self._ask = ask
        self._next_try = 0.0

    def refresh_needed(self, refresh_in: int | None = None) -> bool:
        """Whether to ask now.

        Args:
            refresh_in: seconds before the end from when on it is needed.
        """
        if refresh_in == REFRESHED_BEFORE_THE_END and _CLOCK.monotonic() < self._next_try:
            refresh_in = _LAST_MINUTE
        needed: bool = super().refresh_needed(refresh_in)
        return needed

    def _ask_noting_failures(self) -> dict[str, Any]:
        try:
            return self._ask()
        except Exception:
            self._next_try = _CLOCK.monotonic() + _PAUSE
            raise


class SessionTokenFetcher(CachedCredentialFetcher):
    """Asks STS for temporary credentials of the same user, with a code of the user's MFA device.

    Args:
        sts: a function that makes the client.
        serial: the device's ARN or serial number.
        prompt: is shown a text and returns the code.
        duration: how long the credentials last.
        cache: keeps the reply.
    """

    def __init__(
        self,
        sts: Callable[[], Any],
        serial: str,
        prompt: Callable[[str], str],
        duration: timedelta,
        cache: dict[str, Any],
    ) -> None:
        super().__init__(cache, REFRESHED_BEFORE_THE_END)
        self._sts = sts
        self._serial = serial
        self._prompt = prompt
        self._duration = duration

    def _create_cache_key(self) -> str:
        return "session token"

    def _get_credentials(self) -> dict[str, Any]:
        code = self._prompt(f"Enter MFA code for {self._serial}: ")
        seconds = int(self._duration.total_seconds())
        reply: dict[str, Any] = self._sts().get_session_token(
            SerialNumber=self._serial, TokenCode=code, DurationSeconds=seconds
        )
        return reply
