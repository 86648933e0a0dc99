"""How a setting is declared: once, with its type, its default, its bounds and its environment variable.

A family of settings is a frozen dataclass on `Settings`. Each of its fields has a default, and as its metadata what
`duration`, `number`, `moment` or `setting` makes. The checks, the environment variables both ways, the tables of the
documents and the settings of `cdk.json` come from these fields. The sentence about a setting is in its family's
docstring, under `Attributes`. The functions' code has no docstrings, so it costs them nothing.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from session_store.errors import InvalidInputError, StoreConfigurationError
from session_store.model import check_whole_seconds
from session_store.values import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

_T = TypeVar("_T")
_KIND: Final = "kind"
_SECOND: Final = timedelta(seconds=1)


class Kind(Generic[_T]):
    """The accepted values of a setting, and their form in an environment variable.

    Attributes:
        variable: the environment variable.
        unit: the unit of its text.
        minimum: the least value, None if there are no bounds.
        maximum: the greatest value, likewise.
    """

    unit: str
    minimum: Any = None
    maximum: Any = None

    def __init__(self, variable: str) -> None:
        self.variable = variable

    def check(self, name: str, value: _T) -> None:
        """Refuse another type, and what is out of range.

        Raises:
            InvalidInputError: naming the setting.
        """
        raise NotImplementedError

    def write(self, value: _T) -> str:
        """The text of a value that was checked."""
        raise NotImplementedError

    def read(self, name: str, text: str) -> _T:
        """The value that a text stands for. `check` says whether it is in range.

        Raises:
            InvalidInputError: it stands for none, naming the setting.
        """
        raise NotImplementedError


class Text(Kind[str]):
    """A kind whose text is the value.

    Attributes:
        form: a regular expression for all of it.
        problem: of a text in another form.
    """

    form: str
    problem: str

    def check(self, name: str, value: str) -> None:  # noqa: D102 - as of every kind
        if not isinstance(value, str) or not re.fullmatch(self.form, value):
            raise InvalidInputError(name, self.problem, value=value)

    def write(self, value: str) -> str:  # noqa: D102 - as of every kind
        return value

    def read(self, name: str, text: str) -> str:  # noqa: ARG002, D102 - `check` refuses what is not acceptable
        return text


class _Counted(Kind[_T]):
    """A kind whose text is a whole number."""

    def read(self, name: str, text: str) -> _T:
        try:
            number = int(text)
        except ValueError:
            raise InvalidInputError(name, "must be a whole number", value=text) from None
        try:
            return self.of(number)
        except (ValueError, OverflowError, OSError):  # which of them depends on the platform
            raise InvalidInputError(name, "is out of range", value=text) from None

    def of(self, number: int) -> _T:
        """The value that a number stands for."""
        raise NotImplementedError


class Duration(_Counted[timedelta]):
    """A timedelta of whole seconds within bounds, written as a number of seconds."""

    unit = "seconds"
    minimum: timedelta
    maximum: timedelta

    def check(self, name: str, value: timedelta) -> None:  # noqa: D102
        check_whole_seconds(name, value, minimum=self.minimum, maximum=self.maximum)

    def write(self, value: timedelta) -> str:  # noqa: D102
        return str(value // _SECOND)

    def of(self, number: int) -> timedelta:  # noqa: D102
        return timedelta(seconds=number)


class Number(_Counted[int]):
    """A whole number within bounds, counted in the unit."""

    minimum: int
    maximum: int

    def check(self, name: str, value: int) -> None:  # noqa: D102
        if isinstance(value, bool) or not isinstance(value, int) or not self.minimum <= value <= self.maximum:
            problem = f"must be a whole number of {self.unit} from {self.minimum} to {self.maximum}"
            raise InvalidInputError(name, problem, value=value)

    def write(self, value: int) -> str:  # noqa: D102
        return str(value)

    def of(self, number: int) -> int:  # noqa: D102
        return number


class Moment(_Counted[datetime]):
    """An aware datetime. A naive one would mean another moment on another machine."""

    unit = "seconds since 1970 (UTC)"

    def check(self, name: str, value: datetime) -> None:  # noqa: D102
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise InvalidInputError(name, "must be a datetime with a time zone", value=value)

    def write(self, value: datetime) -> str:  # noqa: D102
        return str(int(value.timestamp()))

    def of(self, number: int) -> datetime:  # noqa: D102
        return datetime.fromtimestamp(number, UTC)


class Flag(Kind[bool]):
    """True or False."""

    unit = "JSON boolean"

    def check(self, name: str, value: bool) -> None:  # noqa: D102, FBT001 - as of every kind; it is what is checked
        if not isinstance(value, bool):
            raise InvalidInputError(name, "must be True or False", value=value)

    def write(self, value: bool) -> str:  # noqa: D102, FBT001
        return "true" if value else "false"

    def read(self, name: str, text: str) -> bool:  # noqa: D102
        if text not in {"true", "false"}:
            raise InvalidInputError(name, "must be true or false", value=text)
        return text == "true"


def setting(kind: Kind[Any]) -> dict[str, Kind[Any]]:
    """The metadata of a field of `Settings`. With None as its default it may be None. No variable is written then."""
    return {_KIND: kind}


def duration(variable: str, minimum: timedelta, maximum: timedelta) -> dict[str, Kind[Any]]:
    """The metadata of a setting that is a timedelta of whole seconds."""
    kind = Duration(variable)
    kind.minimum, kind.maximum = minimum, maximum
    return setting(kind)


def number(variable: str, unit: str, minimum: int, maximum: int) -> dict[str, Kind[Any]]:
    """The metadata of a setting that is a whole number."""
    kind = Number(variable)
    kind.unit, kind.minimum, kind.maximum = unit, minimum, maximum
    return setting(kind)


def moment(variable: str) -> dict[str, Kind[Any]]:
    """The metadata of a setting that is an aware datetime."""
    return setting(Moment(variable))


class Settings:
    """The methods that every family of settings has."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, kind in self.kinds().items():
            value = getattr(self, name)
            if value is not None or self.default(name) is not None:
                kind.check(name, value)
        self._check_together()

    def _check_together(self) -> None:
        """Refuse values that do not go with one another. Each by itself is right."""

    @classmethod
    def kinds(cls) -> dict[str, Kind[Any]]:
        """The settings of the family: name -> kind."""
        return {name: declared.metadata[_KIND] for name, declared in fields_of(cls).items()}

    @classmethod
    def default(cls, name: str) -> Any:  # noqa: ANN401 - any setting's
        """The value of a setting that is not given."""
        return fields_of(cls)[name].default

    def environment(self) -> dict[str, str]:
        """The settings as environment variables. A setting that is None has none."""
        given = ((kind, getattr(self, name)) for name, kind in self.kinds().items())
        return {kind.variable: kind.write(value) for kind, value in given if value is not None}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read what `environment` wrote. A variable that is not set, or empty, means the default.

        Raises:
            StoreConfigurationError: a variable, which the message names, is malformed or out of range.
        """
        kinds = cls.kinds()
        with naming_variables({name: kind.variable for name, kind in kinds.items()}):
            return cls(
                **{
                    name: kind.read(name, text)
                    for name, kind in kinds.items()
                    if (text := environment.get(kind.variable))
                }
            )


@contextmanager
def naming_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Say of a setting that is not acceptable which environment variable it came from.

    Args:
        variables: setting -> environment variable.

    Raises:
        StoreConfigurationError: in place of the InvalidInputError of such a setting.
    """
    try:
        yield
    except InvalidInputError as error:
        if error.field not in variables:
            raise
        got = f" (got {error.shown_value})" if error.shown_value else ""
        message = f"environment variable {variables[error.field]}: {error.problem}{got}"
        raise StoreConfigurationError(message) from None
