"""The platforms of functions, as wheels name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

_NAME: Final = "python"
_RUNTIME: Final = re.compile(rf"{_NAME}(3\.(\d+))")
_OLDEST_PYTHON: Final = 11  # that the library runs on
_PROCESSORS: Final = {"x86_64": "x86_64", "arm64": "aarch64"}
# Minor versions of glibc. Python 3.11 runs on Amazon Linux 2, which has 2.26. Below that, uv has a name for 2.17 alone.
_AMAZON_LINUX_2: Final = 17
_AMAZON_LINUX_2023: Final = 34
_OLDEST_GLIBC: Final = 5  # that wheels were made for


def python_of(runtime: lambda_.Runtime | None) -> str:
    """The version of a runtime's Python, for instance `3.13`.

    Raises:
        InvalidInputError: the library does not run on it.
    """
    found = _RUNTIME.fullmatch(str(getattr(runtime, "name", "")))
    if found is None or int(found[2]) < _OLDEST_PYTHON:
        raise InvalidInputError("runtime", f"must be Runtime.PYTHON_3_{_OLDEST_PYTHON} or newer", value=runtime)
    return found[1]


class Platform(NamedTuple):
    """Python and processor of a function.

    Attributes:
        runtime: for instance `python3.13`.
        architecture: `arm64` or `x86_64`.
    """

    runtime: str
    architecture: str

    @classmethod
    def of(cls, runtime: lambda_.Runtime | None, architecture: lambda_.Architecture | None) -> Platform:
        """The platform of these props of a function.

        Raises:
            InvalidInputError: it is none that the library runs on.
        """
        python = python_of(runtime)
        processor = str(getattr(architecture, "name", ""))
        if processor not in _PROCESSORS:
            problem = "must be Architecture.ARM_64 or Architecture.X86_64"
            raise InvalidInputError("architecture", problem, value=architecture)
        return cls(f"{_NAME}{python}", processor)

    def __str__(self) -> str:
        return f"{self.runtime} on {self.architecture}"

    @property
    def python(self) -> str:
        """The version of Python, for instance `3.13`."""
        return self.runtime.removeprefix(_NAME)

    @property
    def processor(self) -> str:
        """The architecture's name in tags of wheels."""
        return _PROCESSORS[self.architecture]

    @property
    def glibc(self) -> int:
        """The minor version of the newest glibc that wheels may need."""
        return _AMAZON_LINUX_2 if self.python == f"3.{_OLDEST_PYTHON}" else _AMAZON_LINUX_2023

    @property
    def tags(self) -> tuple[str, ...]:
        """The platform tags of the wheels that run on it (PEP 600), the best one first."""
        by_glibc = (f"manylinux_2_{minor}_{self.processor}" for minor in range(self.glibc, _OLDEST_GLIBC - 1, -1))
        return (*by_glibc, f"manylinux2014_{self.processor}")
