"""The environments of this project's `cdk.json`: account, region and the rules of the sessions."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.catalog.declared import Duration, Moment
from session_store.catalog.iso_durations import duration_of
from session_store.cli.exits import Exit, Failure
from session_store.errors import InvalidInputError
from session_store.settings import SessionSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.catalog.declared import Kind

FILE: Final = "cdk.json"
_TEXTS: Final = (
    (Duration, duration_of, "an ISO 8601 duration like PT30M or P30D"),
    (Moment, datetime.fromisoformat, "an ISO 8601 time with its zone"),
)


class Environment(NamedTuple):
    """One of them.

    Attributes:
        stack: the name of its stack, whose outputs name the table.
        account: None for any.
        settings: the rules of its sessions.
    """

    stack: str
    account: str | None
    region: str | None
    settings: SessionSettings


def names() -> list[str]:
    """The names of all environments, none where there is no usable file."""
    try:
        return list(_environments())
    except Failure:
        return []


def environment(name: str) -> Environment:
    """An environment by its name.

    Raises:
        Failure: there is no such file or environment, or its settings cannot be read.
    """
    known = _environments()
    if name not in known:
        raise Failure(f"--env: {FILE} has no environment {name!r}, it has {', '.join(known)}.", Exit.USAGE)
    given = known[name]
    return Environment(f"SessionStore-{name}", given.get("account"), given.get("region"), _settings(name, given))


def above(path: str) -> Path | None:
    """The file of this path in the working directory, or in the nearest folder above that has it."""
    folder = Path.cwd()
    return next((each / path for each in (folder, *folder.parents) if (each / path).is_file()), None)


def _environments() -> Mapping[str, Mapping[str, Any]]:
    file = above(FILE)
    if file is None:
        raise Failure(f"--env: there is no {FILE} in this folder or above it.", Exit.USAGE)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["context"]["environments"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Failure(f"--env: {file} does not list environments as session-store's own does.", Exit.USAGE) from None
    environments: Mapping[str, Mapping[str, Any]] = found
    return environments


def _settings(name: str, given: Mapping[str, Any]) -> SessionSettings:
    """The rules, as `cdk deploy` reads them."""
    kinds = SessionSettings.kinds()
    settings = {key: value for key, value in (given.get("settings") or {}).items() if value is not None}
    try:
        return SessionSettings(**{key: _value(kinds[key], key, value) for key, value in settings.items()})
    except KeyError as error:
        problem = f"there is no setting {error.args[0]!r}"
    except InvalidInputError as error:
        problem = str(error)
    raise Failure(f"--env: {FILE}, environment {name!r}, settings: {problem}.", Exit.USAGE)


def _value(kind: Kind[Any], name: str, value: Any) -> Any:  # noqa: ANN401 - any setting's
    for of, parse, expected in _TEXTS:
        if isinstance(kind, of):
            try:
                return parse(str(value))
            except ValueError:
                raise InvalidInputError(name, f"must be {expected}", value=value) from None
    return value
