"""A store on moto, for tests that mock other AWS services with moto too."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import botocore.session

from session_store.aws.connection import Key, connect
from session_store.settings import DEFAULT_SETTINGS
from session_store.store import SessionStore
from session_store.testing.clock import MovableClock
from session_store.testing.memory import free_name
from session_store.testing.table import create_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.settings import SessionSettings

_REGION: Final = "us-east-1"
_ENVIRONMENT: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_DEFAULT_REGION": _REGION,
}
_UNSET: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB")


@contextmanager
def moto_store(
    *,
    clock: MovableClock | None = None,
    table_name: str | None = None,
    settings: SessionSettings = DEFAULT_SETTINGS,
) -> Iterator[SessionStore]:
    """A store on a DynamoDB in this process, empty at the start and gone at the end.

    Within the block moto answers every AWS call of this process, so the code under test may use other services too.
    The user's AWS profile, region and endpoints do not count. Stores may be open inside one another: each has a table
    of its own.

    Args:
        clock: the time that the store lives in. A new `MovableClock` by default.
        table_name: by default `sessions`, or while another store has that, the first of `sessions-2`, ... that is free.
        settings: the rules of its sessions.

    Yields:
        The store.

    Raises:
        ImportError: moto is not installed.
        InvalidInputError: an argument is something else.
    """
    try:
        from moto import mock_aws  # noqa: PLC0415 - only tests need it
    except ImportError as error:
        raise ImportError(
            "session_store.testing needs moto: install the extra, from a checkout with pip install '.[testing]'"
        ) from error
    with _no_configuration(), mock_aws():
        client = _new_client()
        name = table_name or free_name(client.list_tables()["TableNames"])
        store = SessionStore(name, dynamodb_client=client, clock=clock or MovableClock(), settings=settings)
        create_table(client, name)
        try:
            yield store
        finally:
            # Around this there may be a store, or a mock, that goes on.
            with suppress(client.exceptions.ResourceNotFoundException):
                client.delete_table(TableName=name)


@contextmanager
def _no_configuration() -> Iterator[None]:
    """An environment without the user's profile, endpoints and files: a test must not depend on them, nor reach AWS."""
    with patch.dict(os.environ, _ENVIRONMENT):
        for name in _UNSET:
            os.environ.pop(name, None)
        yield


def _new_client() -> Any:  # noqa: ANN401 - botocore makes its clients' classes at run time
    return connect("dynamodb", region_name=_REGION, key=Key("testing", "testing"), session=_session())


@cache
def _session() -> botocore.session.Session:
    """Shared, because it keeps what it read of the service's model. A new one costs each test a tenth of a second."""
    return botocore.session.get_session()
