"""Every way to call an access pattern that has a cost of its own; the figures stand with the patterns."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.fernet import Fernet

from session_store import CreatedSession, ProviderSession, Session, SessionStore
from session_store.catalog import access_patterns as patterns
from session_store.catalog.costs import IN_S3, NEW_TO_PROCESS, OVERTAKEN, Amount, Per
from session_store.catalog.pattern import AccessPattern
from session_store.encryption import Encryption, FernetKeyring
from session_store.large_data import LargeData
from session_store.validation_cache import ValidationCache
from tests.support.bucket import BUCKET
from tests.support.cache_server import MemoryServer
from tests.support.forms import KEY
from tests.support.metering import Measured, Meter
from tests.support.methods import ISSUER, Method
from tests.support.scene import Scene, SignedIn, sign_in

Call = Callable[[], object]
Arrange = Callable[[Scene], Call]
SEVERAL: Final = 3
CACHE: Final = MemoryServer()
"""Of the calls with a cache of validations. It counts the trips to it."""
LARGE_DATA: Final = 15_500  # of an item of 16 KB
# How long a call waits at most for the one beside it: only a call that runs alone waits so long.
_WAIT_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Case:
    """One way to call a pattern."""

    pattern: AccessPattern
    when: str  # which of the pattern's costs it has; empty for the usual one
    arrange: Arrange  # prepares the table, for customers of its own, and returns the call to measure
    counts: Mapping[Per, int] = field(default_factory=dict)  # of the sessions, rows and parts of the index it finds
    label: str = ""  # what else there is to say about it
    item_kb: int = 1  # how large the sessions are that it finds
    on_top_of: AccessPattern | None = None  # its usual cost is paid in the same call
    side_by_side: int = 1  # how many calls run at the same time
    refused: int = 0  # writes whose condition fails: AWS bills them, and says nothing of them in its replies

    @property
    def promised(self) -> Amount:
        """The documented cost."""
        amount = self.pattern.cost(self.when).amount(self.counts, item_kb=self.item_kb)
        return amount + self.on_top_of.cost().amount() if self.on_top_of else amount

    @property
    def reported(self) -> Amount:
        """What of it the engine's replies tell."""
        return self.promised + Amount(0, -self.refused, 0)

    def measure(self, scene: Scene) -> Measured:
        """Arrange it in the scene and measure the call."""
        wait = _WAIT_SECONDS if self.side_by_side > 1 else 0.0
        meter = Meter(scene.disturbed_client, wait=wait, side_by_side=self.side_by_side)
        call, before = self.arrange(scene), len(BUCKET.calls)
        measured = meter.measure(call)
        in_s3 = Amount(0, 0, len(BUCKET.calls) - before)  # each of them waits for the one before, as the table's do
        return replace(measured, amount=measured.amount + in_s3)

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.pattern.name, self.when, self.label)))


def _new_customer() -> str:
    return f"customer-{secrets.token_hex(8)}"


def _one(pattern: AccessPattern, call: Method, when: str = "", *, minutes: int = 0, **more: Any) -> Case:
    """A call on one customer's session with a child, so long after the sign-in."""

    def arrange(scene: Scene) -> Call:
        signed_in = sign_in(scene.store, _new_customer())
        scene.clock.advance(timedelta(minutes=minutes))
        return lambda: call(scene.store, signed_in)

    return Case(pattern, when, arrange, **more)


def _first_use_of_a_new_token(scene: Scene) -> Call:
    token = sign_in(scene.store, _new_customer()).new_token
    return lambda: scene.store.validate(token)


def _takeover_by_a_new_token(scene: Scene) -> Call:
    token = sign_in(scene.store, _new_customer()).new_token
    store = scene.store_with(rotation_grace=timedelta(seconds=30))
    store.validate(token)
    scene.clock.advance(timedelta(seconds=61))
    return lambda: store.validate(token)


