"""Kinds of declared props: what each accepts, and what it is to CDK."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from session_store import checks
from session_store.cdk.checks import as_timedelta, check_whole_number, key_itself
from session_store.errors import InvalidInputError
from session_store.model import show_duration

if TYPE_CHECKING:
    from datetime import timedelta
    from enum import Enum


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
            InvalidInputError: it is of the wrong type or out of range; naming the prop.
        """

    @property
    def shown(self) -> str:
        """The default and the range, for `help()`."""
        return f"default {self.default}"


@dataclass(frozen=True, kw_only=True)
class WholeNumber(Prop):
    """A whole number; also None where that is the default."""

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
    """A duration of whole seconds; its bounds are numbers of them."""

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
    """True or False."""

    def accept(self, name: str, value: Any) -> bool:  # noqa: ANN401, D102
        return checks.check_flag(name, value)


@dataclass(frozen=True, kw_only=True)
class Choice(Prop):
    """A member of one of CDK's enums, the one that the default belongs to."""

    default: Enum

    def accept(self, name: str, value: Any) -> Enum:  # noqa: ANN401, D102
        if not isinstance(value, type(self.default)):
            kind = type(self.default).__name__
            raise InvalidInputError(name, f"must be of {kind}, for instance {kind}.{self.default.name}", value=value)
        return value

    @property
    def shown(self) -> str:  # noqa: D102
        return f"default {self.default.name}"


@dataclass(frozen=True, kw_only=True)
class Key(Prop):
    """A key of CDK's, or None."""

    def accept(self, name: str, value: Any) -> Any:  # noqa: ANN401, D102
        return None if value is None else key_itself(name, value)
