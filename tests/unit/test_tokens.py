"""Tokens and ids: what they look like, what is stored of them, and what is not accepted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_store import InvalidTokenError, Refusal
from session_store.clock import SystemClock
from session_store.testing import MovableClock
from session_store.tokens import IdFactory, Token, home_of, is_session_id, parse, same

MOMENT = datetime(2023, 5, 12, 11, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(MOMENT)


@pytest.fixture
def session_id(clock: MovableClock) -> str:
    return IdFactory(clock).new_id()


def test_a_token_is_version_ids_family_and_secret(session_id: str) -> None:
    version, named, family, secret = Token.new(session_id).encode().split(".")

    assert (version, named) == ("v1", session_id)
    assert (len(family), len(secret)) == (22, 43)  # base64url of 16 and of 32 bytes


def test_a_childs_token_names_both_ids(clock: MovableClock, session_id: str) -> None:
    child_id = IdFactory(clock).new_id()

    token = Token.new(session_id, child_id)

    assert token.encode().split(".")[:3] == ["v1", session_id, child_id]
    assert token.is_child
    assert not Token.new(session_id).is_child


def test_a_token_is_read_back(clock: MovableClock, session_id: str) -> None:
    for token in (Token.new(session_id), Token.new(session_id, IdFactory(clock).new_id())):
        assert parse(token.encode()) == token


@pytest.mark.shows("T1", "7.2.2", "7.2.3")
def test_no_two_tokens_share_a_family_or_a_secret(session_id: str) -> None:
    tokens = [Token.new(session_id) for _ in range(100)]

    assert len({token.family for token in tokens}) == len({token.secret for token in tokens}) == 100


KEY = bytes(range(32))
NOW = 1_800_000_000


def test_a_successor_keeps_the_family_and_has_a_secret_of_its_own(session_id: str) -> None:
    token = Token.new(session_id)
    one, other = (token.successor(KEY, 1, NOW) for _ in range(2))

    assert {one.family, other.family} == {token.family}
    assert len({token.secret, one.secret, other.secret}) == 3
    assert parse(one.encode()) == one
    assert one.issued_at(KEY, 1) == one.time == NOW


def test_a_successor_is_authentic_for_its_session_child_family_epoch_time_and_key_alone(session_id: str) -> None:
    token = Token.new(session_id, session_id).successor(KEY, 1, NOW)
    another_id = session_id[:-1] + ("1" if session_id[-1] == "0" else "0")
    later = Token.new(session_id).successor(KEY, 1, NOW + 1).secret
    others: list[dict[str, Any]] = [
        {"session_id": another_id},
        {"child_session_id": another_id},
        {"child_session_id": None},
        {"family": Token.new(session_id).family},
        {"secret": later[:7] + token.secret[7:]},
        {"secret": token.secret[:30] + later[30:]},
    ]

    assert token.issued_at(KEY, 2) is None
    assert token.issued_at(KEY[::-1], 1) is None
    assert [replace(token, **other).issued_at(KEY, 1) for other in others] == [None] * len(others)


def test_what_authenticates_a_successor_is_as_stored_sessions_have_it() -> None:
    session_id, family = "018812a0-0000-7000-8000-000000000000", "A" * 22
    head = NOW.to_bytes(5) + bytes(11)
    message = f"v1{session_id}{'-' * 36}{family}".encode() + (1).to_bytes(8) + head
    secret = base64.urlsafe_b64encode(head + hmac.digest(KEY, message, "sha256")[:16]).decode().rstrip("=")

    assert Token(session_id, None, family, secret).issued_at(KEY, 1) == NOW


def test_an_id_carries_its_home(session_id: str) -> None:
    assert session_id[20:22] == "00"
    made = IdFactory(SystemClock()).new_id(0xA7)
    assert (made[20:22], home_of(made), is_session_id(made)) == ("a7", 0xA7, True)


def test_what_is_stored_is_sha_256(session_id: str) -> None:
    token = Token.new(session_id)

    assert token.family_hash == hashlib.sha256(token.family.encode()).digest()
    assert token.token_hash == hashlib.sha256(token.secret.encode()).digest()


def test_a_missing_hash_equals_nothing() -> None:
    assert same(b"x", b"x")
    assert not same(b"x", b"y")
    assert not same(None, b"")


def test_a_token_does_not_show_its_secrets(session_id: str) -> None:
    token = Token.new(session_id)

    assert token.family not in repr(token)
    assert token.secret not in repr(token)


@pytest.mark.parametrize("last", ["B", "C", "D", "_", "-", "9", "="])
def test_a_token_has_only_one_spelling(session_id: str, last: str) -> None:
    with pytest.raises(InvalidTokenError):
        parse(Token.new(session_id).encode()[:-1] + last)


@pytest.mark.parametrize(
    "session_id",
    [
        *("018812A0-0000-7000-8000-000000000000", "018812a0-0000-4000-8000-000000000000"),
        *("018812a0-0000-7000-c000-000000000000", "018812a000007000800000000000000"),
        *("{018812a0-0000-7000-8000-000000000000}", "018812a0-0000-7000-8000-00000000000\u0660"),
    ],
)
def test_only_ids_of_our_making_are_in_tokens(session_id: str) -> None:
    with pytest.raises(InvalidTokenError):
        parse(Token.new(session_id).encode())


@given(st.one_of(st.text(), st.binary(), st.none(), st.integers(), st.text(alphabet="v1.-_AQgw0123456789abcdef")))
def test_anything_else_is_refused_as_malformed_without_being_quoted(text: object) -> None:
    with pytest.raises(InvalidTokenError) as refused:
        parse(text)

    assert refused.value.refusal is Refusal.MALFORMED
    assert str(refused.value) == "the token is not valid: malformed"


def test_an_id_is_a_uuid_of_version_7_that_says_its_time(clock: MovableClock, session_id: str) -> None:
    parsed = uuid.UUID(session_id)

    assert str(parsed) == session_id
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == int(clock.now() * 1000)


def test_ids_sort_by_time_also_within_a_millisecond(clock: MovableClock) -> None:
    factory = IdFactory(clock)
    ids = []
    for _ in range(3):
        ids += [factory.new_id() for _ in range(3000)]
        clock.advance(0.002)

    assert ids == sorted(set(ids))


def test_ids_stay_in_order_when_the_clock_steps_back_a_little(clock: MovableClock) -> None:
    factory = IdFactory(clock)
    before = factory.new_id()
    clock.set(MOMENT - timedelta(milliseconds=500))

    assert factory.new_id() > before


def test_ids_follow_a_clock_that_was_put_right(clock: MovableClock) -> None:
    factory = IdFactory(clock)
    factory.new_id()
    clock.set(MOMENT - timedelta(hours=1))

    assert uuid.UUID(factory.new_id()).int >> 80 == int(clock.now() * 1000)


def test_threads_never_get_the_same_id(clock: MovableClock) -> None:
    factory = IdFactory(clock)
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: factory.new_id(), range(2000)))

    assert len(set(ids)) == 2000


def test_ids_stay_in_order_when_the_counter_of_a_millisecond_is_full(clock: MovableClock) -> None:
    factory = IdFactory(clock)
    ids = [factory.new_id() for _ in range(2**12 + 1)]

    assert ids == sorted(set(ids))


def test_a_millisecond_begins_to_count_in_the_lower_half(clock: MovableClock) -> None:
    counts = [int(IdFactory(clock).new_id().replace("-", "")[13:16], 16) for _ in range(100)]

    assert max(counts) < 2**11  # as many more ids fit before the next millisecond has to be borrowed


@pytest.mark.shows("7.2.3")
def test_two_processes_that_start_alike_make_different_ids(clock: MovableClock) -> None:
    assert IdFactory(clock).new_id() != IdFactory(clock).new_id()
