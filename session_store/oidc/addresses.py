"""Addresses: the provider's, the application's own redirect URI, and where a visitor goes after signing in."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from session_store.errors import InvalidInputError
from session_store.jwt.agreed import DISCOVERY_PATH, LOOPBACK, check_address

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RETURN_CHARACTERS: Final = 512
_MAX_ENDPOINT_CHARACTERS: Final = 1024
_LOOPBACK: Final = re.compile(rf"https?://({LOOPBACK})(:\d{{1,5}})?([/?].*)?", re.IGNORECASE)
# A last label that begins with a digit makes an IPv4 address, of which there are many spellings: no name ends so.
_HOST: Final = r"([A-Za-z0-9-]+\.)*[A-Za-z-][A-Za-z0-9-]*|\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:]+\]"
_ENDPOINT: Final = re.compile(rf"https?://({_HOST})(:\d{{1,5}})?([/?][!-\[\]-~]*)?")
_PATH: Final = re.compile(r"/[!-\[\]-~]*")  # of ASCII that can be printed, without spaces and backslashes
_LEAVES: Final = re.compile(r"/[/\\]|[\x00-\x1f\x7f-\x9f\\]")


def is_of_this_machine(url: str) -> bool:
    """Whether an address does not leave the machine."""
    return _LOOPBACK.fullmatch(url) is not None


def check_issuer(value: str) -> str:
    """An issuer as its tokens name it. Some end with a slash.

    Raises:
        InvalidInputError: it is not an `https` address, or an `http` one of this machine.
    """
    if isinstance(value, str) and value.endswith("/"):
        check_address("issuer", value[:-1])
        return value
    return check_address("issuer", value)


def check_discovery_url(value: str | None, issuer: str) -> str:
    """The address of the issuer's metadata. Only a loopback one may be another than the issuer's own.

    Raises:
        InvalidInputError: it is another host's. That host could name keys of its own for the issuer's tokens.
    """
    own = issuer.removesuffix("/") + DISCOVERY_PATH
    if value is None or value == own:
        return own
    if not is_of_this_machine(check_address("discovery_url", value)):
        problem = f"must be {DISCOVERY_PATH} below the issuer: another address only on this machine (localhost)"
        raise InvalidInputError("discovery_url", problem, value=value)
    return value


def is_endpoint(value: object, *, local: bool) -> bool:
    """Whether metadata may name this address: `https`, or any of this machine if the metadata itself is.

    A provider in the internet must not make us call what listens on this machine.
    """
    if not isinstance(value, str) or len(value) > _MAX_ENDPOINT_CHARACTERS or not _ENDPOINT.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:  # a number too high, or an address that is none
        return False
    if "#" in value:
        return False
    if is_of_this_machine(value):
        return local
    return parts.scheme == "https" and not _is_near(parts.hostname or "")


def _is_near(host: str) -> bool:
    """Whether a host is this machine, or what a network gives to each machine in it, by another spelling."""
    try:
        found = ip_address(host)
    except ValueError:
        return host.replace(".", "").isdigit()  # with octal numbers: not everyone reads them alike
    found = getattr(found, "ipv4_mapped", None) or found
    return found.is_loopback or found.is_unspecified or found.is_link_local


def check_own_address(name: str, value: str) -> str:
    """An address of the application, as it is registered with the provider.

    Raises:
        InvalidInputError: it is not `https` with a path, or `http` of this machine.
    """
    if not is_endpoint(value, local=True) or not urlsplit(value).path.startswith("/"):
        problem = "must be an https address with a path, http for localhost alone, without a fragment"
        raise InvalidInputError(name, problem, value=value)
    return value


def check_return_address(value: str, name: str = "return_to") -> str:
    """A path of the application itself, with query and fragment.

    Also refused is a path that leads elsewhere once it is decoded, however often: not every server between us and the
    browser leaves it as it is.

    Raises:
        InvalidInputError: it could lead to another site.
    """
    fits = isinstance(value, str) and len(value) <= MAX_RETURN_CHARACTERS and _PATH.fullmatch(value)
    if not fits or any(map(_LEAVES.search, _decodings(value.partition("?")[0].partition("#")[0]))):
        problem = f"must be a path of this site like /orders, of at most {MAX_RETURN_CHARACTERS} characters"
        raise InvalidInputError(name, problem, confidential=True)
    return value


def _decodings(path: str) -> Iterator[str]:
    """The path, and what it is decoded to. Each time it is shorter, or the last time the same."""
    while True:
        yield path
        decoded = unquote(path, errors="replace")
        if decoded == path:
            return
        path = decoded


def origin_of(url: str) -> str:
    """The origin of an address, as browsers send it."""
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if parts.port in {None, default} else f":{parts.port}")
