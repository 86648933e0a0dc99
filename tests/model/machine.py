"""The state machine: it drives the real store, with faults, and holds the whole table against the model each time."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, ClassVar, Final, cast

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from session_store import (
    EndReason,
    InvalidTokenError,
    Rotation,
    SessionNotFoundError,
    StoreUnavailableError,
    Timeouts,
    tokens,
)
from session_store.model import WebActivity
from session_store.testing import MovableClock
from tests.model import rules, views
from tests.model.rules import Expected
from tests.model.views import NOT_A_HASH, Customer, Held, State, View
from tests.support.engines import Engine
from tests.support.faults import FOREVER, Faults
from tests.support.methods import attempt
from tests.support.scene import children_of, new_scene

CUSTOMERS: Final = ("ana", "bo")
TIMEOUTS: Final = (Timeouts(), Timeouts(timedelta(minutes=5), timedelta(minutes=20)))
MOST_SESSIONS: Final = 12
KEYS: Final = ("left", "right")
REASON: Final = st.sampled_from(EndReason)
SESSION = st.integers(0, MOST_SESSIONS - 1)
PASSING: Final[dict[str, Callable[[Faults, int], None]]] = {
    "lost reply": lambda faults, skip: faults.lose_reply(skip=skip),
    "lost request": lambda faults, skip: faults.lose_request(skip=skip),
    "request without effect": lambda faults, skip: faults.stall_request(skip=skip),
    "throttled": lambda faults, skip: faults.throttle(skip=skip),
}
LASTING: Final[dict[str, Callable[[Faults, int], None]]] = {
    "no replies": lambda faults, skip: faults.lose_reply(skip=skip, times=FOREVER),
    "no connection": lambda faults, skip: faults.lose_request(skip=skip, times=FOREVER),
}
FAULTS: Final = PASSING | LASTING


class StepClock(MovableClock):
    """Time passes between the steps alone: within one, waiting only uses up the method's budget."""

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._monotonic += seconds


