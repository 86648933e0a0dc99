"""The use of each kind of call, measured in the life of a few sessions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bench.storage.forms import options
from bench.storage.traffic import Measured
from bench.storage.use import Use
from session_store import DataTooLargeError, SessionStore
from session_store.cli.cost import units
from session_store.cli.cost.sizes import CLIENT, CUSTOMER
from session_store.storage.attribute_values import item_bytes
from session_store.storage.items import key_item
from session_store.storage.records import SessionKey
from session_store.testing import MovableClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.storage.forms import Form
    from session_store.data.types import JSONObject
    from session_store.observing import Observation

_EXTENSION: Final = timedelta(minutes=5)
_RETENTION: Final = timedelta(days=31)


class Counted:
    """A client whose calls are counted.

    Args:
        client: of botocore, or one like it.
        calls: counts them, by their names.
    """

    def __init__(self, client: Any, calls: Counter[str]) -> None:  # noqa: ANN401 - botocore's have no type
        self._client = client
        self._calls = calls

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        member = getattr(self._client, name)
        if not callable(member):
            return member

        def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            self._calls[name] += 1
            return member(*args, **kwargs)

        return counted


@dataclass
class _Meter:
    """Adds up what calls use."""

    table: Counter[str] = field(default_factory=Counter)
    observed: list[Observation] = field(default_factory=list)

    def of(self, call: Callable[[], object]) -> Use:
        self.table.clear()
        self.observed.clear()
        call()
        return Use(
            table_calls=self.table.total(),
            rru=sum(each.read_units for each in self.observed),
            wru=sum(each.write_units for each in self.observed),
        )


def measure(form: Form, data: JSONObject, client: Any, table_name: str) -> Measured | None:  # noqa: ANN401
    """The use of each kind of call, with data of one form. None: such data does not fit.

    Args:
        form: of the data.
        data: of each session.
        client: of DynamoDB, or of an engine that reports its request units.
        table_name: of an empty table.
    """
    meter, clock = _Meter(), MovableClock()
    store = SessionStore(
        table_name,
        dynamodb_client=Counted(client, meter.table),
        clock=clock,
        observer=meter.observed.append,
        **options(form),
    )
    store.create_session("another")  # the first write of a week makes a data key
    try:
        uses = {kind.name: meter.of(call) for kind, call in _life(store, clock, data)}
    except DataTooLargeError:
        return None
    kept = store.create_session(CUSTOMER, data=data, client=CLIENT).session
    key = key_item(SessionKey(kept.session_id, CUSTOMER))
    row = client.get_item(TableName=table_name, Key=key, ConsistentRead=True)["Item"]
    return Measured(uses, item_bytes(row))


def _life(
    store: SessionStore, clock: MovableClock, data: JSONObject
) -> Iterator[tuple[units.Kind, Callable[[], object]]]:
    """Each kind of call, ready to be made. Calls are made in turn: a later one needs the earlier ones' effect."""
    yield units.FIRST_SIGN_IN, lambda: store.create_session(CUSTOMER, data=data, client=CLIENT)
    yield units.SIGN_IN, lambda: store.create_session(CUSTOMER, data=data, client=CLIENT)
    clock.advance(_RETENTION)
    store.create_session("another")  # as at the start: another week
    yield units.LATE_SIGN_IN, lambda: store.create_session(CUSTOMER, data=data, client=CLIENT)
    token = store.create_session(CUSTOMER, data=data, client=CLIENT).token

    def check() -> object:
        return store.validate(token).data

    yield units.CHECK, check
    clock.advance(_EXTENSION)
    yield units.EXTENSION, check
    successor = store.rotate(token).token or token
    yield units.USE, lambda: store.validate(successor).data
    session = store.validate(successor)
    yield units.SAVE, lambda: store.update_data(session, {"visits": 1})
    yield units.SIGN_OUT, lambda: store.end_session(session)
