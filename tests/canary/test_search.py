"""The canary sings: what the other tests look for is found where it belongs, and wherever else it is put."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from session_store.adapters.aws_lambda.request_lines import RequestLines
from session_store.storage.schema import EntityType
from tests.canary import forms
from tests.canary.marks import DATA_NEEDLES, HASHES, KEY, VALUE, MarkedTokens, found
from tests.canary.subjects import marked
from tests.canary.witness import Witness
from tests.support.scene import Scene

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in lower case": str.lower,
    "in capitals": str.upper,
    "backwards": lambda text: text[::-1],
    "in a URL": lambda text: quote(f"?token={text}"),
    "as JSON": lambda text: json.dumps({"token": text}),
    "in hex": lambda text: text.encode().hex(),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 behind one character": lambda text: base64.b64encode(f"x{text}y".encode()).decode(),
    "in base64 behind two characters": lambda text: base64.urlsafe_b64encode(f"xx{text}yy".encode()).decode(),
}
OF_BYTES: dict[str, Callable[[bytes], str]] = {
    "in hex": bytes.hex,
    "as Python prints it": repr,
    "as Python prints it beside quotes": lambda raw: repr(raw + b"'\""),
    "as JSON": lambda raw: json.dumps(raw.decode("latin-1")),
    "as a list": lambda raw: str(list(raw)),
    "as a number": lambda raw: str(int.from_bytes(raw)),
    "in base64": lambda raw: base64.b64encode(raw).decode(),
    "in base64 for URLs": lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_mark_is_found_however_it_is_spelled(tokens: MarkedTokens, spelling: str) -> None:
    assert found(tokens.needles, SPELLINGS[spelling](tokens.part(32)))
    assert found(DATA_NEEDLES, SPELLINGS[spelling](f"the {VALUE}.")) == ["a value of the data"]
    assert found(DATA_NEEDLES, SPELLINGS[spelling](f"the {KEY}.")) == ["a key of the data"]


@pytest.mark.parametrize("spelling", OF_BYTES)
def test_a_part_without_a_mark_is_found_however_its_bytes_are_spelled(spelling: str) -> None:
    for number in range(300):
        raw = hashlib.sha256(bytes([number % 256, number // 256])).digest()
        part = base64.urlsafe_b64encode(raw).decode().rstrip("=")

        assert found({"a token": forms.of_token_part(part)}, OF_BYTES[spelling](raw))


@pytest.mark.parametrize("spelling", OF_BYTES)
def test_a_hash_is_found_however_it_is_spelled(tokens: MarkedTokens, spelling: str) -> None:
    digest = hashlib.sha256(tokens.part(16).encode()).digest()

    assert found(tokens.hash_needles, OF_BYTES[spelling](digest)) == ["a hash"]


def test_what_is_not_marked_is_not_found(tokens: MarkedTokens) -> None:
    tokens.part(16)

    assert (
        found({**tokens.needles, **tokens.hash_needles, **DATA_NEEDLES}, "tests/canary/data, session 018f of ana") == []
    )


def test_the_marks_are_where_they_belong(scene: Scene, tokens: MarkedTokens) -> None:
    signed_in = marked(scene)
    rows = [row for row in scene.all_rows() if row["entity_type"] != EntityType.CUSTOMER]

    assert found(tokens.needles, signed_in.token) == found(tokens.needles, signed_in.child_token) == ["a token"]
    for row in rows:
        assert found(DATA_NEEDLES, repr(row["data"])) == list(DATA_NEEDLES)
        assert found(tokens.hash_needles, repr({name: row[name] for name in HASHES if name in row})) == ["a hash"]


def warn(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(text, stacklevel=1)


CARELESS: dict[str, Callable[[str], object]] = {
    "standard output": lambda text: sys.stdout.write(f"{text}\n"),
    "standard output, as a line": lambda text: RequestLines("sessions").write(None, {"Failed": 1}, {"customer": text}),
    "standard error": lambda text: sys.stderr.write(f"{text}\n"),
    "a log": lambda text: logging.getLogger("any").debug("what is it? %s", text),
    "a warning": warn,
}


@pytest.mark.parametrize("careless", CARELESS)
def test_the_witness_notices_a_careless_program(tokens: MarkedTokens, listener: Witness, careless: str) -> None:
    tokens.part(16)
    digest = hashlib.sha256(tokens.made[0].encode()).hexdigest()
    for text, what in ((tokens.made[0], "a token"), (VALUE, "a value"), (KEY, "a key"), (digest, "a hash")):
        listener.check()
        CARELESS[careless](text)
        with pytest.raises(AssertionError, match=what):
            listener.check()
        forget(listener)


def test_the_witness_notices_careless_errors(listener: Witness) -> None:
    hidden, with_attribute, with_note = LookupError(), LookupError(), LookupError()
    hidden.__context__, hidden.__suppress_context__ = ValueError(VALUE), True  # as `from None` does
    with_attribute.token = listener.tokens.part(16)  # type: ignore[attr-defined]
    with_note.add_note(KEY)
    for careless in (hidden, with_attribute, with_note):
        listener.caught(careless)
        with pytest.raises(AssertionError, match=r"a .* in an? "):
            listener.check()
        forget(listener)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (lambda tokens: {"client": {"S": tokens.part(16)}}, "a token"),
        (lambda tokens: {"family_hash": {"B": tokens.part(16).encode()}}, None),  # not the hash of what was made
        (lambda tokens: {"client": {"S": hashlib.sha256(tokens.part(16).encode()).hexdigest()}}, "a hash"),
        (lambda _: {"client": {"S": VALUE}}, "a value"),
        (lambda _: {KEY: {"S": "it"}}, "a key"),
    ],
)
def test_the_witness_notices_what_does_not_belong_into_the_table(
    scene: Scene, tokens: MarkedTokens, listener: Witness, wrong: Any, what: str | None
) -> None:
    item = {"PK": {"S": "suuid#1"}, "SK": {"S": "c#ana"}}
    scene.client.put_item(TableName=scene.table_name, Item=item | wrong(tokens))

    with pytest.raises(AssertionError, match=what):
        listener.check()


def test_the_witness_notices_what_does_not_belong_into_a_request(
    scene: Scene, tokens: MarkedTokens, listener: Witness
) -> None:
    for wrong in (tokens.part(32), VALUE, KEY, hashlib.sha256(tokens.part(16).encode()).hexdigest()):
        scene.faults.clear()
        scene.disturbed_client.get_item(TableName=scene.table_name, Key={"PK": {"S": wrong}, "SK": {"S": "c#ana"}})
        with pytest.raises(AssertionError, match="a request to AWS"):
            listener.check_calls()


def forget(listener: Witness) -> None:
    listener.seen.clear()
    listener.caplog.clear()
    listener.recwarn.clear()
