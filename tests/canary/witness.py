"""Everything that others than the caller get to see, and the search in it."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import pytest

from session_store import SessionStoreError
from tests.canary.faults import break_it
from tests.canary.marks import DATA_NEEDLES, HASHES, MarkedTokens, assert_absent, without_data, without_hashes
from tests.support.reply import Reply
from tests.support.scene import Scene

# The first shows the tests' own hooks, with the calls that they have seen; the second the name of the table.
_OF_THE_TESTS: Final = ("botocore.hooks", "botocore.regions")

# Attributes of errors that quote keys of the data to the caller who sent it, and that no message or log shows.
_KEYS_OF_THE_CALLERS_OWN: Final = ("keys", "pointer")


@dataclass
class Witness:
    """Listens to everything."""

    scene: Scene
    tokens: MarkedTokens
    caplog: pytest.LogCaptureFixture
    capsys: pytest.CaptureFixture[str]
    recwarn: pytest.WarningsRecorder
    seen: list[tuple[str, str]] = field(default_factory=list)  # where -> text, of what is to hold neither
    shown: list[tuple[str, str]] = field(default_factory=list)  # of what may hold data, but no token

    def __post_init__(self) -> None:
        for name in _OF_THE_TESTS:
            self.caplog.set_level(logging.INFO, name)
        self.caplog.set_level(logging.DEBUG)  # the last one: it is the handler's level, too

    def saw(self, where: str, *values: object) -> None:
        """Objects, as they are printed."""
        self.seen += [(where, text) for value in values for text in (str(value), repr(value))]

    def caught(self, error: BaseException) -> None:
        """An exception, as logs and error reporters show it, with all that led to it."""
        shown = {name: value for name, value in vars(error).items() if name not in _KEYS_OF_THE_CALLERS_OWN}
        self.saw("an error's attributes", shown)
        self.saw("a traceback", "".join(traceback.format_exception(error)))
        for link in _chain(error):
            self.saw("an error", link, link.args, getattr(link, "__notes__", ()))

    @contextmanager
    def raises(self, *kinds: type[Exception], match: str | None = None) -> Iterator[None]:
        """The block raises such an error."""
        with pytest.raises(kinds, match=match) as error:
            yield
        self.caught(error.value)

    @contextmanager
    def under(self, fault: str, errors: type[Exception] = SessionStoreError) -> Iterator[None]:
        """A fault happens to every call in the block, which may raise such errors."""
        break_it(self.scene, fault)
        try:
            yield
        except errors as error:
            self.caught(error)
        self.check_calls()

    def answered(self, reply: Reply, what: str = "an answer", *, token: str | None = None) -> None:
        """An answer to a client, without the token that it hands out in its place. A good one may show data."""
        cookies = [re.sub(r"^__Host-(session|second-\w+)=[^;]*", "", cookie) for cookie in reply.set_cookies]
        whole = f"{reply.status} {dict(reply.headers)} {cookies} {reply.text}"
        token = reply.json["token"] if reply.status == 201 else token
        if reply.status < 400:
            self.shown.append((what, whole.replace(token, "") if token else whole))
        else:
            self.seen.append((what, whole))

    def check(self) -> None:
        """The marks are nowhere but where they belong."""
        out, err = self.capsys.readouterr()
        self.saw("standard output", out, err)
        self.saw("a warning", *(warning.message for warning in self.recwarn))
        self.saw("a log", *(f"{vars(record)} {record.getMessage()}" for record in self.caplog.get_records("call")))
        secret = {**self.tokens.needles, **self.tokens.hash_needles}
        assert_absent({**secret, **DATA_NEEDLES}, self.seen)
        assert_absent(secret, self.shown)
        rows = self.scene.all_rows()
        hashes = {sha256(part.encode()).digest() for part in self.tokens.made}
        assert {bytes(row[name]) for row in rows for name in HASHES if name in row} <= hashes
        self._check_places("the table", rows)
        self.check_calls()

    def check_calls(self) -> None:
        """The marks are in no request to AWS but where they belong. For tests that let the scene forget its calls."""
        self._check_places("a request to AWS", [call.parameters for call in self.scene.faults.calls])

    def _check_places(self, where: str, value: Any) -> None:
        assert_absent({**self.tokens.needles, **self.tokens.hash_needles}, [(where, repr(without_hashes(value)))])
        assert_absent(DATA_NEEDLES, [(where, repr(without_data(value)))])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and all others that it came from, whether tracebacks show them or not."""
    yield error
    for origin in (error.__cause__, error.__context__):
        if origin is not None:
            yield from _chain(origin)
