"""The issuer's keys: when they are fetched, for how long they are good, and answers that are not believed."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

from session_store import Refusal, StoreUnavailableError
from session_store.jwt import InvalidJwtError, KeysUnavailableError, fetching, verify
from session_store.jwt.key_set import KeySet
from session_store.testing import MovableClock
from tests.support.answering import Answer
from tests.support.jwts import AUDIENCE, Issuer, jwk, rsa_key


def accepts(issuer: Issuer, token: str) -> bool:
    """Whether the token's key is known."""
    try:
        verify(token, issuer=issuer.url, audience=AUDIENCE)
    except InvalidJwtError as error:
        return error.refusal is not Refusal.UNKNOWN_KEY
    return True


def test_keys_are_fetched_once_for_many_tokens_and_threads(issuer: Issuer) -> None:
    token = issuer.token()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: accepts(issuer, token), range(50)))
    assert len(issuer.asked) == 1


def test_a_new_key_is_found_at_the_first_token_that_names_it(issuer: Issuer, cache_clock: MovableClock) -> None:
    assert accepts(issuer, issuer.token())
    cache_clock.advance(30)
    issuer.keys.append(jwk(rsa_key("new"), "second"))

    assert accepts(issuer, issuer.token(key=rsa_key("new"), header={"kid": "second"}))
    assert len(issuer.asked) == 2


def test_tokens_with_unknown_keys_do_not_make_it_ask_more_than_every_30_seconds(
    issuer: Issuer, cache_clock: MovableClock
) -> None:
    for number in range(60):
        assert not accepts(issuer, issuer.token(header={"kid": f"unknown-{number}"}))
        cache_clock.advance(1)

    assert len(issuer.asked) == 2


def test_a_key_that_was_withdrawn_is_refused_ten_minutes_later(issuer: Issuer, cache_clock: MovableClock) -> None:
    old = issuer.token()
    assert accepts(issuer, old)
    issuer.keys = [jwk(rsa_key("new"), "second")]
    cache_clock.advance(600)
    assert accepts(issuer, old)
    cache_clock.advance(1)

    assert not accepts(issuer, old)


def test_while_the_issuer_does_not_answer_the_last_keys_are_good_for_an_hour(
    issuer: Issuer, cache_clock: MovableClock
) -> None:
    token = issuer.token()
    assert accepts(issuer, token)
    issuer.answer = lambda: Answer(503)
    cache_clock.advance(3600)
    assert accepts(issuer, token)
    with pytest.raises(KeysUnavailableError):  # it may be a new one
        accepts(issuer, issuer.token(header={"kid": "second"}))
    cache_clock.advance(1)

    with pytest.raises(KeysUnavailableError, match="503"):
        accepts(issuer, token)
    issuer.answer = None
    cache_clock.advance(1)
    assert accepts(issuer, token)


def test_an_issuer_that_fails_is_asked_once_a_second(issuer: Issuer, cache_clock: MovableClock) -> None:
    issuer.answer = lambda: Answer(500)

    for _ in range(30):
        with pytest.raises(KeysUnavailableError):
            accepts(issuer, issuer.token())
        cache_clock.advance(0.1)
    assert len(issuer.asked) == 3


KEYS = json.dumps({"keys": [jwk(rsa_key(), "first")]})


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(404), "404"),
        (Answer(204), "204"),
        (Answer(body="<html>"), "not JSON"),
        (Answer(body="[]"), "not a JSON object"),
        (Answer(body="{}"), "no keys"),
        (Answer(body='{"keys": {"kid": "first"}}'), "no keys"),
        (Answer(body="[" * 30_000), "not JSON"),
        (Answer(body=KEYS + " " * 5_000_000), "larger"),
        (Answer(302, headers={"Location": "/elsewhere"}), "302"),
        (Answer(307, headers={"Location": "https://evil.example/keys"}), "307"),
        (Answer(body=KEYS, headers={"Content-Length": "9999"}), "cut off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_cannot_be_believed_is_a_fault(issuer: Issuer, answer: Answer, cause: str) -> None:
    issuer.answer = lambda: answer

    with pytest.raises(StoreUnavailableError, match=cause):
        accepts(issuer, issuer.token())
    assert len(issuer.asked) == 1


@pytest.mark.parametrize("keys", [[], [7], [{}], [{"kid": 7}], [{"kid": "first"}], ["first"]])
def test_entries_that_are_no_keys_are_left_alone(issuer: Issuer, keys: list[object]) -> None:
    issuer.answer = lambda: Answer(body=json.dumps({"keys": keys}))

    assert not accepts(issuer, issuer.token())


def slowly() -> Answer:
    time.sleep(0.3)
    return Answer(body=KEYS)


@pytest.mark.parametrize("answer", [slowly], ids=["later than the timeout"])
def test_an_issuer_that_is_slow_is_a_fault_in_time(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, answer: Callable[[], Answer]
) -> None:
    monkeypatch.setattr(fetching, "_TIMEOUT", 0.05)
    issuer.answer = answer
    began = time.monotonic()

    with pytest.raises(KeysUnavailableError, match="no answer"):
        accepts(issuer, issuer.token())
    assert time.monotonic() - began < 0.25


@pytest.mark.parametrize("head", ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n"], ids=["headers", "body"])
def test_an_answer_that_comes_byte_by_byte_is_a_fault_in_time(monkeypatch: pytest.MonkeyPatch, head: str) -> None:
    monkeypatch.setattr(fetching, "_DEADLINE", 0.2)
    with dribbling(head) as url, pytest.raises(KeysUnavailableError, match="took longer"):
        KeySet(url).key("first", "RS256")


@contextmanager
def dribbling(head: str) -> Iterator[str]:
    """A server whose answer goes on for as long as it is listened to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(head.encode())
                while True:
                    connection.sendall(b"x")
                    time.sleep(0.02)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_an_issuer_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(KeysUnavailableError, match="no answer"):
        verify(Issuer("http://127.0.0.1:9").token(), issuer="http://127.0.0.1:9", audience=AUDIENCE)