class SessionMachine(RuleBasedStateMachine):
    """One customer base with its browsers, and everything that can happen to it."""

    engine: ClassVar[Engine]  # set by the test
    steps: ClassVar[int] = 0  # that all runs together have made

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._scene = self._stack.enter_context(new_scene(self.engine, clock_type=StepClock))
        clock = self._scene.clock
        # Faults move the budget of the method, not the time of day.
        self._scene.faults.clock = cast("Any", SimpleNamespace(monotonic=clock.monotonic, advance=clock.sleep))
        self._store = self._scene.store
        self._state = State({}, {}, {})
        self._tokens: dict[str, list[Held]] = {}  # of each session or child, oldest first
        self._hidden: set[str] = set()
        self._lasting = False

    def teardown(self) -> None:
        self._stack.close()

    # Starting

    @precondition(lambda self: len(self._roots()) < MOST_SESSIONS)
    @rule(customer=st.sampled_from((*CUSTOMERS, None)), timeouts=st.sampled_from(TIMEOUTS))
    def sign_in(self, customer: str | None, timeouts: Timeouts) -> None:
        self._step(
            lambda: self._store.create_session(customer, timeouts=timeouts),
            lambda state: rules.sign_in(state, customer, self._new_view(customer, timeouts), self._now),
        )

    @precondition(lambda self: len(self._roots()) < MOST_SESSIONS)
    @rule(customer=st.sampled_from((*CUSTOMERS, None)))
    def sign_in_with_key(self, customer: str | None) -> None:
        view = self._new_view(customer, TIMEOUTS[0])
        self._step(
            lambda: self._store.create_session(customer, idempotency_key="key"),
            lambda state: rules.sign_in_with_key(state, customer, view, self._now),
        )

    @precondition(lambda self: 0 < len(self._roots()) < MOST_SESSIONS)
    @rule(customer=st.sampled_from(CUSTOMERS), which=SESSION, secret=st.integers(-2, -1))
    def sign_in_over(self, customer: str, which: int, secret: int) -> None:
        old, held = self._token_of(self._roots(), which, secret)

        def expect(state: State) -> Expected:
            data, view = "{}", state.views[old]
            closing = view.state == "closing" and view.is_shown(self._now)
            if held and (closing or rules.admit(state, old, held, self._now) is None):
                if view.customer_id in {None, customer} and not closing:
                    data = view.data
                rules.end(state, old, EndReason.REPLACED)
            rules.sign_in(state, customer, self._new_view(customer, TIMEOUTS[0])._replace(data=data), self._now)
            return None

        replaced = held.text if held else ""
        self._step(lambda: self._store.create_session(customer, replaces=replaced, carry_data=True), expect)

    @precondition(lambda self: self._roots() and len(self._state.views) < 2 * MOST_SESSIONS)
    @rule(which=SESSION)
    def create_child(self, which: int) -> None:
        root = self._one_of(self._roots(), which)

        def expect(state: State) -> Expected:
            view = state.views[root]
            if not view.is_live(self._now):
                return SessionNotFoundError
            state.views["new"] = View(view.customer_id, view.absolute, root=root, mark=view.mark)
            return None

        self._step(lambda: self._store.create_child_session(root), expect)

    # Tokens

    @precondition(lambda self: self._state.views)
    @rule(
        which=st.integers(0, 30),
        secret=st.integers(-3, -1),
        strict=st.booleans(),
        activity=st.sampled_from(("recorded", "none")),
    )
    def validate(self, which: int, secret: int, strict: bool, activity: WebActivity) -> None:  # noqa: FBT001 - by name
        holder, held = self._token_of(sorted(self._state.views), which, secret)
        if held is None:
            return
        child = self._state.views[holder].root is not None
        self._step(
            lambda: self._store.validate(held.text, child=child, strict=strict, activity=activity),
            lambda state: rules.use(state, holder, held, self._now, strict=strict, extends=activity == "recorded"),
            touches=True,
            # Of what a cache is to have, the customer's row is asked.
            or_else=(lambda state: rules.use(state, holder, held, self._now, strict=True)) if self._is_cached else None,
        )

    @precondition(lambda self: self._state.views)
    @rule(which=st.integers(0, 30))
    def guess(self, which: int) -> None:
        """An attacker who knows an id has made up the rest."""
        holder = self._one_of(sorted(self._state.views), which)
        root = self._state.views[holder].root
        token = tokens.Token.new(root or holder, holder if root else None).encode()
        self._step(lambda: self._store.rotate(token, child=root is not None), lambda _: InvalidTokenError)

    @precondition(lambda self: self._state.views)
    @rule(which=st.integers(0, 30), secret=st.integers(-3, -1))
    def rotate(self, which: int, secret: int) -> None:
        holder, held = self._token_of(sorted(self._state.views), which, secret)
        if held is None:
            return
        child = self._state.views[holder].root is not None
        result = self._step(
            lambda: self._store.rotate(held.text, child=child),
            lambda state: rules.use(state, holder, held, self._now),
            touches=True,
        )
        if result is not None:
            secrets = self._state.views[holder].secrets
            assert (result.token is not None) is (held.secret == secrets.head and secrets.first_used_at is None)

    # Saves

    @precondition(lambda self: self._roots())
    @rule(which=SESSION, key=st.sampled_from(KEYS), value=st.integers(0, 3) | st.none(), how=st.integers(0, 9))
    def update(self, which: int, key: str, value: int | None, how: int) -> None:
        session = self._one_of(self._roots(), which)
        data = {name: each for name, each in (self._data_of(session) | {key: value}).items() if each is not None}
        closing, blindly = how == 0, how % 2 == 1
        self._step(
            lambda: (
                self._store.save_changes(session, {key: value})
                if blindly
                else self._store.update_data(session, {key: value}, closing=closing)
            ),
            lambda state: rules.save(state, session, data, self._now, closing=closing),
        )

    @precondition(lambda self: self._roots())
    @rule(which=SESSION, key=st.sampled_from(KEYS))
    def increment(self, which: int, key: str) -> None:
        session = self._one_of(self._roots(), which)
        data = self._data_of(session)
        data[key] = data.get(key, 0) + 1
        self._step(
            lambda: self._store.increment(session, key), lambda state: rules.save(state, session, data, self._now)
        )

    @precondition(lambda self: self._roots())
    @rule(which=SESSION, key=st.sampled_from(KEYS))
    def take(self, which: int, key: str) -> None:
        session = self._one_of(self._roots(), which)
        data = self._data_of(session)
        there = data.pop(key, None) is not None
        self._step(
            lambda: self._store.take(session, key),
            lambda state: rules.save(state, session, data, self._now, changes=there),
        )

    @precondition(lambda self: self._roots())
    @rule(which=SESSION, stale=st.booleans())
    def replace(self, which: int, stale: bool) -> None:  # noqa: FBT001 - Hypothesis gives it by name
        session = self._one_of(self._roots(), which)
        version = self._state.views[session].version + stale
        self._step(
            lambda: self._store.replace_data(session, {"left": 9}, version=version),
            lambda state: rules.save(state, session, {"left": 9}, self._now, version=version),
        )

    @precondition(lambda self: self._roots())
    @rule(which=SESSION)
    def extend(self, which: int) -> None:
        session = self._one_of(self._roots(), which)
        self._step(lambda: self._store.extend_session(session), lambda state: rules.extend(state, session, self._now))

    # Ending

    @precondition(lambda self: self._state.views)
    @rule(which=st.integers(0, 30), reason=REASON)
    def expire(self, which: int, reason: EndReason) -> None:
        holder = self._one_of(sorted(self._state.views), which)
        root = self._state.views[holder].root
        before = self._state.views[holder].state
        result = self._step(
            lambda: (
                self._store.end_child_session(root, holder, reason=reason)
                if root
                else self._store.end_session(holder, reason=reason)
            ),
            lambda state: rules.end(state, holder, reason),
        )
        assert result is None or result is (before != "ended")

    @rule(customer=st.sampled_from(CUSTOMERS), which=SESSION, keep=st.booleans(), reason=REASON)
    def end_all(self, customer: str, which: int, keep: bool, reason: EndReason) -> None:  # noqa: FBT001 - by name
        kept = self._one_of(self._roots(), which) if keep and self._roots() else None
        self._step(
            lambda: self._store.end_customer_sessions(customer, except_session_id=kept, limit=100, reason=reason),
            lambda state: rules.end_all(state, customer, kept, self._hidden, self._now, reason=reason),
        )

    @rule(customer=st.sampled_from(CUSTOMERS), really=st.integers(0, 3))
    def purge(self, customer: str, really: int) -> None:
        if not really:
            self._step(
                lambda: self._store.erase_customer(customer, limit=100),
                lambda state: rules.purge(state, customer, self._hidden),
            )

    # Reading

    @precondition(lambda self: self._roots())
    @rule(which=SESSION)
    def read(self, which: int) -> None:
        session = self._one_of(self._roots(), which)
        view = self._state.views[session]
        shown = view.is_shown(self._now)
        found = self._step(lambda: (self._store.get_session(session),), lambda _: None)
        assert found is None or (found[0] is not None) is shown
        children = self._step(lambda: (children_of(self._store, session),), lambda _: None)
        if children is not None:
            alive = [child for child in self._state.children(session) if self._state.views[child].is_shown(self._now)]
            expected = sorted(alive) if shown else None
            assert (children[0] and [child.child_session_id for child in children[0]]) == (expected or children[0])
            assert (children[0] is None) is not shown

    @rule(customer=st.sampled_from(CUSTOMERS))
    def list_sessions(self, customer: str) -> None:
        page = self._step(lambda: self._store.get_customer_sessions(customer, limit=100), lambda _: None)
        hits = rules.shown_in_index(self._state, customer, self._hidden)
        if page is not None:
            assert [session.session_id for session in page.sessions] == [
                session for session in hits if self._state.views[session].is_shown(self._now)
            ]
        last = self._step(lambda: (self._store.get_last_login_time(customer),), lambda _: None)
        assert last is None or (last[0] is not None) is bool(hits)

    # The world

    @rule(seconds=st.sampled_from((1, 60, 119, 120, 241, 301, 1801, 43201)))
    def let_time_pass(self, seconds: int) -> None:
        self._scene.clock.advance(seconds)

    @precondition(lambda self: self._roots())
    @rule(which=SESSION)
    def let_the_index_lag(self, which: int) -> None:
        session = self._one_of(self._roots(), which)
        faults = self._scene.faults
        (faults.show_in_index if session in self._hidden else faults.hide_from_index)(session)
        self._hidden ^= {session}

    def arm(self, name: str, skip: int) -> None:
        """Let a later request fail."""
        self._disarm()
        FAULTS[name](self._scene.faults, skip)
        self._lasting = name in LASTING

    # Three rules, so that it happens often, and to the first requests most often.
    next_fails = rule(name=st.sampled_from(sorted(FAULTS)), skip=st.just(0))(arm)
    one_after_the_next_fails = rule(name=st.sampled_from(sorted(FAULTS)), skip=st.just(1))(arm)
    later_one_fails = rule(name=st.sampled_from(sorted(FAULTS)), skip=st.integers(2, 5))(arm)

    @property
    def _is_cached(self) -> bool:
        return self.engine.form.is_cached

    def _disarm(self) -> None:
        self._scene.faults.clear()
        self._lasting = False

    # How a step is judged

    def _step(
        self,
        call: Callable[[], Any],
        expect: Callable[[State], Expected],
        *,
        touches: bool = False,
        or_else: Callable[[State], Expected] | None = None,
    ) -> Any:
        """Run an operation on the store and on the model; None when its outcome is open.

        It may also be refused by the rule `or_else`.
        """
        type(self).steps += 1
        before, after = self._state, self._state.copy()
        expected = expect(after)
        error, result = attempt(call)
        if or_else and expected is None and isinstance(error, InvalidTokenError):
            after = self._state.copy()
            expected = or_else(after)
        struck = bool(self._scene.faults.struck)
        lasting = self._lasting
        if struck:  # until then it waits for an operation that gets so far
            self._disarm()
        observed = views.read(self.engine.rows(self._scene.table_name))
        if struck and lasting and isinstance(error, StoreUnavailableError):
            _check_open(before, after, observed)
            result = None
        else:
            assert type(error) is (expected or type(None)), f"{error!r} in place of {expected}"
            self._learn(result, observed)
            _check_settled(before, after, observed, may_lack_touch=touches and struck)
        self._state = observed
        return result

    def _learn(self, result: Any, observed: State) -> None:
        """Keep a token that was handed out."""
        text = getattr(result, "token", None)
        if text is not None:
            token = tokens.parse(text)
            holder = token.child_session_id or token.session_id
            epoch = observed.views[holder].secrets.epoch + 1 if isinstance(result, Rotation) else 0
            self._tokens.setdefault(holder, []).append(Held(text, token.token_hash, epoch, self._now))

    # What there is

    @property
    def _now(self) -> int:
        return int(self._scene.clock.now())

    def _roots(self) -> list[str]:
        return sorted(session_id for session_id, view in self._state.views.items() if view.root is None)

    @staticmethod
    def _one_of(ids: list[str], which: int) -> str:
        return ids[which % len(ids)]

    def _token_of(self, ids: list[str], which: int, secret: int) -> tuple[str, Held | None]:
        """A session or child and one of its tokens, -1 for the newest. None if no client holds one."""
        holder = self._one_of(ids, which)
        held = self._tokens.get(holder, [])
        return holder, held[max(secret, -len(held))] if held else None

    def _data_of(self, session_id: str) -> dict[str, Any]:
        return dict(ast.literal_eval(self._state.views[session_id].data))

    def _new_view(self, customer: str | None, timeouts: Timeouts) -> View:
        idle, absolute = int(timeouts.idle.total_seconds()), int(timeouts.absolute.total_seconds())
        view = View(customer, self._now + absolute)
        return view._replace(last_seen=self._now, idle=idle, expires_at=self._now + idle)


