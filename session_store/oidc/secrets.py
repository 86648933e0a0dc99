"""Secrets of the application: read from Secrets Manager at their first use, and kept for some minutes."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from session_store import checks
from session_store.clock import SystemClock
from session_store.errors import StoreConfigurationError, StoreUnavailableError
from session_store.jwt.fetching import NoAnswerError
from session_store.jwt.kept import Kept
from session_store.oidc.arguments import check_secret_id

if TYPE_CHECKING:
    from session_store.clock import Clock

FRESH_SECONDS: Final = 300.0
"""A new value of the secret counts after this, everywhere."""
KEPT_SECONDS: Final = 3600.0
"""While Secrets Manager does not answer, the last value is good for so long."""


class SecretsManagerSecret:
    """A text in Secrets Manager: the secret's own, or one under a key of its JSON. Calling the object gives it.

    Args:
        secret_id: name or ARN.
        key: the key in the secret's JSON object, None where the text itself is the secret.
        region_name: AWS region. An ARN's own, or else that of the environment, by default.
        client: of Secrets Manager. It is made at the first use by default.
        clock: says how old the value is.

    Raises:
        InvalidInputError: an argument is malformed.
    """

    def __init__(
        self,
        secret_id: str,
        *,
        key: str | None = None,
        region_name: str | None = None,
        client: Any = None,  # noqa: ANN401 - botocore makes its classes at run time
        clock: Clock | None = None,
    ) -> None:
        self._secret_id = check_secret_id("secret_id", secret_id)
        self._key = checks.check_optional_text("key", key)
        parts = secret_id.split(":")
        self._region_name = region_name or (parts[3] if parts[0] == "arn" and len(parts) > 3 else None)  # noqa: PLR2004
        self._client = client
        self._clock = clock or SystemClock()
        self._kept = Kept(
            self._read,
            partial(StoreUnavailableError, "GetSecretValue"),
            fresh=FRESH_SECONDS,
            kept=KEPT_SECONDS,
            pause=0.0,
            clock=self._clock,
        )

    def __call__(self) -> str:
        """The secret.

        Raises:
            StoreUnavailableError: it could not be read.
            StoreConfigurationError: there is no such secret, it may not be read, or it is no such text.
        """
        return self._kept.get()

    def _read(self) -> str:
        # With the first secret: clients without one need neither of them.
        from session_store.aws.connection import connect  # noqa: PLC0415
        from session_store.storage.aws_calls import call  # noqa: PLC0415

        self._client = self._client or connect("secretsmanager", region_name=self._region_name)
        try:
            reply = call("GetSecretValue", self._client.get_secret_value, self._clock, SecretId=self._secret_id)
        except StoreUnavailableError as error:
            cause = error.cause
        else:
            return self._text_in(reply.get("SecretString"))
        raise NoAnswerError(cause)

    def _text_in(self, text: Any) -> str:  # noqa: ANN401 - what is no text is refused
        try:
            found = text if self._key is None else json.loads(text)[self._key]
        except (LookupError, TypeError, ValueError):
            found = None
        if isinstance(found, str) and found:
            return found
        where = "" if self._key is None else " under its key"
        raise StoreConfigurationError(f"the secret must hold a text{where} that is not empty")
