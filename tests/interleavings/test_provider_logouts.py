"""A logout that the provider sends against sign-ins with it, and against each other, in every order of their calls.

Once both are acknowledged, no session is good that was made with what the provider said before its logout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, Final

import pytest

from session_store import CreatedSession, InvalidTokenError, ProviderSession, ProviderSessionEndedError
from session_store.storage import schema
from session_store.storage.requests import DynamoDBClient
from session_store.testing.memory_engine import MemoryClient
from tests.interleavings.scheduler import Fault, Loss, Outcome, Participation, Run, explore
from tests.interleavings.world import CUSTOMER, DUE, World
from tests.support.figures import Count

FIGURE: Final = "interleavings, of a provider's logout"
ISSUER: Final = "https://idp.example"
NEW: Final = "new"
BY_SID: Final = {"sid": "s-1"}
BY_BOTH: Final = {"sid": "s-1", "customer_id": CUSTOMER}
BY_CUSTOMER: Final = {"customer_id": CUSTOMER}
WAYS: Final = pytest.mark.parametrize("named", [BY_SID, BY_BOTH, BY_CUSTOMER], ids=["sid", "sid and sub", "sub"])


@dataclass
class Login:
    """A customer who is signed in with the provider already, and a visitor who never was."""

    world: World
    start: dict[str, Any]  # rows and moment
    inside: CreatedSession  # made in the provider's session

    def sign_in(self, customer_id: str = CUSTOMER, replaces: str | None = None) -> Participation:
        """The callback of a sign-in that the provider has answered before its logout."""
        session = ProviderSession(ISSUER, "s-1", self.start["moment"] - timedelta(seconds=1))

        def run(client: DynamoDBClient) -> CreatedSession:
            return self.world.store(client).create_session(customer_id, provider_session=session, replaces=replaces)

        return run

    def log_out(self, named: dict[str, str], jti: str = "one") -> Participation:
        moment = self.start["moment"]

        def run(client: DynamoDBClient) -> int:
            store = self.world.store(client)
            return store.end_by_provider_logout(ISSUER, jti=jti, issued_at=moment, expires_at=moment, **named)

        return run

    def runs(self, *operations: Participation, faults: Sequence[Fault | None] = (None,)) -> Iterator[Run]:
        for fault in faults:
            yield from explore(operations, self._put_back, fault)

    def _put_back(self) -> MemoryClient:
        self.world.clock.set(self.start["moment"])
        self.world.table.rows = dict(self.start["rows"])
        self.world.table.settled.clear()
        return self.world.client

    def is_good(self, token: str, *, strict: bool = True) -> bool:
        try:
            self.world.store().validate(token, strict=strict)
        except InvalidTokenError:
            return False
        return True

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.world.table.rows.values() if row["entity_type"]["S"] == kind]


@pytest.fixture
def login(world: World) -> Login:
    moment = datetime.fromtimestamp(world.clock.now(), UTC)
    inside = world.store().create_session(CUSTOMER, provider_session=ProviderSession(ISSUER, "s-1", moment))
    world.clock.advance(timedelta(seconds=2))
    return Login(world, world.now(), inside)


def faults_of(writes: Sequence[tuple[int, int]]) -> list[Fault | None]:
    """No fault, then each of these writes of a participant timing out, in both ways."""
    return [None, *(Fault(*write, loss) for write, loss in product(writes, Loss))]


def was_refused(outcome: Outcome) -> bool:
    assert outcome.error is None or isinstance(outcome.error, ProviderSessionEndedError), outcome.error
    return outcome.error is not None


@pytest.mark.shows("T77", "T129")
@WAYS
@pytest.mark.parametrize("customer_id", [CUSTOMER, NEW])
def test_a_sign_in_that_meets_it_is_refused_or_its_session_ends(
    login: Login, count: Count, named: dict[str, str], customer_id: str
) -> None:
    named = named | {"customer_id": customer_id} if "customer_id" in named else named
    writes = [(0, int(customer_id == NEW)), (1, 0)]  # the transaction, after the row of a new customer, and the mark
    refused = []
    for run in login.runs(login.sign_in(customer_id), login.log_out(named), faults=faults_of(writes)):
        count(FIGURE, 1)
        sign_in, log_out = run.outcomes
        assert log_out.error is None, run
        refused.append(was_refused(sign_in))
        if not refused[-1]:
            assert not login.is_good(sign_in.value.token), run
            login.world.clock.advance(DUE)
            assert not login.is_good(sign_in.value.token, strict=False), run
    assert set(refused) == {True, False}


@WAYS
def test_with_a_session_to_replace_all_of_the_sign_in_happens_or_nothing(
    login: Login, count: Count, named: dict[str, str]
) -> None:
    visitors = login.world.store().create_session()
    login.start = login.world.now()
    for run in login.runs(login.sign_in(replaces=visitors.token), login.log_out(named)):
        count(FIGURE, 1)
        sign_in, log_out = run.outcomes
        assert log_out.error is None, run
        assert login.is_good(visitors.token) is was_refused(sign_in), run
        if sign_in.error is None:
            assert not login.is_good(sign_in.value.token), run


def test_two_sign_ins_in_one_session_of_the_provider_are_both_noted(login: Login, count: Count) -> None:
    both = [login.sign_in(), login.sign_in(replaces=login.inside.token)]
    for run in login.runs(*both, faults=faults_of([(0, 0), (1, 0)])):
        count(FIGURE, 1)
        made = [outcome.value.token for outcome in run.outcomes]
        assert all(map(login.is_good, made)), run
        login.log_out(BY_SID)(login.world.client)
        assert not any(map(login.is_good, made)), run


def test_of_two_callbacks_in_place_of_one_session_each_is_noted(login: Login, count: Count) -> None:
    both = [login.sign_in(replaces=login.inside.token)] * 2
    for run in login.runs(*both):
        count(FIGURE, 1)
        made = [outcome.value.token for outcome in run.outcomes]
        assert not login.is_good(login.inside.token), run
        login.log_out(BY_SID)(login.world.client)
        assert not any(map(login.is_good, made)), run


@pytest.mark.parametrize("named", [BY_SID, BY_BOTH], ids=["sid", "sid and sub"])
@pytest.mark.parametrize("other", ["one", "two"], ids=["the same token", "another token"])
def test_two_logouts_do_each_other_no_harm(login: Login, count: Count, named: dict[str, str], other: str) -> None:
    for run in login.runs(login.log_out(named), login.log_out(named, other)):
        count(FIGURE, 1)
        assert [outcome.error for outcome in run.outcomes] == [None, None], run
        assert not login.is_good(login.inside.token), run
        assert login.log_out(named)(login.world.client) == 0, run


@WAYS
def test_a_session_that_is_replaced_meanwhile_is_over_in_any_order(
    login: Login, count: Count, named: dict[str, str]
) -> None:
    def replace(client: DynamoDBClient) -> CreatedSession:
        return login.world.store(client).create_session(CUSTOMER, replaces=login.inside.token)

    for run in login.runs(replace, login.log_out(named)):
        count(FIGURE, 1)
        assert [outcome.error for outcome in run.outcomes] == [None, None], run
        assert not login.is_good(login.inside.token), run


@WAYS
def test_an_erasure_leaves_nothing_of_the_sessions_that_a_logout_ends(
    login: Login, count: Count, named: dict[str, str]
) -> None:
    erase: Callable[[DynamoDBClient], Any] = lambda client: login.world.store(client).erase_customer(CUSTOMER)  # noqa: E731
    for run in login.runs(erase, login.log_out(named)):
        count(FIGURE, 1)
        assert [outcome.error for outcome in run.outcomes] == [None, None], run
        assert not login.is_good(login.inside.token), run
        for kind in (schema.EntityType.SESSION, schema.EntityType.CHILD_SESSION, schema.EntityType.PROVIDER_SESSION):
            assert not login.rows(kind), run
        # The mark of a logout from everywhere may come after the erasure. Its row runs out in a day.
        assert len(login.rows(schema.EntityType.CUSTOMER)) <= ("sid" not in named), run
