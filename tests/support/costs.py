"""Every way to call an access pattern, with what it costs: the figures of the design's section 4.

The cost tests hold the store to these figures, and the benchmark prints them beside what it measures.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from session_store.catalog import access_patterns as patterns
from tests.support.metering import Cost, Meter
from tests.support.scene import Scene, SignedIn, sign_in

if TYPE_CHECKING:
    from session_store.catalog.pattern import AccessPattern

Call = Callable[[], object]
SEVERAL: Final = 3
LARGE_DATA: Final = 15_500  # of an item of 16 KB: 4 RRU, 16 WRU
# Calls that run side by side are held back for so long that they are seen to overlap, on a busy machine too.
_HOLD_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to call a pattern.

    Attributes:
        variant: which of the pattern's figures it is, empty for the first.
        read_units: RRU that it costs.
        write_units: WRU that it costs.
        trips: sequential round trips.
        side_by_side: whether some of the calls run at the same time.
        arrange: prepares the table and returns the call to measure; keeps to customers of its own.
    """

    pattern: AccessPattern
    variant: str = ""
    read_units: float = 0
    write_units: float = 0
    trips: int
    side_by_side: bool = False
    arrange: Callable[[Scene], Call]

    def measure(self, scene: Scene) -> Cost:
        """Arrange it in the scene and measure the call."""
        hold = _HOLD_SECONDS if self.side_by_side else 0.0
        return Meter(scene.disturbed_client, hold=hold).measure(self.arrange(scene))

    def __str__(self) -> str:
        return f"{self.pattern.name}, {self.variant}" if self.variant else self.pattern.name


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


def _on_several(call: Callable[[Scene, str, str], object]) -> Callable[[Scene], Call]:
    """A call on a customer with several sessions; it gets the customer's id and the last session's."""

    def arrange(scene: Scene) -> Call:
        customer_id = _new_customer()
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


def _customer_of(signed_in: SignedIn) -> str:
    return cast("str", signed_in.root.session.customer_id)


