"""Every way to call an access pattern that has a cost of its own; the figures stand with the patterns."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast

from session_store import SessionStore
from session_store.catalog import access_patterns as patterns
from session_store.catalog.costs import Amount, Per
from session_store.catalog.pattern import AccessPattern
from tests.support.metering import Measured, Meter
from tests.support.scene import Scene, SignedIn, sign_in

Call = Callable[[], object]
SEVERAL: Final = 3
LARGE_DATA: Final = 15_500  # of an item of 16 KB
# Calls that run side by side are held back for so long that they are seen to overlap, on a busy machine too.
_HOLD_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Case:
    """One way to call a pattern.

    Attributes:
        when: which of the pattern's costs it has; empty for the usual one.
        arrange: prepares the table and returns the call to measure; keeps to customers of its own.
        counts: how many sessions, rows and parts of the index it finds.
        label: what else there is to say about it.
        item_kb: how large the sessions are that it finds.
        on_top_of: a pattern whose usual cost is paid in the same call.
        side_by_side: whether some of the calls run at the same time.
    """

    pattern: AccessPattern
    when: str
    arrange: Callable[[Scene], Call]
    counts: Mapping[Per, int] = field(default_factory=dict)
    label: str = ""
    item_kb: int = 1
    on_top_of: AccessPattern | None = None
    side_by_side: bool = False

    @property
    def promised(self) -> Amount:
        """What the documents say that it costs."""
        amount = self.pattern.cost(self.when).amount(self.counts, item_kb=self.item_kb)
        return amount + self.on_top_of.cost().amount() if self.on_top_of else amount

    def measure(self, scene: Scene) -> Measured:
        """Arrange it in the scene and measure the call."""
        hold = _HOLD_SECONDS if self.side_by_side else 0.0
        return Meter(scene.disturbed_client, hold=hold).measure(self.arrange(scene))

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.pattern.name, self.when, self.label)))


def _new_customer() -> str:
    return f"customer-{secrets.token_hex(8)}"


def _on_one(
    call: Callable[[SessionStore, SignedIn], object], *, after: timedelta = timedelta(0)
) -> Callable[[Scene], Call]:
    """A call on one customer's session with a child, so long after the sign-in."""

    def arrange(scene: Scene) -> Call:
        signed_in = sign_in(scene.store, _new_customer())
        scene.clock.advance(after)
        return lambda: call(scene.store, signed_in)

    return arrange


def _when_due(call: Callable[[SessionStore, SignedIn], object]) -> Callable[[Scene], Call]:
    """A call at a moment at which a refresh is due."""
    return _on_one(call, after=timedelta(minutes=5))


def _first_use_of_a_rotated_token(scene: Scene) -> Call:
    token = scene.store.rotate(sign_in(scene.store, _new_customer()).token).token
    return lambda: scene.store.validate(cast("str", token))


def _on_several(
    call: Callable[[SessionStore, str, str], object], *, ended_before: bool = False
) -> Callable[[Scene], Call]:
    """A call on a customer with several sessions; it gets the customer's id and the last session's.

    With `ended_before`, all that the customer had were ended once before these began.
    """

    def arrange(scene: Scene) -> Call:
        customer_id = _new_customer()
        if ended_before:
            scene.store.end_customer_sessions(customer_id)
            scene.clock.advance(1)  # generations are told apart by the millisecond
        ids = [scene.store.create_session(customer_id).session.session_id for _ in range(SEVERAL)]
        return lambda: call(scene.store, customer_id, ids[-1])

    return arrange


def _sign_in_with_a_limit(
    limit: int, *, others: int = SEVERAL, data: int = 0, after: timedelta = timedelta(0)
) -> Callable[[Scene], Call]:
    """One more sign-in of a customer whose other sessions have so much data, so long after theirs."""

    def arrange(scene: Scene) -> Call:
        customer_id = _new_customer()
        for _ in range(others):
            scene.store.create_session(customer_id, data={"ui": "x" * data})
        scene.clock.advance(after)
        store = scene.store_with(max_sessions_per_customer=limit)
        return lambda: store.create_session(customer_id)

    return arrange


