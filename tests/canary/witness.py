"""Everything that others than the caller get to see, and the search in it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import pytest

from tests.canary.marks import DATA_NEEDLES, MarkedTokens, assert_absent
from tests.canary.places import HASHES, without_data, without_hashes
from tests.support.scene import Scene

# The first shows the tests' own hooks, with the calls that they have seen; the second the name of the table.
_OF_THE_TESTS: Final = ("botocore.hooks", "botocore.regions")

# Attributes of errors that quote keys of the data to whoever gave it, and that no message or log shows.
_KEYS_OF_THE_CALLERS_OWN: Final = ("keys", "pointer")


@dataclass
class Witness:
    """Listens to everything.

    Attributes:
        seen: where -> text, for all that is to hold neither tokens nor data.
        shown: likewise, for what may hold data: good answers, without the token in its place.
    """

    tokens: MarkedTokens
    caplog: pytest.LogCaptureFixture
    capsys: pytest.CaptureFixture[str]
    recwarn: pytest.WarningsRecorder
    seen: list[tuple[str, str]] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)

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

    def answered(
        self,
        status: int,
        headers: Mapping[str, object],
        text: str,
        *,
        token: str | None = None,
        what: str = "an answer",
    ) -> None:
        """An answer to a client.

        Args:
            status: a good answer may show data, any other one may not.
            headers: its headers.
            text: its body.
            token: what it hands out in its place.
            what: the answer's name.
        """
        whole = f"{status} {dict(headers)} {text}"
        if status < 400:
            self.shown.append((what, whole.replace(token, "") if token else whole))
        else:
            self.seen.append((what, whole))

    def check(self, scene: Scene) -> None:
        """The marks are nowhere but where they belong.

        Raises:
            AssertionError: names what was found, and where.
        """
        out, err = self.capsys.readouterr()
        self.saw("standard output", out, err)
        self.saw("a warning", *(warning.message for warning in self.recwarn))
        self.saw("a log", *(f"{vars(record)} {record.getMessage()}" for record in self.caplog.records))
        secret = {**self.tokens.needles, **self.tokens.hash_needles}
        assert_absent({**secret, **DATA_NEEDLES}, self.seen)
        assert_absent(secret, self.shown)
        self._check_table(scene.all_rows())
        self.check_calls(scene)

    def _check_table(self, rows: list[dict[str, Any]]) -> None:
        hashes = {sha256(part.encode()).digest() for part in self.tokens.made}
        for row in rows:
            assert {bytes(row[name]) for name in HASHES if name in row} <= hashes
        self._check_places("the table", rows)

    def check_calls(self, scene: Scene) -> None:
        """The marks are in no request to AWS but where they belong. For tests that let the scene forget its calls."""
        self._check_places("a request to AWS", [call.parameters for call in scene.faults.calls])

    def _check_places(self, where: str, value: Any) -> None:
        assert_absent(self.tokens.needles, [(where, repr(value))])
        assert_absent(self.tokens.hash_needles, [(where, repr(without_hashes(value)))])
        assert_absent(DATA_NEEDLES, [(where, repr(without_data(value)))])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and all others that it came from, whether tracebacks show them or not."""
    yield error
    for origin in (error.__cause__, error.__context__):
        if origin is not None:
            yield from _chain(origin)
