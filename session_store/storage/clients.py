"""The client of a store that is given none: with the transport of our own where that will do, else the SDK's."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from session_store.errors import InvalidInputError, StoreConfigurationError
from session_store.settings import TRANSPORT, Transport
from session_store.storage.requests import METHODS
from session_store.storage.sdk_client import prepare
from session_store.transport.client import Client, read
from session_store.transport.connections import Begun, Connections
from session_store.transport.faults import NoReplyError, NotSentError, UnreadFormError, UntrustedError
from session_store.transport.patched import is_sdk_followed
from session_store.transport.plain import LAMBDA, NotPlainError, has_files, plain_target
from session_store.transport.replaced import replacement

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from session_store.storage.requests import DynamoDBClient
    from session_store.transport.plain import Target

_ONE_OF_THEM: Final = f"must be one of {', '.join(Transport)}"


def new_client(
    table_name: str, *, region_name: str | None, endpoint_url: str | None, transport: str | None
) -> DynamoDBClient:
    """A client of DynamoDB.

    Args:
        table_name: name or ARN.
        region_name: AWS region. The environment decides when it is not given.
        endpoint_url: for an emulator. The environment decides when it is not given.
        transport: which one. The environment variable decides when it is not given.

    Raises:
        InvalidInputError: there is no such transport.
        StoreConfigurationError: there is none of the environment variable's name, a client cannot be made, or the
            transport of our own is asked for where it will not do. The message says why.
    """
    kind = _kind(transport)
    if (replaced := replacement()) is not None:
        return cast("DynamoDBClient", replaced)
    # An ARN's region: no other one has the table.
    region_name = region_name or "".join(table_name.split(":")[3:4]) or None
    sdk_client = partial(_sdk_client, region_name, endpoint_url)
    if kind is Transport.BOTOCORE or (kind is Transport.AUTO and not _is_usual_function()):
        return sdk_client()
    try:
        target = plain_target(table_name, region_name, endpoint_url)
    except NotPlainError as error:
        if kind is Transport.AUTO:
            return sdk_client()
        problem = str(error)
    else:
        if kind is Transport.AUTO and target.secure and not _has_authorities():
            return sdk_client()
        return cast("DynamoDBClient", PlainClient(target, sdk_client, gives_way=kind is Transport.AUTO))
    raise StoreConfigurationError(f"the library's own transport will not do: {problem}; set {TRANSPORT}=botocore")


class PlainClient:
    """A client with the transport of our own, until it meets a reply that it does not read. Then the SDK goes on.

    It has the methods of the SDK's client that the store calls. Safe to share between threads.

    Args:
        target: where to, and as whom.
        sdk_client: makes the SDK's client.
        gives_way: whether it also leaves the calls to an SDK that other code of this process follows.
    """

    def __init__(self, target: Target, sdk_client: Callable[[], DynamoDBClient], *, gives_way: bool) -> None:
        on_connect = _give_way if gives_way else _go_on
        self._server = Connections(target.host, target.port, _tls() if target.secure else None, on_connect)
        self._client = Client(target, self._server)
        self._make_sdk_client = sdk_client
        self._sdk_client: Any = None
        self._making = threading.Lock()
        for operation, method in METHODS.items():
            setattr(self, method, partial(self._call, operation))

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of the operation
        if self._sdk_client is None:
            try:
                return self._client.send(operation, parameters)
            except UnreadFormError:
                self._leave()  # the store asks again, if it may: the request may have taken effect
                raise
            except _FollowedError:
                self._leave()
        reply: dict[str, Any] = getattr(self._sdk_client, METHODS[operation])(**parameters)
        return reply

    def begin(self, operation: str, **parameters: Any) -> Begun | None:  # noqa: ANN401 - of the operation
        """Send a request, and read its reply later. All errors come then. None where the SDK has the calls."""
        if self._sdk_client is not None:
            return None
        try:
            begun = self._server.begin(self._client.request(operation, parameters))
        except _FollowedError:
            self._leave()
            return None
        except (NotSentError, UntrustedError, NoReplyError) as error:
            return Begun(partial(_fail, error), _go_on)
        return Begun(partial(self._read, begun), begun.drop)

    def _read(self, begun: Begun) -> dict[str, Any]:
        try:
            return read(begun.read())
        except UnreadFormError:
            self._leave()
            raise

    def _leave(self) -> None:
        with self._making:
            if self._sdk_client is None:
                self._sdk_client = self._make_sdk_client()


class _FollowedError(Exception):
    """Other code follows the SDK's calls. Nothing was sent."""


def _give_way() -> None:
    if is_sdk_followed():
        raise _FollowedError


def _go_on() -> None:
    pass


def _fail(error: Exception) -> dict[str, Any]:
    raise error


def _tls() -> SSLContext:
    from session_store.transport.tls import system_context  # noqa: PLC0415 - loads `ssl`

    return system_context()


def _has_authorities() -> bool:
    from session_store.transport.tls import has_authorities  # noqa: PLC0415 - likewise

    return has_authorities()


def _kind(transport: str | None) -> Transport:
    try:
        return Transport(os.environ.get(TRANSPORT) or Transport.AUTO if transport is None else transport)
    except ValueError:
        pass
    if transport is None:
        raise StoreConfigurationError(f"the environment variable {TRANSPORT} {_ONE_OF_THEM}")
    raise InvalidInputError("transport", _ONE_OF_THEM, value=transport)


def _is_usual_function() -> bool:
    return LAMBDA in os.environ and not has_files() and not is_sdk_followed()


def _sdk_client(region_name: str | None, endpoint_url: str | None) -> DynamoDBClient:
    from session_store.aws.connection import connect  # noqa: PLC0415 - loads the SDK

    client = cast("DynamoDBClient", connect("dynamodb", region_name=region_name, endpoint_url=endpoint_url))
    prepare(client)
    return client
