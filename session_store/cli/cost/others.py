"""The calls that other projects make for the same traffic, each read in the source at the commit in the link."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.cli.cost.dollars import DAYS

if TYPE_CHECKING:
    from session_store.cli.cost.prices import Prices
    from session_store.cli.cost.question import Question

_HOST: Final = "https://github.com"
_SESSION_LAMBDA: Final = f"{_HOST}/roy-pstr/session-lambda/blob/ac4a81a3c6e466c2cff5c57bbb6d8a8b635a2ae1/session_lambda"
_FLASK_SESSION: Final = (
    f"{_HOST}/pallets-eco/flask-session/blob/bc2fe67958bff5e46023c4807b5e75ca350554eb/src/flask_session"
)
_CONNECT_DYNAMODB: Final = f"{_HOST}/ca98am79/connect-dynamodb/blob/eeeb8d384fd71e7571f6c586bee0813b3e9d7702"
_EXPRESS_SESSION: Final = f"{_HOST}/expressjs/session/blob/85682a2a56c5bdbed8d7e7cd2cc5e1343c951af6"
_READ_BYTES: Final = 4096
_WRITE_BYTES: Final = 1024
_ROW_BYTES: Final = 150  # of an item beside its data: the key, the names, the expiry


class Pattern(NamedTuple):
    """The units of a project for items of at most 1 KB. Its one table has no index.

    Attributes:
        project: as it is called.
        rru: to read at each request.
        unchanged_wru: to write at a request that changes nothing.
        changed_wru: to write at one that does.
        sign_out_wru: to write at a sign-out.
        does: the calls, in words.
        sources: the files that they were read in.
    """

    project: str
    rru: float
    unchanged_wru: float
    changed_wru: float
    sign_out_wru: float
    does: str
    sources: tuple[str, ...]


class Other(NamedTuple):
    """A project's day.

    Attributes:
        pattern: its calls.
        rru: request units to read.
        wru: request units to write.
        dollars: a month, for these units alone.
    """

    pattern: Pattern
    rru: float
    wru: float
    dollars: float


PATTERNS: Final = (
    Pattern(
        "session-lambda",
        0.5,
        0,
        1,
        0,
        "DescribeTable and an eventually consistent GetItem at each request, DescribeTable and UpdateItem to save; "
        "with `update=True` at every request, changed or not; a session never ends",
        (f"{_SESSION_LAMBDA}/store/dynamodb_store.py", f"{_SESSION_LAMBDA}/session.py"),
    ),
    Pattern(
        "Flask-Session",
        0.5,
        1,
        1,
        1,
        "an eventually consistent GetItem and, as SESSION_REFRESH_EACH_REQUEST is on by default, an UpdateItem of all "
        "data at each request; DeleteItem at a sign-out",
        (f"{_FLASK_SESSION}/dynamodb/dynamodb.py", f"{_FLASK_SESSION}/base.py"),
    ),
    Pattern(
        "express-session with connect-dynamodb",
        1,
        1,
        1,
        1,
        "express-session gets the session and, at the end of each request, saves it where it has changed or `resave` "
        "is on, or else touches it; connect-dynamodb makes a strongly consistent GetItem, PutItem and UpdateItem of "
        "these; DeleteItem at a sign-out",
        (f"{_EXPRESS_SESSION}/index.js", f"{_CONNECT_DYNAMODB}/lib/connect-dynamodb.js"),
    ),
)


def others(question: Question, prices: Prices) -> list[Other]:
    """The same traffic with the other projects."""
    size = _ROW_BYTES + question.data_bytes
    read, write = math.ceil(size / _READ_BYTES), math.ceil(size / _WRITE_BYTES)
    return [_other(pattern, question, prices, read, write) for pattern in PATTERNS]


def _other(pattern: Pattern, question: Question, prices: Prices, read: int, write: int) -> Other:
    sessions, requests = question.sessions_per_day, question.requests_per_day
    changed = requests * question.changes
    rru = requests * pattern.rru * read
    wru = write * (
        sessions  # a new session is saved once
        + changed * pattern.changed_wru
        + (requests - changed) * pattern.unchanged_wru
        + sessions * question.signed_out * pattern.sign_out_wru
    )
    dollars = prices["read_units"].of(DAYS * rru) + prices["write_units"].of(DAYS * wru)
    return Other(pattern, rru, wru, dollars)