def _end_all(store: SessionStore, customer_id: str, _: str) -> object:
    return store.end_customer_sessions(customer_id)


def _end_all_but_one(store: SessionStore, customer_id: str, kept: str) -> object:
    return store.end_customer_sessions(customer_id, except_session_id=kept)


def _limit(when: str, arrange: Callable[[Scene], Call], label: str, *, ended: int = 0, item_kb: int = 1) -> Case:
    """Of the others, the index alone tells whether there is anything to look for."""
    counts = {Per.INDEX: 1} | ({Per.SESSION: SEVERAL, Per.ENDED: ended} if ended else {})
    return Case(
        patterns.LIMIT_SESSIONS, when, arrange, counts, label, item_kb=item_kb, on_top_of=patterns.CREATE_SESSION
    )


_ENDING_ALL: Final = {Per.INDEX: 1, Per.ENDED: SEVERAL}
_ENDING_ALL_BUT_ONE: Final = {Per.INDEX: 1, Per.ENDED: SEVERAL - 1}
_OVER: Final = "with more sessions than the limit"
_READ: Final = "from a session already read"
_KNOWN: Final = "of a known customer"
_CHANGE: Final = {"language": "en"}

CASES: Final = (
    Case(patterns.CREATE_SESSION, "", lambda scene: lambda: scene.store.create_session(_new_customer())),
    Case(patterns.CREATE_SESSION, "anonymous", lambda scene: scene.store.create_session),
    Case(patterns.SIGN_IN, "", _on_one(lambda store, one: store.create_session(one.customer_id, replaces=one.token))),
    Case(
        patterns.SIGN_IN,
        _READ,
        _on_one(lambda store, one: store.create_session(one.customer_id, replaces=one.root.session)),
    ),
    _limit(_OVER, _sign_in_with_a_limit(SEVERAL - 1), "2 more", ended=2),
    _limit("", _sign_in_with_a_limit(SEVERAL, others=1), ""),
    # Their rows are kept for the retention.
    _limit("", _sign_in_with_a_limit(1, data=100_000, after=timedelta(days=1)), "the others past their absolute end"),
    _limit(_OVER, _sign_in_with_a_limit(SEVERAL, data=LARGE_DATA), "1 more, of 16 KB", ended=1, item_kb=16),
    Case(patterns.GET_SESSION, "", _on_one(lambda store, one: store.get_session(one.id))),
    Case(
        patterns.GET_SESSION,
        "",
        _on_one(lambda store, one: store.get_session(one.id, customer_id=one.customer_id)),
        label=_KNOWN,
    ),
    Case(patterns.VALIDATE, "", _on_one(lambda store, one: store.validate(one.token))),
    Case(patterns.VALIDATE, "strict", _on_one(lambda store, one: store.validate(one.token, strict=True))),
    Case(patterns.VALIDATE, "at a refresh", _when_due(lambda store, one: store.validate(one.token))),
    Case(patterns.VALIDATE, "first use of a rotated token", _first_use_of_a_rotated_token),
    Case(
        patterns.VALIDATE,
        "child's token",
        _on_one(lambda store, one: store.validate(one.child_token, child=True)),
        side_by_side=True,
    ),
    Case(
        patterns.VALIDATE,
        "child's token, at a refresh",
        _when_due(lambda store, one: store.validate(one.child_token, child=True)),
        side_by_side=True,
    ),
    Case(patterns.END_SESSION, "", _on_one(lambda store, one: store.end_session(one.root.session))),
    Case(patterns.END_SESSION, "by id alone", _on_one(lambda store, one: store.end_session(one.id))),
    Case(patterns.CREATE_CHILD_SESSION, "", _on_one(lambda store, one: store.create_child_session(one.id))),
    Case(
        patterns.CREATE_CHILD_SESSION,
        "",
        _on_one(lambda store, one: store.create_child_session(one.id, customer_id=one.customer_id)),
        label=_KNOWN,
    ),
    Case(
        patterns.CREATE_CHILD_SESSION, _READ, _on_one(lambda store, one: store.create_child_session(one.root.session))
    ),
    Case(patterns.END_CHILD_SESSION, "", _on_one(lambda store, one: store.end_child_session(one.id, one.child_id))),
    Case(
        patterns.GET_CHILD_SESSIONS,
        "",
        _on_one(lambda store, one: store.get_child_sessions(one.id)),
        {Per.COLLECTION: 1},
    ),
    Case(patterns.GET_SESSION_BY_CHILD, "", _on_one(lambda store, one: store.get_session_by_child(one.child_id))),
    Case(patterns.GET_LAST_LOGIN_TIME, "", _on_several(lambda store, name, _: store.get_last_login_time(name))),
    Case(
        patterns.GET_SESSION_OF_CUSTOMER,
        "",
        _on_one(lambda store, one: store.get_session(one.id, customer_id=one.customer_id)),
    ),
    Case(
        patterns.GET_CUSTOMER_SESSIONS,
        "",
        _on_several(lambda store, name, _: store.get_customer_sessions(name)),
        {Per.INDEX: 1, Per.SESSION: SEVERAL},
    ),
    Case(patterns.ROTATE, "", _on_one(lambda store, one: store.rotate(one.token))),
    Case(
        patterns.ROTATE, "child's token", _on_one(lambda store, one: store.rotate(one.child_token)), side_by_side=True
    ),
    Case(patterns.UPDATE_DATA, "", _on_one(lambda store, one: store.update_data(one.id, _CHANGE))),
    Case(
        patterns.UPDATE_DATA,
        "",
        _on_one(lambda store, one: store.update_data(one.id, _CHANGE, customer_id=one.customer_id)),
        label=_KNOWN,
    ),
    Case(patterns.UPDATE_DATA, _READ, _on_one(lambda store, one: store.update_data(one.root.session, _CHANGE))),
    Case(
        patterns.UPDATE_DATA,
        "",
        _on_one(lambda store, one: store.replace_data(one.id, {}, version=1)),
        label="all of it replaced",
    ),
    Case(patterns.INCREMENT, "", _on_one(lambda store, one: store.increment(one.id, "visits"))),
    Case(
        patterns.INCREMENT,
        "",
        _on_one(lambda store, one: store.increment(one.id, "visits", customer_id=one.customer_id)),
        label=_KNOWN,
    ),
    Case(patterns.INCREMENT, _READ, _on_one(lambda store, one: store.increment(one.root.session, "visits"))),
    # The first time the customer's item is new, in the table and in the index.
    Case(patterns.END_CUSTOMER_SESSIONS, "", _on_several(_end_all, ended_before=True), _ENDING_ALL),
    Case(patterns.END_CUSTOMER_SESSIONS, "the first time", _on_several(_end_all), _ENDING_ALL),
    Case(
        patterns.END_CUSTOMER_SESSIONS,
        "all but one",
        _on_several(_end_all_but_one, ended_before=True),
        _ENDING_ALL_BUT_ONE,
    ),
    Case(
        patterns.END_CUSTOMER_SESSIONS,
        "all but one, the first time",
        _on_several(_end_all_but_one),
        _ENDING_ALL_BUT_ONE,
    ),
    # The children's rows go before their session's; the collection of a session without children is one row.
    Case(
        patterns.ERASE_CUSTOMER,
        "sessions with children",
        _on_one(lambda store, one: store.erase_customer(one.customer_id)),
        {Per.INDEX: 1, Per.SESSION: 1, Per.ROW: 2},
    ),
    Case(
        patterns.ERASE_CUSTOMER,
        "",
        _on_several(lambda store, name, _: store.erase_customer(name)),
        {Per.INDEX: 1, Per.SESSION: SEVERAL, Per.ROW: SEVERAL},
    ),
)
