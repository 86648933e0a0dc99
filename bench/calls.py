"""How many functions of the library a request passes through, and how often it moves between files.

Each call costs CPU time, and each move is a file that a reader of the path has to open. The engine in memory and the
clock of the tests are not counted. Baselines are those of commit b3f3b65.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import session_store
from bench.report import Figure
from session_store.clock import SystemClock
from session_store.testing import in_memory_store
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from session_store import SessionStore

_PACKAGE: Final = str(Path(session_store.__file__).parent)
_NOT_COUNTED: Final = str(Path(_PACKAGE) / "testing")
_KEYS: Final = 50


def counted_calls() -> list[Figure]:
    """Count the calls of the paths that have a goal."""
    clock: Any = SystemClock()
    with in_memory_store(clock=clock) as store:
        return [*_validate(store), *_decorated(store)]


def _validate(store: SessionStore) -> list[Figure]:
    token = store.create_session("ana").token
    files = _files(lambda: store.validate(token))
    return [
        _figure("validate, nothing due: calls", len(files), before=89, goal=50),
        _figure("validate, nothing due: moves between files", _moves(files), before=47, goal=25),
    ]


def _decorated(store: SessionStore) -> list[Figure]:
    @session(store=store)
    def read(_event: object, _context: object) -> dict[str, Any]:
        return {"statusCode": 200, "body": str(current_session()["visits"])}

    @session(store=store)
    def change(_event: object, _context: object) -> dict[str, Any]:
        current_session()["visits"] += 1
        return {"statusCode": 200, "body": ""}

    data = {f"k{number}": {"a": [1, 2, 3], "b": "text"} for number in range(_KEYS)} | {"visits": 1}
    token = store.create_session("ana", data=data).token
    event = {
        "version": "2.0",
        "headers": {},
        "cookies": [f"__Host-session={token}"],
        "requestContext": {"http": {"method": "GET"}},
    }
    return [
        _figure(f"decorated request, {_KEYS} keys, read-only: calls", _calls(read, event), before=3088, goal=400),
        _figure(f"decorated request, {_KEYS} keys, one change: calls", _calls(change, event), before=6534, goal=1000),
    ]


def _calls(handler: Callable[[Any, Any], object], event: dict[str, Any]) -> int:
    handler(event, None)  # the first request loads modules
    return len(_files(lambda: handler(event, None)))


def _files(action: Callable[[], object]) -> list[str]:
    """The file of each called function of the library, in order."""
    files: list[str] = []
    engine = 0  # how many of its functions are being called: what they call of the library is not counted either

    def note(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal engine
        file = frame.f_code.co_filename
        if file.startswith(_NOT_COUNTED) and event in {"call", "return"}:
            engine += 1 if event == "call" else -1
        elif event == "call" and not engine and file.startswith(_PACKAGE):
            files.append(file)

    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
    return files


def _moves(files: list[str]) -> int:
    return sum(one != other for one, other in pairwise(files))


def _figure(name: str, measured: int, *, before: int, goal: int) -> Figure:
    return Figure(
        name=name,
        measured=f"{measured:,}",
        baseline=f"{before:,}",
        ratio=measured / before,
        goal=f"<= {goal:,}",
        met=measured <= goal,
    )
