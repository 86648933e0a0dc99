"""AWS Signature Version 4 of one kind of request: a body, posted to the root of a host."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """The key and token that requests are signed with.

    Attributes:
        access_key_id: goes along with each request.
        secret_access_key: never does.
        session_token: of temporary credentials, goes along.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        """The credentials without their secrets."""
        return f"Credentials({self.access_key_id!r})"


class Signer:
    """Signs requests to one service. Its signing key is good for a day, and is kept.

    Args:
        region: AWS region.
        service: as AWS names it.
        credentials: what to sign with.
    """

    def __init__(self, region: str, service: str, credentials: Credentials) -> None:
        self._credentials = credentials
        self._parts = (region, service, "aws4_request")
        self._of_day = ("", b"")

    def sign(self, headers: Mapping[str, str], body: bytes, moment: float) -> dict[str, str]:
        """The headers to send, with the time and the signature.

        Args:
            headers: those to sign, with names in lower case. One is `host`.
            body: the request's.
            moment: seconds since 1970.
        """
        time_stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(int(moment)))
        sent = {**headers, "x-amz-date": time_stamp}
        if token := self._credentials.session_token:
            sent["x-amz-security-token"] = token
        names = sorted(sent)
        lines = "".join(f"{name}:{sent[name]}\n" for name in names)
        signed = ";".join(names)
        request = f"POST\n/\n\n{lines}\n{signed}\n{hashlib.sha256(body).hexdigest()}"
        scope = "/".join((time_stamp[:8], *self._parts))
        to_sign = f"{_ALGORITHM}\n{time_stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = _mac(self._key(time_stamp[:8]), to_sign).hex()
        by = f"Credential={self._credentials.access_key_id}/{scope}"
        sent["authorization"] = f"{_ALGORITHM} {by}, SignedHeaders={signed}, Signature={signature}"
        return sent

    def _key(self, day: str) -> bytes:
        known, key = self._of_day
        if known != day:
            key = f"AWS4{self._credentials.secret_access_key}".encode()
            for part in (day, *self._parts):
                key = _mac(key, part)
            self._of_day = (day, key)  # in one step, as another thread sees it
        return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