def _with_cache(call: Method, *, warm: bool = False) -> Arrange:
    """A call of a store with a cache of validations, which the store has used for the session already, or not."""

    def arrange(scene: Scene) -> Call:
        signed_in = sign_in(scene.store, _new_customer())
        store = scene.store_with(validation_cache=ValidationCache.on(CACHE))
        for _ in range(2 * warm):
            store.validate(signed_in.token)
        CACHE.trips = 0
        return lambda: call(store, signed_in)

    return arrange


def _validate_child(store: SessionStore, s: SignedIn) -> object:
    return store.validate(s.child_token, child=True)


def _validate_without_data(store: SessionStore, s: SignedIn | CreatedSession) -> object:
    return store.validate_and_rotate(s.token, with_data=False)


def _rotate_child(store: SessionStore, s: SignedIn) -> object:
    return store.rotate(s.child_token, child=True)


def _sign_in_again(scene: Scene, *, days: int = 0) -> Call:
    """A sign-in so long after another one of the customer."""
    customer_id = _new_customer()
    scene.store.create_session(customer_id)
    scene.clock.advance(timedelta(days=days))
    return lambda: scene.store.create_session(customer_id)


def _sign_in_with_a_key(scene: Scene, *, again: bool = False) -> Call:
    """A sign-in of a known customer with an idempotency key, that was used before or not."""
    customer_id = _new_customer()
    scene.store.create_session(customer_id, idempotency_key="key" if again else None)
    return lambda: scene.store.create_session(customer_id, idempotency_key="key")


def _sign_in_first_over_a_visitors(scene: Scene) -> Call:
    visitor = scene.store.create_session()
    return lambda: scene.store.create_session(_new_customer(), replaces=visitor.token)


def _extend_a_visitors(scene: Scene) -> Call:
    session_id = scene.store.create_session().session.session_id
    scene.clock.advance(timedelta(minutes=1))
    return lambda: scene.store.extend_session(session_id)


def _on_several(call: Callable[[SessionStore, str, str], object]) -> Arrange:
    """A call on a customer with several sessions: it gets the customer's id and the last session's."""

    def arrange(scene: Scene) -> Call:
        customer_id = _new_customer()
        ids = [scene.store.create_session(customer_id).session.session_id for _ in range(SEVERAL)]
        return lambda: call(scene.store, customer_id, ids[-1])

    return arrange


def _sign_in_with_a_limit(limit: int, *, others: int = SEVERAL, data: int = 0, days: int = 0) -> Arrange:
    """One more sign-in of a customer whose other sessions have so much data, so long after theirs."""

    def arrange(scene: Scene) -> Call:
        customer_id = _new_customer()
        for _ in range(others):
            scene.store.create_session(customer_id, data={"ui": "x" * data})
        scene.clock.advance(timedelta(days=days))
        store = scene.store_with(max_sessions_per_customer=limit)
        return lambda: store.create_session(customer_id)

    return arrange


def _limit(when: str, arrange: Arrange, label: str, *, ended: int = 0, item_kb: int = 1) -> Case:
    """Of the others, the index alone tells whether there is anything to look for."""
    counts = {Per.INDEX: 1} | ({Per.SESSION: SEVERAL, Per.ENDED: ended} if ended else {})
    return Case(
        patterns.LIMIT_SESSIONS, when, arrange, counts, label, item_kb=item_kb, on_top_of=patterns.CREATE_SESSION
    )


def _ending_all(when: str = "", *, but_one: bool = False) -> Case:
    """Ending all of a customer's sessions, side by side."""

    def end(store: SessionStore, customer_id: str, last: str) -> object:
        return store.end_customer_sessions(customer_id, except_session_id=last if but_one else None)

    ended = SEVERAL - but_one
    counts = {Per.INDEX: 1, Per.ENDED: ended}
    return Case(patterns.END_CUSTOMER_SESSIONS, when, _on_several(end), counts, side_by_side=ended)


def _encrypting(scene: Scene, key: str = KEY) -> SessionStore:
    """Another process's store, which encrypts."""
    return scene.store_with(encryption=Encryption(FernetKeyring(key), store_id="shop"))


