"""The use of each kind of call, measured in the life of a few sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bench.storage.forms import Form, options
from bench.storage.meter import Meter
from bench.storage.traffic import HIT, Measured
from session_store import DataTooLargeError, SessionStore
from session_store.cli.cost import units
from session_store.cli.cost.sizes import CLIENT, CUSTOMER
from session_store.large_data.pointers import key_of, pointer_of
from session_store.storage.attribute_values import item_bytes
from session_store.storage.items import key_item
from session_store.storage.records import SessionKey
from session_store.testing import MovableClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.storage.engines import Engines
    from session_store.data.types import JSONObject

_EXTENSION: Final = timedelta(minutes=5)
_RETENTION: Final = timedelta(days=31)


def measure(form: Form, data: JSONObject, engines: Engines, table_name: str) -> Measured | None:
    """The use of each kind of call, with data of one form. None: such data does not fit, or is too small for it.

    Args:
        form: of the data.
        data: of each session.
        engines: that of the table reports its request units.
        table_name: of an empty table.
    """
    meter, clock = Meter(engines), MovableClock()
    store = SessionStore(
        table_name,
        dynamodb_client=meter.engines.table,
        clock=clock,
        observer=meter.observe,
        **options(form, meter.engines),
    )
    store.create_session("another")  # the first write of a week makes a data key
    try:
        uses = {kind.name: meter.of(call) for kind, call in _life(store, clock, data, is_cached=form is Form.CACHED)}
    except DataTooLargeError:
        return None
    kept = store.create_session(CUSTOMER, data=data, client=CLIENT).session
    key = key_item(SessionKey(kept.session_id, CUSTOMER))
    row = engines.table.get_item(TableName=table_name, Key=key, ConsistentRead=True)["Item"]
    stored = pointer_of(row).length if key_of(row) else 0
    return None if form is Form.IN_S3 and not stored else Measured(uses, item_bytes(row), stored)


def _life(
    store: SessionStore, clock: MovableClock, data: JSONObject, *, is_cached: bool
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
    if is_cached:
        yield HIT, check
    clock.advance(_EXTENSION)
    yield units.EXTENSION, check
    successor = store.rotate(token).token or token
    yield units.USE, lambda: store.validate(successor).data
    session = store.validate(successor)
    yield units.SAVE, lambda: store.update_data(session, {"visits": 1})
    yield units.SIGN_OUT, lambda: store.end_session(session)
