"""Every way to call an access pattern that has a cost of its own; the figures stand with the patterns.

The cost tests hold the store to them, and the benchmark prints them beside what it measures.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to call a pattern.

    Attributes:
        when: which of the pattern's costs it has; empty for the usual one.
        label: what else there is to say about it.
        counts: how many sessions, rows and parts of the index it finds.
        item_kb: how large the sessions are that it finds.
        on_top_of: a pattern whose usual cost is paid in the same call.
        side_by_side: whether some of the calls run at the same time.
        arrange: prepares the table and returns the call to measure; keeps to customers of its own.
    """

    pattern: AccessPattern
    when: str = ""
    label: str = ""
    counts: Mapping[Per, int] = field(default_factory=dict)
    item_kb: int = 1
    on_top_of: AccessPattern | None = None
    side_by_side: bool = False
    arrange: Callable[[Scene], Call]

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


def _on_one(call: Callable[[Scene, SignedIn], object]) -> Callable[[Scene], Call]:
    """A call on one customer's session with a child."""

    def arrange(scene: Scene) -> Call:
        signed_in = sign_in(scene.store, _new_customer())
        return lambda: call(scene, signed_in)

    return arrange


def _on_rotated(call: Callable[[Scene, str], object], *, child: bool = False) -> Callable[[Scene], Call]:
    """A call with a token that has just been given out by a rotation."""

    def arrange(scene: Scene) -> Call:
        signed_in = sign_in(scene.store, _new_customer())
        token = scene.store.rotate(signed_in.child_token if child else signed_in.token).token
        return lambda: call(scene, cast("str", token))

    return arrange


def _on_several(call: Callable[[Scene, str, str], object], *, ended_before: bool = False) -> Callable[[Scene], Call]:
    """A call on a customer with several sessions; it gets the customer's id and the last session's.

    With `ended_before`, all that the customer had were ended once before these began.
    """

    def arrange(scene: Scene) -> Call:
        customer_id = _new_customer()
        if ended_before:
            scene.store.end_customer_sessions(customer_id)
            scene.clock.advance(1)  # generations are told apart by the millisecond
        ids = [scene.store.create_session(customer_id).session.session_id for _ in range(SEVERAL)]
        return lambda: call(scene, customer_id, ids[-1])

    return arrange


def _when_due(call: Callable[[Scene, SignedIn], object]) -> Callable[[Scene], Call]:
    """A call at a moment at which a refresh is due."""

    def arrange(scene: Scene) -> Call:
        signed_in = sign_in(scene.store, _new_customer())
        scene.clock.advance(timedelta(minutes=5))
        return lambda: call(scene, signed_in)

    return arrange


def _over_the_limit(scene: Scene) -> Call:
    customer_id = _new_customer()
    for _ in range(SEVERAL):
        scene.store.create_session(customer_id)
    store = scene.store_with(max_sessions_per_customer=SEVERAL - 1)
    return lambda: store.create_session(customer_id)


def _within_the_limit(scene: Scene) -> Call:
    customer_id = _new_customer()
    scene.store.create_session(customer_id)
    store = scene.store_with(max_sessions_per_customer=SEVERAL)
    return lambda: store.create_session(customer_id)


def _over_the_limit_after_a_day(scene: Scene) -> Call:
    """A customer whose earlier sessions have passed their absolute end; their rows are kept for the retention."""
    customer_id = _new_customer()
    for _ in range(SEVERAL):
        scene.store.create_session(customer_id, data={"cart": "x" * 100_000})
    scene.clock.advance(timedelta(days=1))
    store = scene.store_with(max_sessions_per_customer=1)
    return lambda: store.create_session(customer_id)


def _over_the_limit_with_large_sessions(scene: Scene) -> Call:
    customer_id = _new_customer()
    for _ in range(SEVERAL):
        scene.store.create_session(customer_id, data={"ui": "x" * LARGE_DATA})
    store = scene.store_with(max_sessions_per_customer=SEVERAL)
    return lambda: store.create_session(customer_id)


def _end_all(scene: Scene, customer_id: str, _: str) -> object:
    return scene.store.end_customer_sessions(customer_id)


def _end_all_but_one(scene: Scene, customer_id: str, kept: str) -> object:
    return scene.store.end_customer_sessions(customer_id, except_session_id=kept)