def _sign_in_encrypting(*, first: bool = False) -> Arrange:
    """A sign-in of a known customer by a process that knows no data key, and maybe is the first that needs one."""

    def arrange(scene: Scene) -> Call:
        customer_id, key = _new_customer(), Fernet.generate_key().decode()
        _encrypting(scene, KEY if first else key).create_session(customer_id)
        store = _encrypting(scene, key)
        return lambda: store.create_session(customer_id)

    return arrange


def _in_s3(call: Callable[[SessionStore, CreatedSession], object]) -> Arrange:
    """A call on a customer's session whose data is in S3."""

    def arrange(scene: Scene) -> Call:
        store = scene.store_with(large_data=LargeData("any", threshold=1024, client=BUCKET))
        created = store.create_session(_new_customer(), data={"notes": "n" * 2_000})
        return lambda: call(store, created)

    return arrange


def _read_encrypted(read: Callable[[SessionStore, CreatedSession], object]) -> Arrange:
    """A call of a process that knows no data key."""

    def arrange(scene: Scene) -> Call:
        created = _encrypting(scene).create_session(_new_customer(), data={"visits": 1})
        return lambda: read(_encrypting(scene), created)

    return arrange


def _overtaken(pattern: AccessPattern, save: Callable[[SessionStore, Session], object]) -> tuple[Case, ...]:
    """A save from a session that another one has saved meanwhile, in each form that is one value."""

    def over(make: Callable[[Scene], SessionStore], **data: object) -> Arrange:
        def arrange(scene: Scene) -> Call:
            store = make(scene)
            session = store.create_session(_new_customer(), data={"visits": 1, **data}).session
            store.update_data(session, {"theme": "dark"})
            return lambda: save(store, session)

        return arrange

    compressed = over(lambda scene: scene.store_with(compression=True), cart=["tea"] * 200)
    return tuple(
        Case(pattern, OVERTAKEN, arrange, label=label, refused=1)
        for arrange, label in ((compressed, "compressed"), (over(_encrypting), "encrypted"))
    )


def _end_all_again(scene: Scene) -> Call:
    customer_id = _new_customer()
    for _ in range(SEVERAL):
        scene.store.create_session(customer_id)
    scene.store.end_customer_sessions(customer_id)
    return lambda: scene.store.end_customer_sessions(customer_id)


def _go_on_erasing(scene: Scene) -> Call:
    customer_id = _new_customer()
    for _ in range(SEVERAL + 1):
        scene.store.create_session(customer_id)
    cursor = scene.store.erase_customer(customer_id, limit=1).cursor
    return lambda: scene.store.erase_customer(customer_id, cursor=cursor)


def _sign_in_with_provider(*, again: bool = False, replaces: bool = False, first: bool = False) -> Arrange:
    """A sign-in in a provider's session, which is new unless it is made again."""

    def arrange(scene: Scene) -> Call:
        customer_id = _new_customer()
        session = ProviderSession(ISSUER, secrets.token_hex(8), datetime.fromtimestamp(scene.clock.now(), UTC))
        before = None
        if not first:
            before = scene.store.create_session(customer_id, provider_session=session if again else None).token
        replaced = before if replaces else None
        return lambda: scene.store.create_session(customer_id, provider_session=session, replaces=replaced)

    return arrange


def _log_out_at_provider(*, sessions: int = SEVERAL, by_sid: bool = True, before: str = "") -> Arrange:
    """A logout that the provider sends, by its session or for the customer, after another one with that `jti`."""

    def arrange(scene: Scene) -> Call:
        customer_id, now = _new_customer(), datetime.fromtimestamp(scene.clock.now(), UTC)
        sid = secrets.token_hex(8)
        for _ in range(sessions):
            scene.store.create_session(customer_id, provider_session=ProviderSession(ISSUER, sid, now))
        named = {"sid": sid} if by_sid else {"customer_id": customer_id}

        def log_out(jti: str, seconds: int) -> object:
            moment = now + timedelta(seconds=seconds)
            return scene.store.end_by_provider_logout(
                ISSUER, jti=sid + jti, issued_at=moment, expires_at=moment, **named
            )

        if before:
            log_out(before, 0)
        return lambda: log_out("one", 1)

    return arrange


