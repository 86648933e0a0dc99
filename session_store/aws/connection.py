"""The one place that makes AWS clients."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    InvalidRegionError,
    NoRegionError,
    ParamValidationError,
    ProfileNotFound,
)
from botocore.parsers import ResponseParserError

from session_store.errors import StoreConfigurationError
from session_store.transport import CONNECT_TIMEOUT, READ_TIMEOUT
from session_store.transport.replaced import replacement

# One attempt by the SDK: its retries know no deadline across attempts and leave transaction conflicts alone.
CLIENT_CONFIG: Final = Config(
    connect_timeout=CONNECT_TIMEOUT,
    read_timeout=READ_TIMEOUT,
    retries={"total_max_attempts": 1, "mode": "standard"},
    tcp_keepalive=True,
    # Given by us, botocore need not compose it anew for every request: a tenth of a call's CPU time.
    user_agent=f"session-store Botocore/{botocore.__version__}",
)
# The first that fits; each may show what its error holds.
_NO_CLIENT: Final = (
    (NoRegionError, "there is no region: set region_name or AWS_DEFAULT_REGION"),
    (InvalidRegionError, "{region_name!r} is no region's name: check region_name, AWS_DEFAULT_REGION or the profile"),
    (ProfileNotFound, "there is no AWS profile {profile!r}: check AWS_PROFILE"),
    (ValueError, "its endpoint is no URL like http://127.0.0.1:8000: check endpoint_url or AWS_ENDPOINT_URL"),
)


class Key(NamedTuple):
    """An access key to sign with, in place of the usual chain of credentials."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        """The key without its secret."""
        return f"Key({self.access_key_id!r})"


def connect(
    service: str,
    *,
    region_name: str | None = None,
    endpoint_url: str | None = None,
    key: Key | None = None,
    session: botocore.session.Session | None = None,
) -> Any:  # noqa: ANN401 - botocore makes its clients' classes at run time
    """A client of an AWS service, with the library's timeouts and one attempt for each call.

    Args:
        service: as the SDK names it, for instance `dynamodb`.
        region_name: AWS region. The usual environment and profile decide when it is not given.
        endpoint_url: for an emulator. The usual environment decides when it is not given.
        key: an access key. The usual chain of credentials decides when it is not given.
        session: a botocore session to make it from. A new one reads the service's model anew, a tenth of a second.

    Raises:
        StoreConfigurationError: a client cannot be made. The message says why.
    """
    if service == "dynamodb" and key is None and (replaced := replacement()) is not None:
        return replaced
    made = session or botocore.session.get_session()
    try:
        return made.create_client(
            service,
            region_name=region_name,
            endpoint_url=endpoint_url,
            aws_access_key_id=key and key.access_key_id,
            aws_secret_access_key=key and key.secret_access_key,
            config=CLIENT_CONFIG,
        )
    except (BotoCoreError, ValueError) as error:
        problem, cause = _why_no_client(error), harmless_cause(error)
    raise StoreConfigurationError(f"cannot make a client for {service}: {problem}") from cause


def harmless_cause(error: Exception) -> Exception | None:
    """The error as a cause to show in tracebacks.

    None when its message may quote the request or the reply, or credentials in the endpoint's URL.
    """
    quotes = isinstance(error, ClientError | ParamValidationError | ResponseParserError) or "@" in str(error)
    return None if quotes else error


def _why_no_client(error: BotoCoreError | ValueError) -> str:
    for kind, text in _NO_CLIENT:
        if isinstance(error, kind):
            return text.format(**getattr(error, "kwargs", {}))
    return f"{type(error).__name__}: check the AWS configuration"
