"""The faults of the matrix: how each is provoked, and what a method may answer to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from botocore.parsers import ResponseParserError

from session_store import (
    InvalidTokenError,
    SessionNotFoundError,
    SessionStoreError,
    StoreConfigurationError,
    StoreUnavailableError,
    ThrottledError,
)
from tests.support.faults import FOREVER, Faults

Provoke = Callable[[Faults, float, int], None]  # how often, after how many calls
_CONFLICTING: Final = ("PutItem", "UpdateItem", "TransactWriteItems")
_BATCHES: Final = ("BatchGetItem", "BatchWriteItem")
BACK: Final = timedelta(hours=-1)
FORWARD: Final = timedelta(hours=20)  # past the end of a session, not of an idempotency key


@dataclass(frozen=True)
class Kind:
    """One fault."""

    provoke: Provoke
    answers: tuple[type[SessionStoreError], ...]  # what a method may raise while it lasts
    passes: bool = True  # whether trying again helps: then one occurrence is not noticed
    has_effect: bool = False  # whether a request may take effect all the same
    moves_clock: bool = False  # it happens to the clock, once, not to a request
    operations: tuple[str, ...] | None = None  # requests that it can happen to; None for all

    @property
    def lasting(self) -> float:
        """How often it occurs when it lasts."""
        return 1 if self.moves_clock else FOREVER


def _by(method: Callable[..., None], *operations: str | None) -> Provoke:
    """A method of `Faults`, for each of the operations."""

    def provoke(faults: Faults, times: float, skip: int) -> None:
        for operation in operations or (None,):
            method(faults, operation, times=times, skip=skip)

    return provoke


def _refused(code: str, status: int = 400) -> Provoke:
    return _by(partial(Faults.refuse, code=code, status=status))


def _failed(error: Exception) -> Provoke:
    return _by(partial(Faults.fail, error=error))


def _garbled(garbled: Callable[[bytes], bytes], *, with_checksum: bool) -> Provoke:
    return _by(partial(Faults.garble, garbled=garbled, with_checksum=with_checksum))


def _jump(by: timedelta) -> Provoke:
    def provoke(faults: Faults, times: float, skip: int) -> None:
        moment = datetime.fromtimestamp(faults.clock.now(), UTC) + by
        faults.before(None, lambda: faults.clock.set(moment), times=times, skip=skip)

    return provoke


_UNAVAILABLE: Final = (StoreUnavailableError,)
_CONFIGURATION: Final = (StoreConfigurationError,)

KINDS: Final[dict[str, Kind]] = {
    "throttled": Kind(_refused("ProvisionedThroughputExceededException"), (ThrottledError,)),
    "throttled by the account": Kind(_refused("RequestLimitExceeded"), (ThrottledError,)),
    "500": Kind(_refused("InternalServerError", 500), _UNAVAILABLE),
    "503 without a known code": Kind(_refused("UnknownCode", 503), _UNAVAILABLE),
    "connection refused": Kind(_failed(EndpointConnectionError(endpoint_url="http://127.0.0.1")), _UNAVAILABLE),
    "connect timeout": Kind(_by(Faults.lose_request), _UNAVAILABLE),
    "connection reset": Kind(_by(Faults.drop_request), _UNAVAILABLE),
    "read timeout before the effect": Kind(_by(Faults.stall_request), _UNAVAILABLE),
    "read timeout after the effect": Kind(_by(Faults.lose_reply), _UNAVAILABLE, has_effect=True),
    "transaction conflict": Kind(
        _by(Faults.conflict, *_CONFLICTING), _UNAVAILABLE, has_effect=True, operations=_CONFLICTING
    ),
    "unprocessed batch items": Kind(
        _by(Faults.leave_unprocessed, *_BATCHES), (ThrottledError,), has_effect=True, operations=_BATCHES
    ),
    "malformed reply": Kind(_failed(ResponseParserError("what is this")), _UNAVAILABLE),
    # Emulators, and proxies in between, may leave the checksum out.
    "truncated reply": Kind(_garbled(lambda b: b[:-3], with_checksum=False), _UNAVAILABLE, has_effect=True),
    "altered reply": Kind(_garbled(lambda b: b.replace(b"a", b"e"), with_checksum=True), _UNAVAILABLE, has_effect=True),
    "empty reply": Kind(_garbled(lambda _: b"", with_checksum=False), _UNAVAILABLE, has_effect=True),
    "another request's reply": Kind(_by(Faults.mix_up), _UNAVAILABLE),
    "expired credentials": Kind(_refused("ExpiredTokenException"), _CONFIGURATION, passes=False),
    "no credentials": Kind(_failed(NoCredentialsError()), _CONFIGURATION, passes=False),
    "no permission": Kind(_refused("AccessDeniedException"), _CONFIGURATION, passes=False),
    "no such table": Kind(_refused("ResourceNotFoundException"), _CONFIGURATION, passes=False),
    "validation error": Kind(_refused("ValidationException"), _CONFIGURATION, passes=False),
    # By such a clock the customer's row is from the future, and lets no session be.
    "clock jumps back": Kind(
        _jump(BACK), (InvalidTokenError, SessionNotFoundError), passes=False, has_effect=True, moves_clock=True
    ),
    "clock jumps forward": Kind(
        _jump(FORWARD), (InvalidTokenError, SessionNotFoundError), passes=False, has_effect=True, moves_clock=True
    ),
}
