"""The plain case: where the environment alone says where DynamoDB is, and as whom to ask it.

Anything else is the SDK's business, which knows all ways to get credentials, endpoints and proxies.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.transport.signing import Credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

LAMBDA: Final = "AWS_LAMBDA_FUNCTION_NAME"
# With one of them the SDK does something that this transport does not.
_OF_THE_SDK: Final = (
    "AWS_ACCOUNT_ID",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    "AWS_AUTH_SCHEME_PREFERENCE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CSM_ENABLED",
    "AWS_DATA_PATH",
    "AWS_DEFAULTS_MODE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_DISCOVERY_ENABLED",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
)
_AUTHORITIES: Final = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # of a connection with TLS
_PROXIES: Final = frozenset({"all_proxy", "http_proxy", "https_proxy"})
_FILES: Final = (
    ("AWS_CONFIG_FILE", "~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    ("AWS_DATA_PATH", "~/.aws/models"),
)
_AREAS: Final = frozenset({"af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"})
_PORTS: Final = {"http": 80, "https": 443}
_MAX_PORT: Final = 65535


class Target(NamedTuple):
    """A server, and as whom to ask it.

    Attributes:
        secure: whether with TLS.
        host: name or IPv4 address.
        port: of the server.
        region: AWS region.
        credentials: what to sign with.
    """

    secure: bool
    host: str
    port: int
    region: str
    credentials: Credentials

    @property
    def named_host(self) -> str:
        """The host as requests name it, without the usual port."""
        return self.host if self.port == _PORTS["https" if self.secure else "http"] else f"{self.host}:{self.port}"


class NotPlainError(Exception):
    """It is not the plain case. The message says why, and quotes no value."""


def plain_target(
    table_name: str,
    region_name: str | None,
    endpoint_url: str | None,
    environment: Mapping[str, str] = os.environ,
) -> Target:
    """The target, from arguments and environment variables, as the SDK would find it.

    Raises:
        NotPlainError: they do not settle it.
    """
    if found := [name for name in environment if name in _OF_THE_SDK or name.lower() in _PROXIES]:
        raise NotPlainError(f"{found[0]} is set")
    credentials = _credentials(environment)
    region = region_name or environment.get("AWS_DEFAULT_REGION", "")
    url = endpoint_url or environment.get("AWS_ENDPOINT_URL_DYNAMODB") or environment.get("AWS_ENDPOINT_URL")
    suffix = _dns_suffix(region)
    if suffix is None:
        raise NotPlainError("the region is not one of the usual partitions")
    if ":" in table_name and not url:
        raise NotPlainError("the table's name is an ARN, which has an endpoint of its account's own")
    secure, host, port = _parts(url or f"https://dynamodb.{region}.{suffix}")
    if secure and (found := [name for name in _AUTHORITIES if environment.get(name)]):
        raise NotPlainError(f"{found[0]} is set")
    return Target(secure, host, port, region, credentials)


def has_files(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is a file of profiles or credentials, or a folder of the SDK's models."""
    named = (environment.get(name) or usual for name, usual in _FILES)
    paths = map(os.path.expanduser, map(os.path.expandvars, named))  # as the SDK does
    return any(path != os.devnull and os.path.exists(path) for path in paths)  # noqa: PTH110 - pathlib takes longer


def _credentials(environment: Mapping[str, str]) -> Credentials:
    found = [environment.get(f"AWS_{name}") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")]
    key_id, secret, token = found
    if not key_id or not secret:
        raise NotPlainError("the environment has no credentials")
    if not all(map(_is_visible, filter(None, found))):
        raise NotPlainError("the credentials have characters that no header takes")
    return Credentials(key_id, secret, token or None)


def _is_visible(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _dns_suffix(region: str) -> str | None:
    """The end of the names of a region's endpoints, None for a region that is not like those known."""
    area, *names = region.split("-")
    if not names or not names[-1].isdecimal() or not all(name.isalnum() and name.isascii() for name in names):
        return None
    if len(names) == 2 and (area in _AREAS or area == "cn"):  # noqa: PLR2004 - as in eu-west-1
        return "amazonaws.com.cn" if area == "cn" else "amazonaws.com"
    return "amazonaws.com" if region.startswith("us-gov-") and len(names) == 3 else None  # noqa: PLR2004


def _parts(url: str) -> tuple[bool, str, int]:
    """A URL's scheme, host and port, if it has nothing else."""
    scheme, _, rest = url.partition("://")
    host, colon, port = rest.removesuffix("/").partition(":")
    usual = _PORTS.get(scheme)
    is_name = host.isascii() and all(part and part.replace("-", "").isalnum() for part in host.split("."))
    is_port = port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= _MAX_PORT
    if usual is None or not is_name or (colon and not is_port):
        raise NotPlainError("the endpoint's URL has more than scheme, host and port")
    return scheme == "https", host, int(port) if port else usual
