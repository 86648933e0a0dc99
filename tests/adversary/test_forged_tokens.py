"""Tokens that an attacker has made up, tampered with or put together, presented to the store."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from session_store import InvalidTokenError, Refusal, SessionStore
from session_store.storage.document import Document
from session_store.tokens import Token
from tests.support.scene import Scene, SignedIn, sign_in

Answer = Callable[[SessionStore, str], object]


VALIDATE: Final[Answer] = SessionStore.validate
VALIDATE_CHILD: Final[Answer] = partial(SessionStore.validate, child=True)
_WRITES: Final = {"PutItem", "UpdateItem", "TransactWriteItems", "BatchWriteItem"}
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ANSWERS: Final[tuple[Answer, ...]] = (VALIDATE, partial(SessionStore.validate, strict=True), SessionStore.rotate)
BY_EVERY_METHOD: Final = pytest.mark.parametrize("answer", _ANSWERS, ids=["validate", "validate strictly", "rotate"])


def refused(scene: Scene, answer: Answer, token: Any) -> Refusal:
    """Why a token was refused; nothing may have been written for it."""
    before = scene.all_rows()
    with pytest.raises(InvalidTokenError) as error:
        answer(scene.store, token)
    assert not _WRITES & set(scene.faults.operations)
    assert scene.all_rows() == before
    assert not any(part in repr(error.value) for part in parts(str(token))[2:] if len(part) > 8)
    return error.value.refusal


def parts(token: str) -> list[str]:
    """Version, ids, family and secret."""
    return token.split(".")


@pytest.fixture
def victim(signed_in: SignedIn) -> SignedIn:
    return signed_in


def _spelled_differently(token: str) -> Iterator[tuple[str, Any]]:
    """Values that a lenient reader might take for the same token."""
    version, session_id, family, secret = parts(token)
    yield "upper case", token.upper()
    yield "swapped case", token.swapcase()
    yield "padding", f"{token}="
    yield "padding in the middle", ".".join((version, session_id, f"{family}==", secret))
    yield "a space before", f" {token}"
    yield "a newline after", f"{token}\n"
    yield "a NUL after", f"{token}\0"
    yield "a further part", f"{token}."
    yield "an empty part", ".".join((version, session_id, "", family, secret))
    yield "the standard alphabet", token.replace("-", "+").replace("_", "/") + "+"
    yield "full-width digits", token.replace("1", "\N{FULLWIDTH DIGIT ONE}")
    yield "version 2", token.replace("v1", "v2", 1)
    yield "version V1", token.replace("v1", "V1", 1)
    yield "no version", token.partition(".")[2]
    yield "an id without dashes", token.replace("-", "", 4)
    yield "hexadecimal secrets", ".".join((version, session_id, base64.b16encode(secret.encode()).decode(), secret))
    yield "a NUL in the middle", token.replace(".", ".\0", 1)
    yield "nothing", ""
    yield "None", None
    yield "bytes", token.encode()
    yield "twice", f"{token},{token}"
    yield "a hundred times", token * 100
    yield "in braces", token.replace(session_id, "{" + session_id + "}")


@pytest.mark.shows("T2", "7.2.1")
def test_a_token_is_refused_when_any_one_of_its_characters_is_another(scene: Scene, victim: SignedIn) -> None:
    token = victim.token
    for position, character in enumerate(token):
        # Neither the same one nor one that differs in case or in its lowest bit alone.
        other = _ALPHABET[(_ALPHABET.index(character) + 32) % 64] if character in _ALPHABET else "A"
        tampered = token[:position] + other + token[position + 1 :]
        if parts(tampered)[:3] == parts(token)[:3]:
            continue  # the right family with a wrong secret is theft: it ends the session, see test_rotation_cases
        assert refused(scene, VALIDATE, tampered) in {Refusal.MALFORMED, Refusal.UNKNOWN}

    scene.store.validate(token)


def test_a_truncated_token_is_refused_at_every_length(scene: Scene, victim: SignedIn) -> None:
    for length in range(len(victim.token)):
        assert refused(scene, VALIDATE, victim.token[:length]) is Refusal.MALFORMED

    assert scene.faults.calls == []


def test_a_token_has_one_spelling(scene: Scene, victim: SignedIn) -> None:
    for name, text in _spelled_differently(victim.token):
        assert text != victim.token, name
        for answer in _ANSWERS:
            assert refused(scene, answer, text) is Refusal.MALFORMED, name

    assert scene.faults.calls == []


@BY_EVERY_METHOD
@pytest.mark.parametrize("knows_the_secret", [False, True])
def test_who_knows_an_id_learns_nothing_and_ends_nothing(
    scene: Scene, victim: SignedIn, answer: Answer, *, knows_the_secret: bool
) -> None:
    secret = parts(victim.token)[3] if knows_the_secret else secrets.token_urlsafe(32)
    guess = Token(victim.id, None, secrets.token_urlsafe(16), secret).encode()
    unknown = Token(scene.store._context.ids.new_id(), None, secrets.token_urlsafe(16), secret).encode()

    assert refused(scene, answer, guess) is refused(scene, answer, unknown) is Refusal.UNKNOWN
    assert {call.operation for call in scene.faults.calls} == {"Query"}
    scene.store.validate(victim.token)


@BY_EVERY_METHOD
def test_parts_of_two_sessions_do_not_make_a_third(scene: Scene, victim: SignedIn, answer: Answer) -> None:
    attacker = sign_in(scene.another_store(), "mallory")
    hers, his = parts(victim.token), parts(attacker.token)

    for mixed in (
        [*hers[:2], *his[2:]],  # her id, his secrets
        [*hers[:2], his[2], hers[3]],  # her id and secret, his family
        [*his[:2], *hers[2:]],  # his id, her secrets
    ):
        assert refused(scene, answer, ".".join(mixed)) is Refusal.UNKNOWN

    for token in (victim.token, attacker.token):
        scene.store.validate(token)


def test_a_childs_token_is_none_of_its_root_nor_the_other_way_round(scene: Scene, victim: SignedIn) -> None:
    assert refused(scene, VALIDATE, victim.child_token) is Refusal.WRONG_KIND
    assert refused(scene, VALIDATE_CHILD, victim.token) is Refusal.WRONG_KIND
    assert scene.faults.calls == []


@pytest.mark.shows("T46")
def test_a_childs_secrets_open_neither_its_root_nor_a_sibling(scene: Scene, victim: SignedIn) -> None:
    sibling = scene.another_store().create_child_session(victim.id)
    _, root_id, child_id, family, secret = parts(victim.child_token)

    as_root = Token(root_id, None, family, secret).encode()
    as_sibling = Token(root_id, sibling.child.child_session_id, family, secret).encode()

    assert refused(scene, VALIDATE, as_root) is Refusal.UNKNOWN
    assert refused(scene, VALIDATE_CHILD, as_sibling) is Refusal.UNKNOWN
    with_roots_secrets = Token(root_id, child_id, *parts(victim.token)[2:]).encode()
    assert refused(scene, VALIDATE_CHILD, with_roots_secrets) is Refusal.UNKNOWN
    scene.store.validate(victim.child_token, child=True)


def test_a_child_is_not_moved_under_another_root(scene: Scene, victim: SignedIn) -> None:
    attacker = sign_in(scene.another_store(), "mallory")
    moved = ".".join(("v1", victim.id, *parts(attacker.child_token)[2:]))

    assert refused(scene, VALIDATE_CHILD, moved) is Refusal.UNKNOWN


def test_what_is_replaced_at_a_sign_in_takes_the_token_and_not_the_id(scene: Scene, victim: SignedIn) -> None:
    guess = Token(victim.id, None, secrets.token_urlsafe(16), secrets.token_urlsafe(32)).encode()

    created = scene.store.create_session("mallory", replaces=guess, carry_data=True)

    assert created.replaced_session_id is None
    assert created.session.data == {}
    scene.store.validate(victim.token)


@pytest.mark.shows("7.2.4")
def test_the_id_of_a_session_is_never_the_clients_choice(scene: Scene, victim: SignedIn) -> None:
    planted = scene.another_store().create_session(data={"cart": ["tea"]})

    created = scene.store.create_session("ana", replaces=planted.token, carry_data=True)

    assert created.session.session_id not in {planted.session.session_id, victim.id}
    assert parts(created.token)[2:] != parts(planted.token)[2:]
    assert created.session.data == {"cart": ["tea"]}
    with pytest.raises(InvalidTokenError):
        scene.store.validate(planted.token)


def _end(scene: Scene, victim: SignedIn) -> str:
    scene.other.end_session(victim.id)
    return victim.token


def _outlive(scene: Scene, victim: SignedIn) -> str:
    scene.clock.advance(timedelta(hours=1))
    return victim.token


def _revoke(scene: Scene, victim: SignedIn) -> str:
    scene.faults.hide_from_index(victim.id)
    scene.store.end_customer_sessions(victim.customer_id)
    scene.clock.advance(timedelta(minutes=5))  # an extension is due, which asks for that
    return victim.token


REFUSED: Final[dict[str, Callable[[Scene, SignedIn], str]]] = {
    "forged": lambda _, victim: Token.new(victim.id).encode(),
    "forged for a child": lambda _, victim: Token.new(victim.id, victim.child_id).encode(),
    "forged from a family": lambda _, victim: ".".join((*parts(victim.token)[:-1], parts(Token.new("").encode())[-1])),
    "ended": _end,
    "expired": _outlive,
    "revoked": _revoke,
}


@pytest.mark.shows("T8")
@pytest.mark.parametrize("name", REFUSED)
def test_no_data_is_read_for_a_token_that_is_refused(
    scene: Scene, victim: SignedIn, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be 400 KB, and a stranger who knows an id can ask again and again."""
    token = REFUSED[name](scene, victim)
    monkeypatch.setattr(Document, "read", pytest.fail)

    with pytest.raises(InvalidTokenError):
        scene.store.validate(token, child="child" in name)
    if name != "revoked":  # what a rotation does not ask
        with pytest.raises(InvalidTokenError):
            scene.store.rotate(token)


def test_data_is_read_for_a_token_that_is_good(scene: Scene, victim: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the test above would see it."""
    monkeypatch.setattr(Document, "read", pytest.fail)

    with pytest.raises(pytest.fail.Exception):
        scene.store.validate(victim.token)