_FOUND: Final = {Per.INDEX: 1, Per.SESSION: SEVERAL}
_FIRST: Final = "the customer's first"
_OVER: Final = "with more sessions than the limit"
_READ: Final = "from a session already read"
_KNOWN: Final = "of a known customer"
_CHILD: Final = "child's token"
_CHANGE: Final = {"language": "en"}

CASES: Final = (
    Case(patterns.CREATE_SESSION, "", _sign_in_again),
    Case(patterns.CREATE_SESSION, _FIRST, lambda scene: lambda: scene.store.create_session(_new_customer())),
    Case(
        patterns.CREATE_SESSION,
        "the customer's item would run out before the session",
        lambda scene: _sign_in_again(scene, days=31),
    ),
    Case(patterns.CREATE_SESSION, "anonymous", lambda scene: scene.store.create_session),
    Case(patterns.CREATE_SESSION, "with `idempotency_key`", _sign_in_with_a_key),
    Case(patterns.CREATE_SESSION, "again with that key", lambda scene: _sign_in_with_a_key(scene, again=True)),
    _one(patterns.SIGN_IN, lambda store, s: store.create_session(s.customer_id, replaces=s.token)),
    _one(patterns.SIGN_IN, lambda store, s: store.create_session(s.customer_id, replaces=s.root.session), _READ),
    Case(patterns.SIGN_IN, _FIRST, _sign_in_first_over_a_visitors),
    _limit(_OVER, _sign_in_with_a_limit(SEVERAL - 1), "2 more", ended=2),
    _limit("", _sign_in_with_a_limit(SEVERAL, others=1), ""),
    # Their rows are kept for the retention.
    _limit("", _sign_in_with_a_limit(1, data=100_000, days=1), "the others past their absolute end"),
    _limit(_OVER, _sign_in_with_a_limit(SEVERAL, data=LARGE_DATA), "1 more, of 16 KB", ended=1, item_kb=16),
    _one(patterns.GET_SESSION, lambda store, s: store.get_session(s.id)),
    _one(patterns.GET_SESSION, lambda store, s: store.get_session(s.id, customer_id=s.customer_id), label=_KNOWN),
    _one(patterns.GET_SESSION_STRICTLY, lambda store, s: store.get_session(s.id, strict=True)),
    _one(patterns.VALIDATE, lambda store, s: store.validate(s.token)),
    _one(patterns.VALIDATE, lambda store, s: store.validate(s.token, strict=True), "strict"),
    _one(patterns.VALIDATE, lambda store, s: store.validate(s.token), "at an extension", minutes=5),
    _one(
        patterns.VALIDATE,
        lambda store, s: store.validate(s.token, activity="none"),
        'with `activity="none"` where an extension is due',
        minutes=5,
    ),
    _one(patterns.VALIDATE, lambda store, s: store.validate_and_rotate(s.token), label="and rotate"),
    Case(patterns.VALIDATE, "first use of a new token", _first_use_of_a_new_token),
    Case(patterns.VALIDATE, "a new token takes over", _takeover_by_a_new_token),
    _one(patterns.VALIDATE, _validate_child, _CHILD, side_by_side=2),
    _one(patterns.VALIDATE, _validate_child, f"{_CHILD}, at an extension", minutes=5, side_by_side=2),
    Case(
        patterns.VALIDATE,
        "from the cache of validations",
        _with_cache(lambda store, s: store.validate(s.token), warm=True),
    ),
    Case(patterns.VALIDATE, "with a cache that lacks it", _with_cache(lambda store, s: store.validate(s.token))),
    Case(
        patterns.END_SESSION,
        "with a cache of validations",
        _with_cache(lambda store, s: store.end_session(s.root.session)),
    ),
    _one(patterns.VALIDATE_WITHOUT_DATA, _validate_without_data),
    _one(patterns.VALIDATE_WITHOUT_DATA, _validate_without_data, "at an extension", minutes=5),
    Case(patterns.VALIDATE_WITHOUT_DATA, IN_S3, _in_s3(_validate_without_data)),
    Case(patterns.VALIDATE_WITHOUT_DATA, NEW_TO_PROCESS, _read_encrypted(_validate_without_data)),
    _one(patterns.VALIDATE_READ_ONLY, lambda store, s: store.validate(s.token, activity="read_only"), minutes=5),
    _one(
        patterns.VALIDATE_READ_ONLY,
        lambda store, s: store.validate(s.child_token, child=True, activity="read_only"),
        _CHILD,
        minutes=5,
        side_by_side=2,
    ),
    _one(patterns.EXTEND_SESSION, lambda store, s: store.extend_session(s.id), minutes=1),
    _one(patterns.EXTEND_SESSION, lambda store, s: store.extend_session(s.root.session), label="as read", minutes=1),
    Case(patterns.EXTEND_SESSION, "anonymous", _extend_a_visitors),
    _one(patterns.END_SESSION, lambda store, s: store.end_session(s.root.session)),
    _one(patterns.END_SESSION, lambda store, s: store.end_session(s.id), "by id alone"),
    _one(patterns.CREATE_CHILD_SESSION, lambda store, s: store.create_child_session(s.id)),
    _one(
        patterns.CREATE_CHILD_SESSION,
        lambda store, s: store.create_child_session(s.id, customer_id=s.customer_id),
        label=_KNOWN,
    ),
    _one(patterns.CREATE_CHILD_SESSION, lambda store, s: store.create_child_session(s.root.session), _READ),
    _one(patterns.END_CHILD_SESSION, lambda store, s: store.end_child_session(s.id, s.child_id)),
    _one(patterns.GET_CHILD_SESSIONS, lambda store, s: store.get_child_sessions(s.id), counts={Per.COLLECTION: 1}),
    _one(
        patterns.GET_CHILD_SESSIONS,
        lambda store, s: store.get_child_sessions(s.id, cursor=s.id),
        "going on with a cursor",
        counts={Per.COLLECTION: 1},
    ),
    _one(patterns.GET_SESSION_BY_CHILD, lambda store, s: store.get_session_by_child(s.child_id)),
    Case(patterns.GET_LAST_LOGIN_TIME, "", _on_several(lambda store, name, _: store.get_last_login_time(name))),
    _one(patterns.GET_SESSION_OF_CUSTOMER, lambda store, s: store.get_session(s.id, customer_id=s.customer_id)),
    Case(
        patterns.GET_CUSTOMER_SESSIONS,
        "",
        _on_several(lambda store, name, _: store.get_customer_sessions(name)),
        _FOUND,
    ),
    _one(patterns.ROTATE, lambda store, s: store.rotate(s.token)),
    _one(patterns.ROTATE, lambda store, s: store.rotate(s.token), "at an extension", minutes=5),
    _one(patterns.ROTATE, lambda store, s: store.rotate(s.new_token), "first use of a new token"),
    _one(patterns.ROTATE, lambda store, s: store.rotate(s.token, end_children=True), "with `end_children`"),
    _one(patterns.ROTATE, _rotate_child, _CHILD, side_by_side=2),
    _one(patterns.ROTATE, _rotate_child, f"{_CHILD}, at an extension", minutes=5, side_by_side=2),
    _one(patterns.UPDATE_DATA, lambda store, s: store.update_data(s.id, _CHANGE)),
    _one(
        patterns.UPDATE_DATA, lambda store, s: store.update_data(s.id, _CHANGE, customer_id=s.customer_id), label=_KNOWN
    ),
    _one(patterns.UPDATE_DATA, lambda store, s: store.update_data(s.root.session, _CHANGE), _READ),
    _one(patterns.UPDATE_DATA, lambda store, s: store.save_changes(s.id, _CHANGE), label="not read back"),
    _one(
        patterns.UPDATE_DATA, lambda store, s: store.save_changes(s.root.session, _CHANGE), _READ, label="not read back"
    ),
    _one(patterns.UPDATE_DATA, lambda store, s: store.replace_data(s.id, {}, version=1), label="all of it replaced"),
    _one(patterns.INCREMENT, lambda store, s: store.increment(s.id, "visits")),
    _one(patterns.INCREMENT, lambda store, s: store.increment(s.id, "visits", customer_id=s.customer_id), label=_KNOWN),
    _one(patterns.INCREMENT, lambda store, s: store.increment(s.root.session, "visits"), _READ),
    _one(patterns.TAKE, lambda store, s: store.take(s.id, "visits")),
    _one(patterns.TAKE, lambda store, s: store.take(s.id, "visits", customer_id=s.customer_id), label=_KNOWN),
    _one(patterns.TAKE, lambda store, s: store.take(s.root.session, "visits"), _READ),
    *_overtaken(patterns.UPDATE_DATA, lambda store, session: store.update_data(session, _CHANGE)),
    *_overtaken(patterns.INCREMENT, lambda store, session: store.increment(session, "visits")),
    *_overtaken(patterns.TAKE, lambda store, session: store.take(session, "visits")),
    Case(patterns.CREATE_SESSION, NEW_TO_PROCESS, _sign_in_encrypting()),
    Case(
        patterns.CREATE_SESSION,
        IN_S3,
        _in_s3(lambda store, s: store.create_session(s.session.customer_id, data=s.session.data)),
    ),
    Case(patterns.GET_SESSION, IN_S3, _in_s3(lambda store, s: store.get_session(s.session.session_id))),
    Case(patterns.VALIDATE, IN_S3, _in_s3(lambda store, s: store.validate(s.token))),
    Case(patterns.UPDATE_DATA, IN_S3, _in_s3(lambda store, s: store.update_data(s.session.session_id, _CHANGE))),
    Case(
        patterns.CREATE_SESSION,
        "of encrypted data, the first of the week",
        _sign_in_encrypting(first=True),
    ),
    Case(
        patterns.GET_SESSION, NEW_TO_PROCESS, _read_encrypted(lambda store, s: store.get_session(s.session.session_id))
    ),
    Case(patterns.VALIDATE, NEW_TO_PROCESS, _read_encrypted(lambda store, s: store.validate(s.token))),
    Case(patterns.PROVIDER_SIGN_IN, "", _sign_in_with_provider()),
    Case(patterns.PROVIDER_SIGN_IN, "in a provider's session that is known", _sign_in_with_provider(again=True)),
    Case(patterns.PROVIDER_SIGN_IN, _FIRST, _sign_in_with_provider(first=True)),
    Case(patterns.PROVIDER_SIGN_IN, "with `replaces`", _sign_in_with_provider(replaces=True)),
    Case(patterns.PROVIDER_LOGOUT, "", _log_out_at_provider(), {Per.ENDED: SEVERAL}, side_by_side=SEVERAL),
    Case(
        patterns.PROVIDER_LOGOUT,
        "with `customer_id` alone",
        _log_out_at_provider(by_sid=False),
        {Per.INDEX: 1, Per.ENDED: SEVERAL},
        side_by_side=SEVERAL,
    ),
    Case(
        patterns.PROVIDER_LOGOUT,
        "with `customer_id` alone again, within an hour",
        _log_out_at_provider(by_sid=False, before="another"),
        _FOUND,
    ),
    Case(patterns.PROVIDER_LOGOUT, "before its session", _log_out_at_provider(sessions=0)),
    Case(patterns.PROVIDER_LOGOUT, "the same token again", _log_out_at_provider(before="one")),
    _ending_all(),
    _ending_all("all but one", but_one=True),
    Case(patterns.END_CUSTOMER_SESSIONS, "again, within an hour", _end_all_again, _FOUND),
    # The children's rows go before their session's; the collection of a session without children is one row.
    _one(
        patterns.ERASE_CUSTOMER,
        lambda store, s: store.erase_customer(s.customer_id),
        "sessions with children",
        counts={Per.INDEX: 1, Per.SESSION: 1, Per.ROW: 2},
    ),
    Case(
        patterns.ERASE_CUSTOMER,
        "",
        _on_several(lambda store, name, _: store.erase_customer(name)),
        _FOUND | {Per.ROW: SEVERAL},
    ),
    Case(patterns.ERASE_CUSTOMER, "going on with a cursor", _go_on_erasing, _FOUND | {Per.ROW: SEVERAL}),
)