CASES: Final = (
    Case(
        pattern=patterns.CREATE_SESSION,
        read_units=1,
        write_units=2,
        trips=2,
        arrange=lambda scene: lambda: scene.store.create_session(_new_customer()),
    ),
    Case(
        pattern=patterns.CREATE_SESSION,
        variant="anonymous",
        write_units=2,
        trips=1,
        arrange=lambda scene: scene.store.create_session,
    ),
    Case(
        pattern=patterns.SIGN_IN,
        read_units=2,
        write_units=5,
        trips=3,
        arrange=_on_one(lambda scene, one: scene.store.create_session(_customer_of(one), replaces=one.token)),
    ),
    Case(  # the sign-in itself, then index and items, then two sessions too many
        pattern=patterns.LIMIT_SESSIONS,
        variant="2 sessions beyond the limit",
        read_units=1 + 0.5 + SEVERAL,
        write_units=2 + 2,
        trips=2 + 2 + 2,
        arrange=_over_the_limit,
    ),
    Case(  # the index alone tells that there is nothing to look for
        pattern=patterns.LIMIT_SESSIONS,
        variant="no more sessions than the limit",
        read_units=1 + 0.5,
        write_units=2,
        trips=2 + 1,
        arrange=_within_the_limit,
    ),
    Case(
        pattern=patterns.LIMIT_SESSIONS,
        variant="the others past their absolute end",
        read_units=1 + 0.5,
        write_units=2,
        trips=2 + 1,
        arrange=_over_the_limit_after_a_day,
    ),
    Case(
        pattern=patterns.LIMIT_SESSIONS,
        variant="sessions of 16 KB, 1 beyond the limit",
        read_units=1 + 0.5 + SEVERAL * 4,
        write_units=2 + 16,
        trips=2 + 2 + 1,
        arrange=_over_the_limit_with_large_sessions,
    ),
    Case(
        pattern=patterns.GET_SESSION,
        read_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.get_session(one.id)),
    ),
    Case(
        pattern=patterns.GET_SESSION,
        variant="of a known customer",
        read_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.get_session(one.id, customer_id=_customer_of(one))),
    ),
    Case(
        pattern=patterns.VALIDATE,
        read_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.validate(one.token)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        variant="strict",
        read_units=2,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.validate(one.token, strict=True)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        variant="at a refresh",
        read_units=2,
        write_units=1,
        trips=3,
        arrange=_when_due(lambda scene, one: scene.store.validate(one.token)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        variant="first use of a rotated token",
        read_units=1,
        write_units=1,
        trips=2,
        arrange=_on_rotated(lambda scene, token: scene.store.validate(token)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        variant="child's token",
        read_units=2,
        trips=1,
        side_by_side=True,
        arrange=_on_one(lambda scene, one: scene.store.validate(one.child_token, child=True)),
    ),
    Case(
        pattern=patterns.VALIDATE,
        variant="child's token, at a refresh",
        read_units=3,
        write_units=1,
        trips=3,
        side_by_side=True,
        arrange=_when_due(lambda scene, one: scene.store.validate(one.child_token, child=True)),
    ),
    Case(
        pattern=patterns.END_SESSION,
        write_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.end_session(one.root.session)),
    ),
    Case(
        pattern=patterns.END_SESSION,
        variant="by id alone",
        read_units=1,
        write_units=1,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.end_session(one.id)),
    ),
    Case(
        pattern=patterns.CREATE_CHILD_SESSION,
        read_units=1,
        write_units=5,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.create_child_session(one.id)),
    ),
    Case(
        pattern=patterns.CREATE_CHILD_SESSION,
        variant="of a known customer",
        read_units=1,
        write_units=5,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.create_child_session(one.id, customer_id=_customer_of(one))),
    ),
    Case(
        pattern=patterns.CREATE_CHILD_SESSION,
        variant="from a session already read",
        write_units=5,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.create_child_session(one.root.session)),
    ),
    Case(
        pattern=patterns.END_CHILD_SESSION,
        write_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.end_child_session(one.id, one.child_id)),
    ),
    Case(
        pattern=patterns.GET_CHILD_SESSIONS,
        read_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.get_child_sessions(one.id)),
    ),
    Case(
        pattern=patterns.GET_SESSION_BY_CHILD,
        read_units=2.5,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.get_session_by_child(one.child_id)),
    ),
    Case(
        pattern=patterns.GET_LAST_LOGIN_TIME,
        read_units=0.5,
        trips=1,
        arrange=_on_several(lambda scene, customer_id, _: scene.store.get_last_login_time(customer_id)),
    ),
    Case(
        pattern=patterns.GET_SESSION_OF_CUSTOMER,
        read_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.get_session(one.id, customer_id=_customer_of(one))),
    ),
    Case(
        pattern=patterns.GET_CUSTOMER_SESSIONS,
        variant=f"{SEVERAL} sessions",
        read_units=0.5 + SEVERAL,
        trips=2,
        arrange=_on_several(lambda scene, customer_id, _: scene.store.get_customer_sessions(customer_id)),
    ),
    Case(
        pattern=patterns.ROTATE,
        read_units=1,
        write_units=1,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.rotate(one.token)),
    ),
    Case(
        pattern=patterns.ROTATE,
        variant="child's token",
        read_units=2,
        write_units=1,
        trips=2,
        side_by_side=True,
        arrange=_on_one(lambda scene, one: scene.store.rotate(one.child_token)),
    ),
    Case(
        pattern=patterns.UPDATE_DATA,
        read_units=1,
        write_units=1,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.update_data(one.id, {"language": "en"})),
    ),
    Case(
        pattern=patterns.UPDATE_DATA,
        variant="of a known customer",
        read_units=1,
        write_units=1,
        trips=2,
        arrange=_on_one(
            lambda scene, one: scene.store.update_data(one.id, {"language": "en"}, customer_id=_customer_of(one))
        ),
    ),
    Case(
        pattern=patterns.UPDATE_DATA,
        variant="from a session already read",
        write_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.update_data(one.root.session, {"language": "en"})),
    ),
    Case(
        pattern=patterns.UPDATE_DATA,
        variant="all of it replaced",
        read_units=1,
        write_units=1,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.replace_data(one.id, {}, version=1)),
    ),
    Case(
        pattern=patterns.INCREMENT,
        read_units=1,
        write_units=1,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.increment(one.id, "visits")),
    ),
    Case(
        pattern=patterns.INCREMENT,
        variant="of a known customer",
        read_units=1,
        write_units=1,
        trips=2,
        arrange=_on_one(lambda scene, one: scene.store.increment(one.id, "visits", customer_id=_customer_of(one))),
    ),
    Case(
        pattern=patterns.INCREMENT,
        variant="from a session already read",
        write_units=1,
        trips=1,
        arrange=_on_one(lambda scene, one: scene.store.increment(one.root.session, "visits")),
    ),
    Case(  # the customer's item is new: 1 WRU for the table and 1 for the index
        pattern=patterns.END_CUSTOMER_SESSIONS,
        variant=f"{SEVERAL} sessions",
        read_units=0.5,
        write_units=2 + SEVERAL,
        trips=2 + SEVERAL,
        arrange=_on_several(lambda scene, customer_id, _: scene.store.end_customer_sessions(customer_id)),
    ),
    Case(
        pattern=patterns.END_CUSTOMER_SESSIONS,
        variant=f"all but one of {SEVERAL} sessions",
        read_units=1 + 0.5,
        write_units=5 + SEVERAL - 1,
        trips=3 + SEVERAL - 1,
        arrange=_on_several(
            lambda scene, customer_id, kept: scene.store.end_customer_sessions(customer_id, except_session_id=kept)
        ),
    ),
    Case(  # a session without children: one update, a collection of one row, which goes from table and index
        pattern=patterns.ERASE_CUSTOMER,
        variant=f"{SEVERAL} sessions",
        read_units=0.5 + SEVERAL,
        write_units=2 + (1 + 2) * SEVERAL,
        trips=2 + 3 * SEVERAL,
        arrange=_on_several(lambda scene, customer_id, _: scene.store.erase_customer(customer_id)),
    ),
)
