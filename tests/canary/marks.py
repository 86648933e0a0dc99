"""The marks, and the places where they are looked for."""

from __future__ import annotations

import base64
import logging
import traceback
from dataclasses import dataclass, field
from math import ceil
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pytest

TOKEN: Final = "CANARYOFTOKENS"
DATA: Final = "canary-of-data"
MARKED_DATA: Final = {"note": DATA, "nested": {"notes": [DATA]}, "visits": 1}


def marked_token_part(number_of_bytes: int) -> str:
    """In place of `secrets.token_urlsafe`: as long and as random as the tests need it, and marked."""
    length = ceil(number_of_bytes * 4 / 3)
    return (TOKEN + token_hex(length))[: length - 1] + "A"


@dataclass
class Witness:
    """Everything that others than the caller get to see."""

    caplog: pytest.LogCaptureFixture
    capsys: pytest.CaptureFixture[str]
    errors: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # metrics

    def __post_init__(self) -> None:
        self.caplog.set_level(logging.DEBUG, "session_store")
        self.caplog.set_level(logging.INFO)

    def saw(self, error: BaseException) -> None:
        """An exception, as an application's log shows it, with its cause."""
        self.errors += [repr(error), "".join(traceback.format_exception(error))]

    def answered(self, status: int, text: str) -> None:
        """An answer to a client; data belong into good ones."""
        if status >= 400:
            self.errors.append(text)

    def check(self, rows: list[dict[str, Any]]) -> None:
        """The marks are nowhere but where they belong: tokens with their clients, data in the attribute `data`."""
        out, err = self.capsys.readouterr()
        seen = [*self.errors, *self.lines, out, err, *map(str, self._logged())]
        for text in seen:
            assert not _found(TOKEN, text), "a token"
            assert not _found(DATA, text), "data"
        assert not _found(TOKEN, repr(rows)), "a token in the table"
        without_data = [{name: value for name, value in row.items() if name != "data"} for row in rows]
        assert not _found(DATA, repr(without_data)), "data in another attribute"

    def _logged(self) -> list[str]:
        return [f"{vars(record)} {record.getMessage()}" for record in self.caplog.records]


def _found(mark: str, text: str) -> bool:
    encoded = base64.b64encode(mark.encode()).decode()[: len(mark)]  # what is in front does not move it
    return mark in text or encoded in text or mark.encode().hex() in text