def _check_settled(before: State, after: State, observed: State, *, may_lack_touch: bool) -> None:
    """The table is what the model says; an extension that met a fault may be missing."""
    marked = [key for key, view in after.views.items() if view.mark == rules.NEW_MARK]
    assert all(observed.views[key].mark not in {None, before.views[key].mark} for key in marked)
    after = _with_what_only_the_store_knows(before, after, observed)
    assert (observed.customers, observed.noted) == (after.customers, after.noted)
    raised = [name for name, row in after.customers.items() if row != before.customers.get(name)]
    assert all(observed.customers[name].generation > _generation(before, name) for name in raised)
    if may_lack_touch:
        after = State({key: _touched_as(view, before, observed, key) for key, view in after.views.items()}, {}, {})
    assert observed.views == after.views


def _generation(state: State, customer_id: str) -> int:
    customer = state.customers.get(customer_id)
    return 0 if customer is None else customer.generation


def _check_open(before: State, after: State, observed: State) -> None:
    """The outcome is unknown. Each row is as before, as after, or on its way to be erased."""
    after = _with_what_only_the_store_knows(before, after, observed)
    for key in {*before.views, *after.views, *observed.views}:
        allowed = [before.views.get(key), after.views.get(key)]
        if key in before.views and (key not in after.views or after.views[key].state == "ended"):
            allowed.append(before.views[key].ended(EndReason.ALL_ENDED))
        assert observed.views.get(key) in allowed, key
    for owner in {*before.noted, *after.noted, *observed.noted}:
        assert observed.noted.get(owner) in {before.noted.get(owner), after.noted.get(owner)}, owner
    _check_whole(before, after, observed)


