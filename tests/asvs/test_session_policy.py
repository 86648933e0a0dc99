"""The written policy says what the code does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.paths import ROOT
from session_store import InvalidInputError, InvalidTokenError, SessionSettings, SessionStore, Timeouts
from session_store.kernel.web_settings import DEFAULT_MAX_AUTH_AGE
from session_store.model import DEFAULT_TIMEOUTS, MAX_ABSOLUTE_TIMEOUT
from session_store.testing import MovableClock

POLICY = (ROOT / "docs" / "session-policy.md").read_text(encoding="utf-8")


def row(first_cell: str) -> str:
    """The row of the policy's tables that begins with a cell."""
    return next(line for line in POLICY.splitlines() if line.startswith(f"| {first_cell}"))


@pytest.mark.shows("7.1.1")
def test_the_policy_names_the_timeouts_that_the_code_has() -> None:
    minutes = int(DEFAULT_TIMEOUTS.idle.total_seconds() / 60)
    assert f"| {minutes} minutes |" in row("idle timeout")
    assert f"| {int(DEFAULT_TIMEOUTS.absolute.total_seconds() / 3600)} hours |" in row("absolute timeout")
    assert f"at most {MAX_ABSOLUTE_TIMEOUT.days} days" in row("absolute timeout")
    assert f"{int(DEFAULT_MAX_AUTH_AGE.total_seconds() / 60)} minutes" in row("a sign-in is recent for")
    grace = SessionSettings().rotation_grace
    assert f"{int(grace.total_seconds())} seconds" in row("a replaced token stays valid for")


@pytest.mark.shows("7.1.1")
def test_the_policy_gives_reasons_for_each_level_of_assurance() -> None:
    assert "NIST SP 800-63B" in POLICY
    for level in ("AAL1", "AAL2", "AAL3"):
        assert row(level)
    assert DEFAULT_TIMEOUTS.idle <= timedelta(hours=1)  # what is recommended for AAL2
    assert DEFAULT_TIMEOUTS.absolute <= timedelta(hours=12)  # what is the limit for AAL3
    assert Timeouts(idle=timedelta(minutes=15)).absolute == DEFAULT_TIMEOUTS.absolute  # as the policy says for AAL3


@pytest.mark.shows("7.1.2")
def test_the_policy_says_how_many_sessions_and_what_happens_beyond(
    session_store: SessionStore, session_clock: MovableClock
) -> None:
    assert "any number of sessions" in POLICY
    limit = SessionSettings.kinds()["max_sessions_per_customer"]
    assert f"`max_sessions_per_customer=N` ({limit.minimum} to {limit.maximum}) signing in ends" in POLICY

    tokens = []
    for _ in range(3):
        tokens.append(session_store.create_session("ana").token)
        session_clock.advance(1)

    assert len({session_store.validate(token).session_id for token in tokens}) == 3


@pytest.mark.shows("7.1.3")
def test_the_policy_says_how_sessions_of_several_applications_belong_together() -> None:
    section = POLICY.partition("## Several applications, one sign-in")[2]

    for topic in ("Creation", "Lifetime", "Ending", "Re-authentication", "Sessions elsewhere"):
        assert f"**{topic}.**" in section


@pytest.mark.shows("7.6.1")
def test_an_applications_session_asks_for_a_new_sign_in_when_its_roots_is_too_old(
    session_store: SessionStore, session_clock: MovableClock
) -> None:
    root = session_store.create_session("ana")
    child = session_store.create_child_session(root.session)
    session_clock.advance(timedelta(minutes=10))
    later = session_store.create_child_session(root.session)

    assert later.child.last_login_time == child.child.last_login_time == root.session.last_login_time
    assert later.child.absolute_expires_at == root.session.absolute_expires_at
    session_store.end_session(root.session)
    for token in (child.token, later.token):
        with pytest.raises(InvalidTokenError):
            session_store.validate(token, child=True)


@pytest.mark.shows("T5", "C2", "7.6.2")
def test_no_token_however_presented_brings_a_session_into_being(session_store: SessionStore) -> None:
    made_up = session_store.create_session("ana")
    session_store.erase_customer("ana")

    for attempt in (session_store.validate, session_store.rotate):
        with pytest.raises(InvalidTokenError):
            attempt(made_up.token)

    assert session_store.get_customer_sessions("ana").sessions == ()
    assert session_store.get_session(made_up.session.session_id) is None


@pytest.mark.shows("7.1.1")
@pytest.mark.parametrize("timeouts", [{"idle": timedelta(days=401)}, {"idle": timedelta(hours=13)}])
def test_no_timeout_is_accepted_beyond_what_the_policy_allows(timeouts: dict[str, timedelta]) -> None:
    with pytest.raises(InvalidInputError):
        Timeouts(**timeouts)
