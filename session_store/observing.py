"""Observation: a record of each call of a store's public methods, for metrics, logs and traces of the application.

    def note(observation: Observation) -> None:
        statsd.timing(f"sessions.{observation.method}", observation.seconds * 1000)

    store = SessionStore("sessions", observer=note)

A store without an observer does not load this module.
"""

from __future__ import annotations

from contextlib import suppress
from contextvars import ContextVar
from enum import StrEnum
from functools import wraps
from inspect import iscoroutinefunction
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

from session_store import errors
from session_store.catalog.metrics import Metric
from session_store.checks import check_function
from session_store.log import logger
from session_store.meter import METER, Meter
from session_store.tokens import is_session_id, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.clock import Clock
    from session_store.incidents import Incident


class Outcome(StrEnum):
    """The end of a call or a request."""

    OK = "ok"
    REFUSED = "refused"
    """The token is not good, or the sign-in is too old."""
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    CONFLICT = "conflict"
    """Others have changed the same, or the reply of a write was lost."""
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"
    """A wrong configuration, or a bug."""


class Observation(NamedTuple):
    """One call of a public method.

    Attributes:
        table_name: name or ARN of the store's table.
        method: for instance `create_session`.
        outcome: the end of the call.
        seconds: from the call to its end, without the observer.
        session_id: the session that it is about, None where that is not known.
        error: class of the error that was raised, empty for none.
        refusal: the reason for which a token was refused, None for none.
        read_units: read request units as DynamoDB reports them. It reports none for a condition that did not hold, and
            none for any other error.
        write_units: write request units, likewise.
        retries: requests that were sent again, after a fault or for the rest of a batch.
        counts: what has happened, by name: `Metric`, `IncidentName`, and with large data `ObjectsRead` and
            `ObjectsWritten`. Only what is not zero.
        incidents: those that `on_incident` was called with, too.
    """

    # A tuple: in a function at its cold start a dataclass takes a millisecond more.
    table_name: str
    method: str
    outcome: Outcome
    seconds: float
    session_id: str | None
    error: str
    refusal: errors.Refusal | None
    read_units: float
    write_units: float
    retries: int
    counts: Mapping[str, int]
    incidents: tuple[Incident, ...]


Observer: TypeAlias = "Callable[[Observation], object]"
REQUEST: Final[ContextVar[Observer | None]] = ContextVar("session_store.request", default=None)
"""Takes the observations of the request that is being served, None outside of any that has a line in the log."""

_OUTCOMES: Final[tuple[tuple[type[Exception], Outcome], ...]] = (
    (errors.InvalidInputError, Outcome.BAD_REQUEST),
    (errors.InvalidTokenError, Outcome.REFUSED),
    (errors.ReauthenticationRequiredError, Outcome.REFUSED),
    (errors.SessionRequiredError, Outcome.REFUSED),
    (errors.CrossSiteRequestError, Outcome.REFUSED),
    (errors.AnotherSessionError, Outcome.CONFLICT),
    (errors.SessionNotFoundError, Outcome.NOT_FOUND),
    (errors.ConflictError, Outcome.CONFLICT),
    (errors.ThrottledError, Outcome.THROTTLED),
    (errors.StoreUnavailableError, Outcome.UNAVAILABLE),
)
_VALIDATE: Final = frozenset({"validate", "validate_and_rotate"})


def to_request(observation: Observation) -> None:
    """An observer: a call counts in the line of the request that is being served, if there is one."""
    line = REQUEST.get()
    if line is not None:
        line(observation)


def also_to_request(observer: Observer | None) -> Observer:
    """The same, besides another observer.

    Raises:
        InvalidInputError: that one cannot be called, or would have to be awaited.
    """
    if observer is None:
        return to_request
    _check_observer(observer)

    def both(observation: Observation) -> None:
        to_request(observation)
        observer(observation)

    return both


class _Store(Protocol):
    @property
    def table_name(self) -> str: ...
    @property
    def clock(self) -> Clock: ...


def observe(store: _Store, observer: Observer) -> None:
    """Let a store tell its observer of each call of a public method. Its errors change no outcome. They are logged.

    Raises:
        InvalidInputError: the observer cannot be called, or would have to be awaited.
    """
    _check_observer(observer)
    for name in dir(type(store)):
        method = getattr(type(store), name)
        if isinstance(method, FunctionType) and not name.startswith("_"):
            setattr(store, name, _observed(store, method, getattr(store, name), observer))


def _check_observer(observer: Observer) -> None:
    if iscoroutinefunction(check_function("observer", observer)):
        raise errors.InvalidInputError("observer", "must be a plain function, not an async one", value=observer)


def _observed(store: _Store, method: FunctionType, bound: Callable[..., Any], observer: Observer) -> Callable[..., Any]:
    first = "".join(method.__code__.co_varnames[1:2])  # the name of its first parameter

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the method's
        about = args[0] if args else kwargs.get(first)
        meter, started = Meter(), store.clock.monotonic()
        outer = METER.set(meter)

        def tell(result: object, error: BaseException | None) -> None:
            METER.reset(outer)
            seconds = store.clock.monotonic() - started
            try:
                observer(
                    _observation(
                        error,
                        meter,
                        seconds,
                        table_name=store.table_name,
                        method=method.__name__,
                        session_id=_session_id(error, result) or _named_id(first, about),
                    )
                )
            except Exception:  # noqa: BLE001 - it is the application's code
                logger().exception("the observer raised, method=%s", method.__name__)

        try:
            result = bound(*args, **kwargs)
        except BaseException as error:
            tell(None, error)
            raise
        tell(result, None)
        return result

    return call


def _observation(
    error: BaseException | None, meter: Meter, seconds: float, *, table_name: str, method: str, session_id: str | None
) -> Observation:
    outcome = outcome_of(error)
    if method in _VALIDATE and outcome in {Outcome.OK, Outcome.REFUSED}:
        meter.count(Metric.VALIDATED if error is None else Metric.VALIDATION_REFUSED)
    if outcome is Outcome.CONFLICT:
        meter.count(Metric.CONFLICTS)
    return Observation(
        table_name=table_name,
        method=method,
        outcome=outcome,
        seconds=seconds,
        session_id=session_id,
        error="" if error is None else type(error).__name__,
        refusal=error.refusal if isinstance(error, errors.InvalidTokenError) else None,
        read_units=meter.read_units,
        write_units=meter.write_units,
        retries=meter.retries,
        counts=MappingProxyType(meter.counts),
        incidents=tuple(meter.incidents),
    )


def outcome_of(error: BaseException | None) -> Outcome:
    """The outcome of a call that raised an error, or none."""
    if error is None:
        return Outcome.OK
    return next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), Outcome.FAILED)


def _session_id(error: BaseException | None, result: object) -> str | None:
    """The session that an error of the store's or a result is about."""
    holders = (error, result, getattr(result, "session", None), getattr(result, "child", None))
    found = (getattr(each, "session_id", None) for each in holders)
    return next((str(each) for each in found if is_session_id(each)), None)


def _named_id(first: str, about: object) -> str | None:
    """The session that a call's first argument names. A customer's id may look like a session's, and is not to be told.

    Args:
        first: the name of the parameter.
        about: the argument, in any form that the caller gave it.
    """
    found: object = None
    if first in {"session", "session_id"}:
        found = getattr(about, "session_id", about)
    elif first == "token" and isinstance(about, str):
        with suppress(errors.InvalidTokenError):
            found = parse(about).session_id
    return str(found) if is_session_id(found) else None
