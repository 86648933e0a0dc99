"""Values are dataclasses in all that shows, though the library makes them itself."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from session_store import Session, values
from tests.repository.test_exported_members import _run


def declare(of: Any) -> SimpleNamespace:
    """The same classes, by a module's `dataclass` and `field`."""

    class Base:
        __slots__ = ()

        def __post_init__(self) -> None:
            if self.number < 0:  # type: ignore[attr-defined]
                raise ValueError("number")

    @of.dataclass(frozen=True, slots=True)
    class Plain(Base):
        """A value."""

        kind: ClassVar[str] = "plain"
        number: int
        text: str = "text"
        secret: str = of.field(default="secret", repr=False)
        not_compared: int = of.field(default=0, compare=False)
        not_hashed: Mapping[str, int] = of.field(default_factory=dict, hash=False)

    @of.dataclass(frozen=True, slots=True, kw_only=True)
    class Further(Plain):
        more: int
        made: int = of.field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "made", self.more + 1)

        def __repr__(self) -> str:
            return "own"

    @of.dataclass(frozen=True, slots=True)
    class One:
        only: tuple[int, ...] = of.field(metadata={"unit": "seconds"})

    return SimpleNamespace(Plain=Plain, Further=Further, One=One)


def subclass(of: SimpleNamespace) -> Any:
    """A subclass of a value that is a dataclass of the standard library."""
    sub: Any = type("Sub", (of.Plain,), {"__annotations__": {"a": "int"}})
    return dataclasses.dataclass(frozen=True)(sub)


OURS, THEIRS = declare(values), declare(dataclasses)
globals().update({f"Pickled{name}": kind for name, kind in vars(OURS).items()})
for name, kind in vars(OURS).items():
    kind.__qualname__ = f"Pickled{name}"
    vars(THEIRS)[name].__qualname__ = f"Pickled{name}"


def outcome(action: Callable[[], object]) -> object:
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - it is the outcome
        return type(error)


@pytest.mark.parametrize(
    "action",
    [
        lambda of: repr(of.Plain(1)),
        lambda of: repr(of.Further(1, more=2)),
        lambda of: repr(of.One((1, 2))),
        lambda of: of.Further(1, more=2).made,
        lambda of: (of.Plain(1) == of.Plain(1, "text"), of.Plain(1) == of.Plain(2), of.Plain(1) == 1),
        lambda of: (of.Plain(1, not_compared=1) == of.Plain(1), of.Plain(1) != of.Further(1, more=2)),
        lambda of: hash(of.Plain(1)) == hash(of.Plain(1, not_hashed={"a": 1})),
        lambda of: hash(of.Plain([])),
        lambda of: {of.One((1,)): 1}[of.One((1,))],
        lambda of: of.Plain(),
        lambda of: of.Plain(-1),
        lambda of: of.Plain(1, unknown=1),
        lambda of: of.Further(1, 2, 3, {}, 4, 5),
        lambda of: setattr(of.Plain(1), "number", 2),
        lambda of: delattr(of.Plain(1), "number"),
        lambda of: vars(of.Plain(1)),
        lambda of: type("Sub", (of.Plain,), {})(1).number,
        lambda of: setattr(type("Sub", (of.Plain,), {})(1), "number", 2),
        lambda of: str(inspect.signature(of.Plain)).replace("<factory>", "...").partition("not_hashed")[0],
        lambda of: of.Plain.__match_args__ + of.Further.__match_args__,
        lambda of: (of.Plain.__slots__, of.Further.__slots__, of.Plain.__doc__, of.Plain.kind),
        lambda of: of.Plain(1).not_hashed is of.Plain(1).not_hashed,
        lambda of: dataclasses.asdict(of.Further(1, more=2)),
        lambda of: dataclasses.astuple(of.Plain(1)),
        lambda of: repr(dataclasses.replace(of.Plain(1), number=2)),
        lambda of: dataclasses.replace(of.Plain(1), number=-1),
        lambda of: dataclasses.replace(of.Further(1, more=2), more=3).made,
        lambda of: [each.name for each in dataclasses.fields(of.Further)],
        lambda of: [(each.type, each.default, each.repr, each.kw_only) for each in dataclasses.fields(of.Plain)],
        lambda of: [(each.compare, each.hash, each.init) for each in dataclasses.fields(of.Further(1, more=2))],
        lambda of: dict(dataclasses.fields(of.One)[0].metadata),
        lambda of: repr(subclass(of)(1, a=2)),
    ],
)
def test_a_value_does_what_a_dataclass_does(action: Callable[[object], object]) -> None:
    ours, theirs = outcome(lambda: action(OURS)), outcome(lambda: action(THEIRS))

    assert ours == theirs or repr(ours) == repr(theirs)


def test_values_are_copied_and_pickled() -> None:
    value = OURS.Further(1, not_hashed={"a": 1}, more=2)

    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == copy.copy(value) == value
    assert values.replace(value, more=5).made == 6


def test_a_class_that_can_be_changed_is_refused() -> None:
    with pytest.raises(TypeError, match="frozen"):
        values.dataclass(frozen=False, slots=True)


def test_what_the_store_returns_is_a_dataclass_for_its_callers() -> None:
    assert dataclasses.is_dataclass(Session)
    assert "snapshot" in {each.name for each in dataclasses.fields(Session) if not each.compare}


def test_a_value_needs_no_dataclasses() -> None:
    done = _run("import sys; from session_store.model import Timeouts; Timeouts(); print(*sys.modules)")

    assert {"dataclasses", "inspect"}.isdisjoint(done.stdout.split())
