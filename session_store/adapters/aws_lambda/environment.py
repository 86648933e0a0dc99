"""The store and the lines of a process, as its environment describes them. Each is made once, at its first use.

Every function of a process composes its store here: the HTTP APIs, the authorizer, `@session` and session-lambda's way
of use. So a stolen token is counted as the metric `TokenReused` whichever of them has found it.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.adapters.aws_lambda.request_lines import RequestLines
    from session_store.incidents import Incident
    from session_store.store import SessionStore

_IN_LAMBDA: Final = "AWS_LAMBDA_FUNCTION_NAME"  # Lambda sets it in every function


@cache
def lines() -> RequestLines:
    """The lines of the process's requests."""
    from session_store.adapters.aws_lambda.request_lines import RequestLines  # noqa: PLC0415 - for those that write some

    return RequestLines.from_environment()


@cache
def store(table_name: str | None = None, *, in_lines: bool = False) -> SessionStore:
    """The store that the environment describes.

    Args:
        table_name: the table, in place of the one that the environment names.
        in_lines: whether its calls count in the lines of the requests. The environment can say so, too.

    Raises:
        StoreConfigurationError: a variable is missing or malformed (see `session_store.settings`).
    """
    from session_store.settings import REQUEST_LINES, TABLE_NAME, writes_request_lines  # noqa: PLC0415 - with the store
    from session_store.store import SessionStore  # noqa: PLC0415 - loads the SDK

    variables = dict(os.environ)
    if table_name is not None:
        variables[TABLE_NAME] = table_name
    if in_lines or writes_request_lines():
        variables[REQUEST_LINES] = "true"
        return SessionStore.from_environment(variables, observer=lines().outside, on_incident=_in_a_line)
    return SessionStore.from_environment(variables, on_incident=_incident_sink(variables.get(TABLE_NAME, "")))


def _incident_sink(table_name: str) -> Callable[[Incident], None]:
    """A metric in Lambda. Elsewhere no CloudWatch reads standard output: there a line in the log."""
    if _IN_LAMBDA not in os.environ:
        from session_store.incidents import log_incident  # noqa: PLC0415

        return log_incident
    from session_store.adapters.aws_lambda.request_lines import RequestLines  # noqa: PLC0415

    return RequestLines(table_name).incident


def _in_a_line(_: Incident) -> None:
    """The observer gets it, too."""