def _customer_of(signed_in: SignedIn) -> str:
    return cast("str", signed_in.root.session.customer_id)


_ENDING_ALL: Final = {Per.INDEX: 1, Per.ENDED: SEVERAL}
_ENDING_ALL_BUT_ONE: Final = {Per.INDEX: 1, Per.ENDED: SEVERAL - 1}

CASES: Final = (
    Case(
        pattern=patterns.CREATE_SESSION,
        arrange=lambda scene: lambda: scene.store.create_session(_new_customer()),
    ),
    Case(
        pattern=patterns.CREATE_SESSION,
        when="anonymous",
        arrange=lambda scene: scene.store.create_session,
    ),
    Case(
        pattern=patterns.SIGN_IN,
        arrange=_on_one(lambda scene, one: scene.store.create_session(_customer_of(one), replaces=one.token)),
    ),
    Case(
        pattern=patterns.LIMIT_SESSIONS,
        when="with more sessions than the limit",
        label="2 more",
        counts={Per.INDEX: 1, Per.SESSION: SEVERAL, Per.ENDED: 2},
        on_top_of=patterns.CREATE_SESSION,
        arrange=_over_the_limit,
    ),
    Case(  # the index alone tells that there is nothing to look for
        pattern=patterns.LIMIT_SESSIONS,
        counts={Per.INDEX: 1},
        on_top_of=patterns.CREATE_SESSION,
        arrange=_within_the_limit,
    ),
    Case(
        pattern=patterns.LIMIT_SESSIONS,
        label="the others past their absolute end",
        counts={Per.INDEX: 1},
        on_top_of=patterns.CREATE_SESSION,
        arrange=_over_the_limit_after_a_day,
    ),
    Case(
        pattern=patterns.LIMIT_SESSIONS,
        when="with more sessions than the limit",
        label="1 more, of 16 KB",
        counts={Per.INDEX: 1, Per.SESSION: SEVERAL, Per.ENDED: 1},
        item_kb=16,
        on_top_of=patterns.CREATE_SESSION,
        arrange=_over_the_limit_with_large_sessions,
    ),
    Case(
        pattern=patterns.GET_SESSION,
        arrange=_on_one(lambda scene, one: scene.store.get_session(one.id)),
    ),
    Case(
        pattern=patterns.GET_SESSION,
        label="of a known customer",
        arrange=_on_one(lambda scene, one: scene.store.get_session(one.id, customer_id=_customer_of(one))),
    ),
    Case(
        pattern=patterns.VALIDATE,
        arrange=_on_one(lambda scene, one: scene.store.validate(one.token)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        when="strict",
        arrange=_on_one(lambda scene, one: scene.store.validate(one.token, strict=True)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        when="at a refresh",
        arrange=_when_due(lambda scene, one: scene.store.validate(one.token)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        when="first use of a rotated token",
        arrange=_on_rotated(lambda scene, token: scene.store.validate(token)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        when="child's token",
        side_by_side=True,
        arrange=_on_one(lambda scene, one: scene.store.validate(one.child_token, child=True)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        when="child's token, at a refresh",
        side_by_side=True,
        arrange=_when_due(lambda scene, one: scene.store.validate(one.child_token, child=True)),
    ),
    Case(
        pattern=patterns.END_SESSION,
        arrange=_on_one(lambda scene, one: scene.store.end_session(one.root.session)),
    ),
    Case(
        pattern=patterns.END_SESSION,
        when="by id alone",
        arrange=_on_one(lambda scene, one: scene.store.end_session(one.id)),
    ),
    Case(
        pattern=patterns.CREATE_CHILD_SESSION,
        arrange=_on_one(lambda scene, one: scene.store.create_child_session(one.id)),
    ),
    Case(
        pattern=patterns.CREATE_CHILD_SESSION,
        label="of a known customer",
        arrange=_on_one(lambda scene, one: scene.store.create_child_session(one.id, customer_id=_customer_of(one))),
    ),
    Case(
        pattern=patterns.CREATE_CHILD_SESSION,
        when="from a session already read",
        arrange=_on_one(lambda scene, one: scene.store.create_child_session(one.root.session)),
    ),
    Case(
        pattern=patterns.END_CHILD_SESSION,
        arrange=_on_one(lambda scene, one: scene.store.end_child_session(one.id, one.child_id)),
    ),
    Case(
        pattern=patterns.GET_CHILD_SESSIONS,
        counts={Per.COLLECTION: 1},
        arrange=_on_one(lambda scene, one: scene.store.get_child_sessions(one.id)),
    ),
    Case(
        pattern=patterns.GET_SESSION_BY_CHILD,
        arrange=_on_one(lambda scene, one: scene.store.get_session_by_child(one.child_id)),
    ),
    Case(
        pattern=patterns.GET_LAST_LOGIN_TIME,
        arrange=_on_several(lambda scene, customer_id, _: scene.store.get_last_login_time(customer_id)),
    ),
    Case(
        pattern=patterns.GET_SESSION_OF_CUSTOMER,
        arrange=_on_one(lambda scene, one: scene.store.get_session(one.id, customer_id=_customer_of(one))),
    ),
    Case(
        pattern=patterns.GET_CUSTOMER_SESSIONS,
        counts={Per.INDEX: 1, Per.SESSION: SEVERAL},
        arrange=_on_several(lambda scene, customer_id, _: scene.store.get_customer_sessions(customer_id)),
    ),
    Case(
        pattern=patterns.ROTATE,
        arrange=_on_one(lambda scene, one: scene.store.rotate(one.token)),
    ),
    Case(
        pattern=patterns.ROTATE,
        when="child's token",
        side_by_side=True,
        arrange=_on_one(lambda scene, one: scene.store.rotate(one.child_token)),
    ),
    Case(
        pattern=patterns.UPDATE_DATA,
        arrange=_on_one(lambda scene, one: scene.store.update_data(one.id, {"language": "en"})),
    ),
    Case(
        pattern=patterns.UPDATE_DATA,
        label="of a known customer",
        arrange=_on_one(
            lambda scene, one: scene.store.update_data(one.id, {"language": "en"}, customer_id=_customer_of(one))
        ),
    ),
    Case(
        pattern=patterns.UPDATE_DATA,
        when="from a session already read",
        arrange=_on_one(lambda scene, one: scene.store.update_data(one.root.session, {"language": "en"})),
    ),
    Case(
        pattern=patterns.UPDATE_DATA,
        label="all of it replaced",
        arrange=_on_one(lambda scene, one: scene.store.replace_data(one.id, {}, version=1)),
    ),
    Case(
        pattern=patterns.INCREMENT,
        arrange=_on_one(lambda scene, one: scene.store.increment(one.id, "visits")),
    ),
    Case(
        pattern=patterns.INCREMENT,
        label="of a known customer",
        arrange=_on_one(lambda scene, one: scene.store.increment(one.id, "visits", customer_id=_customer_of(one))),
    ),
    Case(
        pattern=patterns.INCREMENT,
        when="from a session already read",
        arrange=_on_one(lambda scene, one: scene.store.increment(one.root.session, "visits")),
    ),
    Case(
        pattern=patterns.END_CUSTOMER_SESSIONS,
        counts=_ENDING_ALL,
        arrange=_on_several(_end_all, ended_before=True),
    ),
    Case(  # the customer's item is new, in the table and in the index
        pattern=patterns.END_CUSTOMER_SESSIONS,
        when="the first time",
        counts=_ENDING_ALL,
        arrange=_on_several(_end_all),
    ),
    Case(
        pattern=patterns.END_CUSTOMER_SESSIONS,
        when="all but one",
        counts=_ENDING_ALL_BUT_ONE,
        arrange=_on_several(_end_all_but_one, ended_before=True),
    ),
    Case(
        pattern=patterns.END_CUSTOMER_SESSIONS,
        when="all but one, the first time",
        counts=_ENDING_ALL_BUT_ONE,
        arrange=_on_several(_end_all_but_one),
    ),
    Case(  # the children's rows go before their session's
        pattern=patterns.ERASE_CUSTOMER,
        when="sessions with children",
        counts={Per.INDEX: 1, Per.SESSION: 1, Per.ROW: 2},
        arrange=_on_one(lambda scene, one: scene.store.erase_customer(_customer_of(one))),
    ),
    Case(  # sessions without children: the collection of each is one row
        pattern=patterns.ERASE_CUSTOMER,
        counts={Per.INDEX: 1, Per.SESSION: SEVERAL, Per.ROW: SEVERAL},
        arrange=_on_several(lambda scene, customer_id, _: scene.store.erase_customer(customer_id)),
    ),
)
