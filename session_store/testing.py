"""For your own tests: a ready store in memory, and a clock you can move.

With pytest, in `conftest.py`:

    pytest_plugins = ("session_store.testing",)

    def test_a_visit_is_counted(session_store, session_clock):
        session = session_store.create_session("customer-1").session
        session_clock.advance(timedelta(hours=12))
        assert session_store.get_session(session.session_id) is None

Without pytest, or with settings of your own:

    with in_memory_store(timeouts=Timeouts(idle=timedelta(minutes=5))) as store: ...

The store is the real one; DynamoDB is moto's, in this process. It needs the extra `session-store[testing]` and neither
AWS credentials nor a region. It does not show what moto does not imitate: request units, IAM, index delay.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol
from unittest.mock import patch

import botocore.session
import pytest

from session_store import schema
from session_store.dynamodb import CLIENT_CONFIG
from session_store.store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_REGION: Final = "us-east-1"
_TABLE_NAME: Final = "sessions"
_ENVIRONMENT: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_DEFAULT_REGION": _REGION,
}
_UNSET: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB")


class MovableClock:
    """A clock that stands still until it is told to move; sleeping moves it, at once.

    Args:
        start: an aware datetime; by default the current whole second.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._now = (start or datetime.now(UTC).replace(microsecond=0)).timestamp()
        self._monotonic = 0.0

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that have passed; `set` does not count."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Let the time pass without waiting."""
        self.advance(seconds)

    def advance(self, duration: timedelta | float) -> None:
        """Let time pass.

        Args:
            duration: a timedelta or seconds.

        Raises:
            ValueError: it is negative: use `set` to put the clock back.
        """
        seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
        if seconds < 0:
            raise ValueError(f"time does not pass backwards (got {duration!r}): use set() to put the clock back")
        with self._lock:
            self._now += seconds
            self._monotonic += seconds

    def set(self, moment: datetime) -> None:
        """Put the clock to a moment, forwards or backwards, as a time server would.

        Args:
            moment: an aware datetime.

        Raises:
            ValueError: it has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError(f"a datetime with a time zone is needed (got {moment!r})")
        with self._lock:
            self._now = moment.timestamp()


class TableCreator(Protocol):
    """What `create_table` needs of a botocore or boto3 DynamoDB client; fits a client typed by boto3-stubs, too."""

    @property
    def create_table(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name
    @property
    def update_time_to_live(self) -> Callable[..., Any]: ...  # noqa: D102
    @property
    def get_waiter(self) -> Callable[..., Any]: ...  # noqa: D102


def create_table(client: TableCreator, name: str) -> None:
    """Create the session table, with its index and TTL, as the constructs deploy it; returns when it is active.

    Args:
        client: a DynamoDB client, for an emulator or for AWS.
        name: the table's name.
    """
    created = client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_key_schema(schema.PARTITION_KEY, schema.SORT_KEY),
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in (schema.PARTITION_KEY, schema.SORT_KEY)
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": schema.INDEX_NAME,
                "KeySchema": _key_schema(schema.INDEX_PARTITION_KEY, schema.INDEX_SORT_KEY),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(schema.INDEX_PROJECTION)},
            }
        ],
    )
    if created["TableDescription"]["TableStatus"] != "ACTIVE":  # emulators are done at once
        client.get_waiter("table_exists").wait(TableName=name)
    client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": schema.TTL_ATTRIBUTE}
    )


@contextmanager
def in_memory_store(*, clock: MovableClock | None = None, **settings: Any) -> Iterator[SessionStore]:  # noqa: ANN401
    """A store on a DynamoDB in this process, empty at the start and gone at the end.

    Within the block moto answers every AWS call of this process, so the code under test may use other services too;
    the user's AWS profile, region and endpoints do not count.

    Args:
        clock: the time that the store lives in; a new `MovableClock` by default.
        settings: further arguments of `SessionStore`, for instance `timeouts`.

    Yields:
        The store.

    Raises:
        ImportError: moto is not installed.
    """
    try:
        from moto import mock_aws  # noqa: PLC0415 - only tests need it
    except ImportError as error:
        raise ImportError("session_store.testing needs moto: pip install 'session-store[testing]'") from error
    with _no_configuration(), mock_aws():
        client = _new_client()
        create_table(client, _TABLE_NAME)
        yield SessionStore(_TABLE_NAME, client=client, clock=clock or MovableClock(), **settings)


@pytest.fixture
def session_clock() -> MovableClock:
    """The clock of the fixture `session_store`; stands still until it is moved."""
    return MovableClock()


@pytest.fixture
def session_store(session_clock: MovableClock) -> Iterator[SessionStore]:
    """An empty store in memory, on `session_clock`."""
    with in_memory_store(clock=session_clock) as store:
        yield store


def _key_schema(partition_key: str, sort_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        {"AttributeName": sort_key, "KeyType": "RANGE"},
    ]


@contextmanager
def _no_configuration() -> Iterator[None]:
    """An environment without the user's profile, endpoints and files: a test must not depend on them, nor reach AWS."""
    with patch.dict(os.environ, _ENVIRONMENT):
        for name in _UNSET:
            os.environ.pop(name, None)
        yield


def _new_client() -> Any:  # noqa: ANN401 - botocore makes its clients' classes at run time
    return _session().create_client(
        "dynamodb",
        region_name=_REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 - nobody checks it
        config=CLIENT_CONFIG,
    )


@cache
def _session() -> botocore.session.Session:
    """Shared, because it keeps what it read of the service's model: a new one costs each test a tenth of a second."""
    return botocore.session.get_session()
