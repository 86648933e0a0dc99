"""The answer to an HTTP request, however it was carried."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reply:
    """A response: its status, headers and body."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    set_cookies: Sequence[str]
    text: str = field(repr=False)
    result: Any = field(default=None, repr=False)  # what a handler returned, untouched, where the test called one

    @property
    def json(self) -> Any:
        return json.loads(self.text) if self.text else None

    @property
    def problem(self) -> str:
        """The last part of the problem's type; fails when it is none."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.json["status"] == self.status
        return str(self.json["type"]).rpartition(":")[2]

    @property
    def outcome(self) -> tuple[int, str]:
        """Status and problem."""
        return self.status, self.problem

    @property
    def cookie(self) -> str | None:
        """The value in the first cookie that it sets; None when it sets none, or clears it."""
        return self.set_cookies[0].partition(";")[0].partition("=")[2] or None if self.set_cookies else None