def _check_whole(before: State, after: State, observed: State) -> None:
    """A new session and the end of the one that it replaces are there both or neither."""
    new = observed.views.keys() - before.views.keys()
    replaced = [key for key, view in before.views.items() if key in after.views and after.views[key] != view]
    if after.views.keys() - before.views.keys() and len(replaced) == 1:
        assert bool(new) is (observed.views[replaced[0]] != before.views[replaced[0]])


def _with_what_only_the_store_knows(before: State, after: State, observed: State) -> State:
    """The model's state with the ids and hashes that the store has made up, and the height of the generations."""
    views = dict(after.views)
    new = observed.views.keys() - before.views.keys()
    noted = dict(after.noted)
    if "new" in views:
        made = views.pop("new")
        views |= dict.fromkeys(new, made)
        noted |= {
            key: row._replace(session_id=each) for key, row in noted.items() if row.session_id == "new" for each in new
        }
    customers = dict(after.customers)
    for name, customer in after.customers.items():
        seen_row, was_row = observed.customers.get(name), before.customers.get(name)
        if seen_row is not None and customer != was_row:
            customers[name] = _as_seen(customer, was_row, seen_row)
    for key, view in views.items():
        seen, was = observed.views.get(key), before.views.get(key)
        if seen is not None and view.secrets.head == NOT_A_HASH:
            view = view._replace(secrets=view.secrets._replace(head=seen.secrets.head))  # noqa: PLW2901
        if seen is not None and view.mark == rules.NEW_MARK:
            view = view._replace(mark=seen.mark)  # noqa: PLW2901
        if seen is not None and view.customer_id in customers and (was is None or view.generation != was.generation):
            customer = customers[view.customer_id]
            view = view._replace(row_id=view.row_id and customer.row_id)  # noqa: PLW2901
            view = view._replace(generation=view.generation and customer.generation)  # noqa: PLW2901
        views[key] = view
    return State(views, customers, noted)


def _as_seen(customer: Customer, was: Customer | None, seen: Customer) -> Customer:
    """The row with the id that the store has made up, the generation's height, and without a note that met a fault."""
    if was is None:
        customer = customer._replace(row_id=seen.row_id)
    assert seen.generation >= (was or customer).generation
    noted = was is None or customer.covered != was.covered
    if noted and seen.covered in {seen.generation, was.covered if was else 0}:
        customer = customer._replace(covered=seen.covered, kept=seen.kept)
    return customer._replace(generation=seen.generation)


def _touched_as(view: View, before: State, observed: State, key: str) -> View:
    """The view, with the extension and the secrets as before where the table shows them so."""
    was, seen = before.views.get(key), observed.views.get(key)
    if was is None or seen is None:
        return view
    if (seen.last_seen, seen.expires_at) == (was.last_seen, was.expires_at) and view.state == was.state:
        view = view._replace(last_seen=was.last_seen, expires_at=was.expires_at)
    if seen.secrets == was.secrets and view.state == was.state:
        view = view._replace(secrets=was.secrets)
    return view
