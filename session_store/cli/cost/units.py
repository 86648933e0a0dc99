"""The calls of a day, and the request units that they consume by the catalog's costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.catalog import access_patterns as patterns
from session_store.cli.cost import sizes
from session_store.cli.cost.lifetime import lifetime
from session_store.cli.cost.question import Through

if TYPE_CHECKING:
    from session_store.catalog.pattern import AccessPattern
    from session_store.cli.cost.question import Question

_DAYS_PER_MONTH: Final = 30


class Kind(NamedTuple):
    """One kind of call, and those of its units that do not stand for a row of 1 KB in the table.

    Attributes:
        name: in words.
        pattern: has the cost.
        when: which of the pattern's costs.
        session_rru: the units that read the session. They grow with its data.
        session_wru: the units that write the session.
        index_wru: the units that write entries of the index.
    """

    name: str
    pattern: AccessPattern
    when: str = ""
    session_rru: int = 0
    session_wru: int = 0
    index_wru: int = 0


SIGN_IN: Final = Kind("sign-in", patterns.CREATE_SESSION, session_wru=1, index_wru=1)
FIRST_SIGN_IN: Final = SIGN_IN._replace(name="customer's first sign-in", when="the customer's first", index_wru=2)
LATE_SIGN_IN: Final = SIGN_IN._replace(
    name="sign-in that keeps the customer's row", when="the customer's item would run out before the session"
)
CHECK: Final = Kind("check", patterns.VALIDATE, session_rru=1)
EXTENSION: Final = CHECK._replace(name="check with an extension", when="at an extension", session_wru=1)
USE: Final = CHECK._replace(name="check with a new token", when="first use of a new token", session_wru=1)
SAVE: Final = Kind("save of data", patterns.UPDATE_DATA, "from a session already read", session_wru=1)
SAVE_BY_ID: Final = Kind("save of data", patterns.UPDATE_DATA, session_rru=1, session_wru=1)
SIGN_OUT: Final = Kind("sign-out", patterns.END_SESSION, session_wru=1)
SIGN_OUT_BY_ID: Final = SIGN_OUT._replace(when="by id alone", session_rru=1)


class Calls(NamedTuple):
    """Calls of one kind, and their units.

    Attributes:
        kind: of all of them.
        number: in a day.
        rru: request units to read.
        table_wru: request units to write the table.
        index_wru: request units to write the index.
    """

    kind: Kind
    number: float
    rru: float
    table_wru: float
    index_wru: float


def calls_of_a_day(question: Question) -> list[Calls]:
    """All calls, kind by kind. No kind with none."""
    row = sizes.row_bytes(question.data_bytes)
    return [_calls(kind, count, row) for kind, count in _counts(question) if count > 0]


def _counts(question: Question) -> list[tuple[Kind, float]]:
    by_id = question.through is Through.API
    sessions, requests = question.sessions_per_day, question.requests_per_day
    first = sessions * question.new_customers
    late = (sessions - first) * _late_share(question)
    life = lifetime(question, rotates=not by_id)
    extensions, uses = sessions * life.extensions, sessions * life.uses
    return [
        (FIRST_SIGN_IN, first),
        (LATE_SIGN_IN, late),
        (SIGN_IN, sessions - first - late),
        (CHECK, requests - extensions - uses),
        (EXTENSION, extensions),
        (USE, uses),
        (SAVE_BY_ID if by_id else SAVE, requests * question.changes),
        (SIGN_OUT_BY_ID if by_id else SIGN_OUT, sessions * question.signed_out),
    ]


def _late_share(question: Question) -> float:
    """The share of sign-ins at which the customer's row would run out. It is moved once in the retention."""
    if not question.retention:
        return 1
    return min(1, _DAYS_PER_MONTH / question.retention / question.sign_ins_per_month)


def _calls(kind: Kind, number: float, row: int) -> Calls:
    amount = kind.pattern.cost(kind.when).amount()
    rru = amount.rru + kind.session_rru * (sizes.read_units(row) - 1)
    wru = amount.wru + kind.session_wru * (sizes.write_units(row) - 1)
    return Calls(kind, number, number * rru, number * (wru - kind.index_wru), number * kind.index_wru)
