"""The device or browser of a request, made fit for `client`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_store import checks, tokens
from session_store.web import client_of
from tests.support.lambda_events import Payload, event, get

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


def label(user_agent: str) -> str | None:
    return client_of(get(headers={"user-agent": user_agent}))


@pytest.mark.parametrize("payload", Payload)
def test_what_a_browser_says_of_itself_is_found_in_every_form_of_request(payload: Payload) -> None:
    assert client_of(event("POST", {"user-agent": FIREFOX}, [], payload)) == FIREFOX


@pytest.mark.parametrize("headers", [None, {}, {"user-agent": " \t\x00"}], ids=repr)
def test_a_client_that_says_nothing_of_itself_has_no_description(headers: object) -> None:
    assert client_of(get(headers=headers)) is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("x\ty", "x y"),
        ("one\r\n  two\x00", "one two"),
        ("\u202egro.elpmaxe", "gro.elpmaxe"),
        ("evil\x1b[31m\tagent", "evil [31m agent"),
        ("\ud800x", "x"),
        ("日本語 ブラウザ", "日本語 ブラウザ"),
        ("x" * 600, "x" * 512),
        ("x" * 511 + " y", "x" * 511),
    ],
)
def test_what_cannot_be_printed_or_kept_is_left_out(said: str, shown: str) -> None:
    assert label(said) == shown


def test_a_token_is_left_out() -> None:
    token = tokens.Token.new("01890a5d-ac96-774b-bcce-b302099a8057").encode()

    assert label(f"curl {token} x") == "curl <token> x"


@pytest.mark.shows("T18")
@given(st.text(st.characters(), max_size=700) | st.text("v1. -0\t\x7f", max_size=100))
def test_any_text_of_a_client_is_taken_as_its_description(said: str) -> None:
    assert checks.check_client(label(said)) == label(said)
