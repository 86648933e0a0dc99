"""Credentials that expire: asked for at their first use, and again ten minutes before they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.credentials import CachedCredentialFetcher, DeferredRefreshableCredentials

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from typing import Any

REFRESHED_BEFORE_THE_END: Final = 600
"""Seconds."""


class RefreshingCredentials(DeferredRefreshableCredentials):
    """Nothing is called before the first use. From ten minutes before the end one thread at a time asks for new ones.

    As long as that fails the old ones are used, until the last minute.
    """

    _advisory_refresh_timeout = REFRESHED_BEFORE_THE_END
    _mandatory_refresh_timeout = 60


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
