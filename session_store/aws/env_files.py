"""Settings from a `.env` file, for development machines. Needs the extra `env`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

try:
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream
except ModuleNotFoundError as error:
    raise ImportError(
        ".env files need python-dotenv: install the extra, from a checkout with pip install '.[env]'"
    ) from error

from session_store.errors import StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, MutableMapping

_ENCODING: Final = "utf-8-sig"  # editors on Windows put a mark first


def load_env_file(
    file: Path | str = ".env",
    *,
    required: Collection[str] = (),
    environment: MutableMapping[str, str] = os.environ,
) -> list[str]:
    """Set the variables of a `.env` file that are not set yet, then check the required ones.

    A variable that is set stays as it is, also when it is empty. A file that is not there sets nothing: where a
    platform sets the variables, none is needed. Nothing is set when the file has a mistake.

    Args:
        file: its path.
        required: names that must have a value afterwards.
        environment: to read and to change, that of the process by default.

    Returns:
        The names that were set.

    Raises:
        StoreConfigurationError: a line is no `NAME=value`, the file cannot be read, or required names have no value.
            The message has names and lines, never values.
    """
    path = Path(file)
    values = _values(path) if path.is_file() else {}
    fresh = {name: value for name, value in values.items() if name not in environment}
    if missing := [name for name in required if not fresh.get(name, environment.get(name))]:
        where = f"in the environment or in {path}" if path.is_file() else f"in the environment, and there is no {path}"
        raise StoreConfigurationError(f"{', '.join(missing)}: no value {where}")
    environment.update(fresh)
    return sorted(fresh)


def _values(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding=_ENCODING) as stream:
            wrong = next((binding.original.line for binding in parse_stream(stream) if binding.error), None)
        values = dotenv_values(path, encoding=_ENCODING)
    except OSError as error:
        raise StoreConfigurationError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise StoreConfigurationError(f"{path} is not UTF-8") from None
    if wrong is not None:
        raise StoreConfigurationError(f"{path}, line {wrong}: must be NAME=value")
    return {name: value for name, value in values.items() if value is not None}
