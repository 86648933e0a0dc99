"""A canary: marked tokens and marked data go through every method and every fault, and turn up nowhere."""

from __future__ import annotations

import base64
import logging
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import pytest

from session_store import SessionStoreError
from tests.support.methods import METHODS
from tests.support.scene import SignedIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.faults import Faults
    from tests.support.scene import Scene

MARK: Final = "canary-5f0c8e"
FAULTS: Final[dict[str, Callable[[Faults], object]]] = {
    "none": lambda _: None,
    "throttled": lambda faults: faults.throttle(times=100),
    "an outage": lambda faults: faults.refuse(None, "InternalServerError", status=500, times=100),
    "no such table": lambda faults: faults.refuse(None, "ResourceNotFoundException"),
    "not allowed": lambda faults: faults.refuse(None, "AccessDeniedException"),
    "found invalid": lambda faults: faults.refuse(None, "ValidationException"),
    "unreachable": lambda faults: faults.lose_request(times=100),
    "a lost reply": lambda faults: faults.lose_reply(),
    "every reply lost": lambda faults: faults.lose_reply(times=100),
    "an error of the SDK's own": lambda faults: faults.fail(None, _sdk_error()),
}


def _sdk_error() -> Exception:
    """What the SDK raises for a request that it refuses: its message quotes the request."""
    from botocore.exceptions import ParamValidationError  # noqa: PLC0415 - only here

    return ParamValidationError(report=f"Invalid type for parameter Item.data, value: {MARK}")


@dataclass
class Traces:
    """Everything that a method leaves where people look: its result, errors, logs, events, output."""

    texts: list[str] = field(default_factory=list)

    def add(self, *values: object) -> None:
        self.texts += [text for value in values for text in (repr(value), str(value))]

    def show(self, secret: str) -> bool:
        return any(secret in text for text in self.texts)


def secrets_of(token: str) -> list[str]:
    """Family and secret of a token in every form that a careless program might write them."""
    *_, family, secret = token.split(".")
    forms = []
    for part in (family, secret):
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        forms += [part, raw.hex(), repr(raw)[2:-1], base64.b64encode(raw).decode().rstrip("=")]
    return forms


@pytest.fixture
def marked(scene: Scene) -> SignedIn:
    """A session and a child with marked data."""
    other = scene.another_store()
    root = other.create_session("ana", data={"visits": 1, "iban": MARK, MARK: {"deep": [MARK]}})
    return SignedIn(root, other.create_child_session(root.session, data={"diagnosis": MARK}))


def carry_out(scene: Scene, marked: SignedIn, method: Any, caplog: pytest.LogCaptureFixture) -> Traces:
    """Call a method with everything listening."""
    traces = Traces()
    output = StringIO()
    with caplog.at_level(logging.DEBUG, logger="session_store"), redirect_stdout(output), redirect_stderr(output):
        try:
            traces.add(method(scene.store_with(), marked))
        except SessionStoreError as error:
            traces.add(error, error.args, vars(error))
            traces.add("".join(traceback.format_exception(error)))
    traces.add(*(record.getMessage() for record in caplog.records if record.name.startswith("session_store")))
    traces.add(*scene.events, output.getvalue())
    return traces


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", METHODS)
def test_no_method_lets_a_token_or_data_out_whatever_happens(
    scene: Scene, marked: SignedIn, caplog: pytest.LogCaptureFixture, name: str, fault: str
) -> None:
    scene.clock.advance(timedelta(minutes=5))
    FAULTS[fault](scene.faults)

    traces = carry_out(scene, marked, METHODS[name], caplog)

    assert not traces.show(MARK)
    for token in (marked.token, marked.child_token):
        assert not any(traces.show(secret) for secret in secrets_of(token))


@pytest.mark.parametrize("name", METHODS)
def test_no_part_of_a_token_is_in_the_table_in_any_form(scene: Scene, marked: SignedIn, name: str) -> None:
    result: Any = METHODS[name](scene.store, marked)
    tokens = [marked.token, marked.child_token, getattr(result, "token", None)]

    table = repr(scene.all_rows())

    for token in filter(None, tokens):
        assert token not in table
        assert not any(secret in table for secret in secrets_of(token))


def test_a_refused_save_does_not_quote_what_was_to_be_saved(scene: Scene, marked: SignedIn) -> None:
    for value in ({MARK}, [MARK] * 40_000, {"": MARK}, [MARK, float("nan")], f"{MARK}\ud800"):
        with pytest.raises(SessionStoreError) as error:
            scene.store.update_data(marked.id, {"iban": value})  # type: ignore[dict-item]
        assert MARK not in "".join(traceback.format_exception(error.value))


def test_the_marks_can_be_found_where_they_belong(scene: Scene, marked: SignedIn) -> None:
    """The canary sings: what the other tests look for is there to be found."""
    traces = Traces()
    traces.add(scene.all_rows(), marked.token)

    assert traces.show(MARK)
    assert any(traces.show(secret) for secret in secrets_of(marked.token))
