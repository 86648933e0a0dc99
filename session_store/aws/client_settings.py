"""How clients talk to AWS: times, retries, proxies, endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from botocore.config import Config

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_SERVICE: Final = "*"
_MODES: Final = ("standard", "adaptive")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """How clients talk to AWS. It is compared by value: equal settings share a client.

        ClientSettings(connect_timeout=0.5, read_timeout=1, pool=50, endpoints={"s3": "http://127.0.0.1:9000"})

    Attributes:
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for a reply, or for its next part.
        pool: connections to keep open for each client. As many threads can use it without waiting to connect.
        retry_mode: the SDK's way of trying again: `standard`, or `adaptive`, which also slows down when throttled.
        max_attempts: how often a call is sent at most, the first attempt counted.
        proxies: URL of the proxy for `https` and for `http`. The environment decides when it is None. An empty mapping
            means no proxy. `repr` does not show it, because it may have a password.
        ca_bundle: path of a file with certificate authorities to trust, for instance a proxy's.
        endpoints: URL of the endpoint of a service, by the SDK's name of the service. The name `*` stands for the
            services without an entry. The environment and the profile decide where there is none.
        options: further options of `botocore.config.Config`, by name. `repr` does not show them.

    Raises:
        InvalidInputError: a value is not acceptable.
    """

    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    pool: int = 10
    retry_mode: Literal["standard", "adaptive"] = "standard"
    max_attempts: int = 3
    proxies: Mapping[str, str] | None = field(default=None, repr=False, hash=False)
    ca_bundle: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict, hash=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        for name in ("connect_timeout", "read_timeout"):
            _check(name, getattr(self, name), "must be a number of seconds above 0", _is_duration)
        for name in ("pool", "max_attempts"):
            _check(name, getattr(self, name), "must be a whole number of at least 1", _is_count)
        _check("retry_mode", self.retry_mode, "must be standard or adaptive", _is_mode)
        for name in ("endpoints", "options", "proxies"):
            object.__setattr__(self, name, _copy(name, getattr(self, name)))
        for name, url in self.endpoints.items():
            if not _is_url(url):  # not shown: it may have a password
                raise InvalidInputError(f"endpoints[{name!r}]", "must be a URL like http://127.0.0.1:8000")
        try:
            self.config()
        except TypeError as error:
            raise InvalidInputError("options", str(error)) from None

    def config(self) -> Config:
        """The settings as the SDK takes them."""
        ours: dict[str, Any] = {
            "connect_timeout": self.connect_timeout,
            "read_timeout": self.read_timeout,
            "max_pool_connections": self.pool,
            "retries": {"mode": self.retry_mode, "total_max_attempts": self.max_attempts},
            "proxies": None if self.proxies is None else dict(self.proxies),
            "tcp_keepalive": True,
        }
        return Config(**ours | dict(self.options))

    def endpoint(self, service: str) -> str | None:
        """The URL that these settings name for a service, None when the environment and the profile decide."""
        return self.endpoints.get(service) or self.endpoints.get(EVERY_SERVICE)


def _check(name: str, value: object, problem: str, is_good: Callable[[object], bool]) -> None:
    if not is_good(value):
        raise InvalidInputError(name, problem, value=value)


def _copy(name: str, given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if given is None and name == "proxies":
        return None
    if not isinstance(given, Mapping):
        raise InvalidInputError(name, "must be a mapping", value=given)
    return MappingProxyType(dict(given))


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_mode(value: object) -> bool:
    return value in _MODES


def _is_url(value: object) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
