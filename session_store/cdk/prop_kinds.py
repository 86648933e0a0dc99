"""Kinds of declared props: what each accepts, and what it is to CDK."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from session_store import checks
from session_store.cdk.checks import as_timedelta, check_member, check_type, check_whole_number, key_itself
from session_store.errors import InvalidInputError
from session_store.model import show_duration

if TYPE_CHECKING:
    from datetime import timedelta
    from enum import Enum

    from session_store.cdk.parts import Part


@dataclass(frozen=True, kw_only=True)
class Prop(ABC):
    """A prop's declaration.

    Attributes:
        default: what counts where it is not given.
        text: one sentence for users.
    """

    default: Any
    text: str

    @abstractmethod
    def accept(self, name: str, value: Any) -> Any:  # noqa: ANN401 - any value, right or wrong
        """The value as the construct uses it.

        Raises:
            InvalidInputError: it is of the wrong type or out of range, naming the prop.
        """

    @property
    def shown(self) -> str:
        """The default and the range, for `help()`."""
        return f"default {self.default}"


@dataclass(frozen=True, kw_only=True)
class WholeNumber(Prop):
    """A whole number, also None where that is the default."""

    minimum: int
    maximum: int | None = None
    unit: str = ""

    def accept(self, name: str, value: Any) -> int | None:  # noqa: ANN401, D102 - as of every kind
        if value is None and self.default is None:
            return None
        if self.maximum is None:
            return check_whole_number(name, value, minimum=self.minimum)
        if isinstance(value, bool) or not isinstance(value, int) or not self.minimum <= value <= self.maximum:
            problem = f"must be {self.minimum} to {self.maximum} whole {self.unit}"
            raise InvalidInputError(name, problem, value=value)
        return value

    @property
    def shown(self) -> str:  # noqa: D102
        upwards = "" if self.maximum is None else f" to {self.maximum} {self.unit}"
        return f"{super().shown}, {self.minimum}{upwards or ' or more'}"


@dataclass(frozen=True, kw_only=True)
class Time(Prop):
    """A duration of whole seconds. Its bounds are numbers of them."""

    default: timedelta
    minimum: int
    maximum: int

    def accept(self, name: str, value: Any) -> timedelta:  # noqa: ANN401, D102
        accepted = as_timedelta(name, value)
        seconds = accepted.total_seconds()
        if seconds not in range(self.minimum, self.maximum + 1):
            raise InvalidInputError(name, f"must be {self.minimum} to {self.maximum} whole seconds", value=seconds)
        return accepted

    @property
    def shown(self) -> str:  # noqa: D102
        return f"default {show_duration(self.default)}, {self.minimum} to {self.maximum} s"


@dataclass(frozen=True, kw_only=True)
class Flag(Prop):
    """True or False, without None."""

    def accept(self, name: str, value: Any) -> bool:  # noqa: ANN401, D102
        return checks.check_flag(name, value)


@dataclass(frozen=True, kw_only=True)
class Choice(Prop):
    """A member of one of CDK's enums, also None where that is the default.

    Attributes:
        kind: the enum, where the default does not tell it.
    """

    default: Enum | None
    kind: type[Enum] | None = None

    @property
    def members(self) -> type[Enum]:
        """The enum, by default the one that the default value belongs to."""
        return self.kind or type(cast("Enum", self.default))

    def accept(self, name: str, value: Any) -> Enum | None:  # noqa: ANN401, D102
        if value is None and self.default is None:
            return None
        if not isinstance(value, self.members):
            example = self.default or next(iter(self.members))
            kind = self.members.__name__
            raise InvalidInputError(name, f"must be of {kind}, for instance {kind}.{example.name}", value=value)
        return value

    @property
    def shown(self) -> str:  # noqa: D102
        return super().shown if self.default is None else f"default {self.default.name}"


@dataclass(frozen=True, kw_only=True)
class Constant(Prop):
    """One of the constants of a class of CDK's that is no enum. Each has a `name`, which tells it from the others."""

    names: tuple[str, ...]

    @property
    def constants(self) -> dict[str, Any]:
        """The accepted values, by the constant's name in the class."""
        return {name: getattr(type(self.default), name) for name in self.names}

    def accept(self, name: str, value: Any) -> Any:  # noqa: ANN401, D102
        kind = type(self.default)
        if not isinstance(value, kind) or value.name not in {each.name for each in self.constants.values()}:
            allowed = " or ".join(f"{kind.__name__}.{each}" for each in self.names)
            raise InvalidInputError(name, f"must be {allowed}", value=getattr(value, "name", value))
        return value

    @property
    def shown(self) -> str:  # noqa: D102
        default = next(name for name, each in self.constants.items() if each.name == self.default.name)
        return f"default {default}, one of {', '.join(self.names)}"


@dataclass(frozen=True, kw_only=True)
class Text(Prop):
    """A text that is not empty."""

    def accept(self, name: str, value: Any) -> str:  # noqa: ANN401, D102
        if not isinstance(value, str) or not value.strip():
            raise InvalidInputError(name, "must be a text that is not empty", value=value)
        return value


@dataclass(frozen=True, kw_only=True)
class Names(Prop):
    """Some of a few known names, each once."""

    choices: tuple[str, ...]

    def accept(self, name: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401, D102
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise InvalidInputError(name, "must be a list of names", value=value)
        for each in value:
            if each not in self.choices:
                near = get_close_matches(str(each), self.choices, n=1)
                guess = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.choices)}"
                raise InvalidInputError(name, f"has an unknown name, {guess}", value=each)
        return tuple(dict.fromkeys(value))


class Made(Prop):
    """A value that an app makes with CDK, and that JSON cannot hold."""


@dataclass(frozen=True, kw_only=True)
class One(Made):
    """One thing of CDK's, or None.

    Attributes:
        member: tells it from other things.
        expected: what it is, for the message.
    """

    member: str
    expected: str

    def accept(self, name: str, value: Any) -> Any:  # noqa: ANN401, D102
        return None if value is None else check_member(name, value, self.member, self.expected)


@dataclass(frozen=True, kw_only=True)
class Several(Made):
    """A list of things of CDK's, which stay in the order that they are given in.

    Attributes:
        member: tells each from other things.
        expected: what each is, for the message.
        maximum: how many there may be.
    """

    member: str
    expected: str
    maximum: int

    def accept(self, name: str, value: Any) -> tuple[Any, ...]:  # noqa: ANN401, D102
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise InvalidInputError(name, f"must be a list; each is {self.expected}", value=value)
        if len(value) > self.maximum:
            raise InvalidInputError(name, f"must be {self.maximum} at most", value=len(value))
        return tuple(check_member(name, each, self.member, self.expected) for each in value)


@dataclass(frozen=True, kw_only=True)
class OptionalPart(Made):
    """One of the optional parts of the store, or None.

    Attributes:
        kind: its class.
    """

    kind: type[Part]

    def accept(self, name: str, value: Any) -> Any:  # noqa: ANN401, D102
        return None if value is None else check_type(name, value, self.kind, f"{self.kind.__name__}(...)")


@dataclass(frozen=True, kw_only=True)
class Key(Made):
    """A key of CDK's, or None."""

    def accept(self, name: str, value: Any) -> Any:  # noqa: ANN401, D102
        return None if value is None else key_itself(name, value)
