"""The Valkey or Redis server: three calls, of which two are scripts that run there in one step.

All that is about one session, or one customer, is one hash. Its `lease` is made by the first reader who finds none. A
value is stored only under the lease that its reader got before it read the table. Deleting the hash takes the lease
along, so a value that was read before a change never comes after it.

The hash also names the server that made it. A server that takes over from another, and may have missed a deletion,
takes none of its hashes.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from session_store.errors import StoreConfigurationError
from session_store.validation_cache.waiting import LIFETIME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

READ_TIMEOUT: Final = 0.05
CONNECT_TIMEOUT: Final = 0.25
_NOT_INSTALLED: Final = (
    "a cache of validations needs valkey: install the extra, from a checkout with pip install '.[cache]'"
)
_CONNECTIONS: Final = 4  # each for one thread at a time
LIFETIME_MILLISECONDS: Final = round(LIFETIME_SECONDS * 1000)


class _Script(NamedTuple):
    """A script, and the digest that servers know it by."""

    text: str
    digest: str

    @classmethod
    def of(cls, text: str) -> _Script:
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


_THIS_SERVER: Final = "local server = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')\n"
# A server without room still hands out what it has. That nothing goes in is no fault, and shows as misses.
_READ: Final = _Script.of(f"""{_THIS_SERVER}
local found = redis.call('HMGET', KEYS[1], 'server', 'lease', ARGV[1])
if server and found[1] == server then return {{found[2], found[3]}} end
if found[1] then redis.call('DEL', KEYS[1]) end
if not server then return {{false, false}} end
local made = redis.pcall('HSET', KEYS[1], 'server', server, 'lease', ARGV[2])
if type(made) == 'table' then return {{false, false}} end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {{ARGV[2], false}}
""")
_STORE: Final = _Script.of(f"""{_THIS_SERVER}
local found = redis.call('HMGET', KEYS[1], 'server', 'lease')
if not server or found[1] ~= server or found[2] ~= ARGV[2] then return 0 end
if type(redis.pcall('HSET', KEYS[1], ARGV[1], ARGV[3])) == 'table' then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
""")


class CacheFaultError(Exception):
    """The cache did not answer, or not as it should."""


class Wanted(NamedTuple):
    """A value to be read.

    Attributes:
        key: of the hash.
        field: in it.
        lease: to be made where there is none.
    """

    key: str
    field: str
    lease: bytes


class Found(NamedTuple):
    """A value as it was read.

    Attributes:
        lease: to store a value under. None if the server had no room for it.
        value: None for none.
    """

    lease: bytes | None = None
    value: bytes | None = None


class Server(Protocol):
    """The calls. Each may take some tens of milliseconds, and raises `CacheFaultError` where it fails."""

    def read(self, wanted: Sequence[Wanted]) -> list[Found]:
        """Read values in one trip."""

    def store(self, key: str, field: str, lease: bytes, value: bytes) -> bool:
        """Store a value, if the lease is still the hash's."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete hashes."""


class ValkeyServer:
    """A server behind the client `valkey`, which speaks to Redis as well. Connects at the first call.

    Args:
        host: name or address.
        port: of the server.
        tls: whether connections are encrypted.
        credentials: has a method `get_credentials`, asked for each connection, None for no sign-in.

    Raises:
        StoreConfigurationError: `valkey` is not installed.
    """

    def __init__(self, host: str, port: int, *, tls: bool, credentials: Any) -> None:  # noqa: ANN401 - the caller's own
        try:
            import valkey  # noqa: PLC0415 - costs nothing where it is not used
            from valkey.backoff import NoBackoff  # noqa: PLC0415
            from valkey.retry import Retry  # noqa: PLC0415
        except ImportError:
            raise StoreConfigurationError(_NOT_INSTALLED) from None
        of_tls: dict[str, Any] = {"connection_class": valkey.SSLConnection, "ssl_check_hostname": True} if tls else {}
        self._no_script = valkey.exceptions.NoScriptError
        self._client: Any = valkey.Valkey(
            connection_pool=valkey.BlockingConnectionPool(  # type: ignore[no-untyped-call]
                max_connections=_CONNECTIONS,
                timeout=READ_TIMEOUT,
                host=host,
                port=port,
                socket_timeout=READ_TIMEOUT,
                socket_connect_timeout=CONNECT_TIMEOUT,
                socket_keepalive=True,
                credential_provider=credentials,
                retry=Retry(NoBackoff(), 0),
                lib_name=None,  # two trips less for each connection
                lib_version=None,
                **of_tls,
            )
        )

    def read(self, wanted: Sequence[Wanted]) -> list[Found]:
        """Read values in one trip."""
        with _faults():
            replies = [self._run(_READ, *wanted[0])] if len(wanted) == 1 else self._read_in_one_trip(wanted)
        return [_found(reply) for reply in replies]

    def store(self, key: str, field: str, lease: bytes, value: bytes) -> bool:
        """Store a value, if the lease is still the hash's."""
        with _faults():
            return bool(self._run(_STORE, key, field, lease, value) == 1)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete hashes, each by itself: in a cluster their keys are in different places."""
        with _faults():
            pipeline = self._client.pipeline(transaction=False)
            for key in keys:
                pipeline.delete(key)
            pipeline.execute()

    def _read_in_one_trip(self, wanted: Sequence[Wanted]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for one in wanted:
            pipeline.evalsha(_READ.digest, 1, *one, LIFETIME_MILLISECONDS)
        with suppress(self._no_script):  # the server may be a new one
            return list(pipeline.execute())
        return [self._run(_READ, *one) for one in wanted]

    def _run(self, script: _Script, *arguments: Any) -> Any:  # noqa: ANN401 - the client's own
        """Run a script. It is sent once, and goes by its digest from then on."""
        with suppress(self._no_script):
            return self._client.evalsha(script.digest, 1, *arguments, LIFETIME_MILLISECONDS)
        return self._client.eval(script.text, 1, *arguments, LIFETIME_MILLISECONDS)


@contextmanager
def _faults() -> Iterator[None]:
    """All that goes wrong with a cache is its fault: signing in, the network, the client, the reply."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        name = type(error).__name__
    else:
        return
    raise CacheFaultError(name)  # out here, so that no error carries along one that quotes an entry


def _found(reply: object) -> Found:
    """The reply of a script.

    Raises:
        CacheFaultError: it is none.
    """
    if (
        not isinstance(reply, list)
        or len(reply) != len(Found._fields)
        or not all(part is None or isinstance(part, bytes) for part in reply)
    ):
        raise CacheFaultError("an unknown reply")
    return Found(*reply)
