"""The exit statuses, and which of them an error means."""

from __future__ import annotations

from enum import IntEnum
from typing import IO, TYPE_CHECKING, Any, Final

import click

from session_store.errors import (
    ConflictError,
    InvalidInputError,
    SessionNotFoundError,
    SessionStoreError,
    StoreConfigurationError,
    StoreUnavailableError,
    conceal_tokens,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    MISCONFIGURED = 4
    UNAVAILABLE = 5
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANINGS: Final[Mapping[Exit, str]] = {
    Exit.DONE: "done; an empty list is done, too",
    Exit.SOME_FAILED: "some failed, and stderr names each; or the question was not answered with the id",
    Exit.USAGE: "the command line is wrong, or an argument is; nothing was done",
    Exit.NOT_FOUND: "there is no such live session",
    Exit.MISCONFIGURED: "not permitted, or credentials, region, account or table are not right",
    Exit.UNAVAILABLE: "AWS cannot be reached or throttles, or others kept changing the same: try again",
    Exit.INTERRUPTED: "interrupted; stderr has the `--cursor` to go on with",
    Exit.PIPE_CLOSED: "the reader of the output went away, as with `| head`",
}
_DOCTOR: Final = "Try: session-store doctor, with the same options."
_SDK: Final = ("botocore", "boto3")
# The first that fits.
_STATUS_OF: Final = (
    (InvalidInputError, Exit.USAGE),
    (SessionNotFoundError, Exit.NOT_FOUND),
    (StoreConfigurationError, Exit.MISCONFIGURED),
    (StoreUnavailableError, Exit.UNAVAILABLE),
    (ConflictError, Exit.UNAVAILABLE),
)


class Failure(click.ClickException):
    """The end of a command that did not succeed.

    Attributes:
        status: the exit status.
        hints: further lines for the operator, for instance the table that was asked.
    """

    def __init__(self, message: str, status: Exit, *hints: str) -> None:
        super().__init__(conceal_tokens(message))
        self.status = status
        self.hints = hints

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message and the hints to stderr."""
        for line in (f"Error: {self.message}", *self.hints):
            click.echo(line, file=file, err=True)


def failure_of(error: SessionStoreError, *where: str, go_on: Iterable[str] = ()) -> Failure:
    """The end of a command because of an error of the library.

    Args:
        error: the error.
        where: lines that say where the command looked, for an error that may come of it.
        go_on: lines that say how to go on.
    """
    status = next((status for kind, status in _STATUS_OF if isinstance(error, kind)), Exit.SOME_FAILED)
    hints = (*where, _DOCTOR) if status is Exit.MISCONFIGURED else ()
    return Failure(str(error), status, *hints, *go_on)


def is_of_the_sdk(error: Exception) -> bool:
    """Whether the SDK raised it. Commands call services besides the table."""
    return type(error).__module__.partition(".")[0] in _SDK


def failure_of_the_sdk(error: Exception, *where: str, go_on: Iterable[str] = ()) -> Failure:
    """The end of a command because of an error of the SDK, with the advice for it. The arguments are as above."""
    from session_store.aws.advice import advice_for  # noqa: PLC0415 - only a failure needs it

    advice = advice_for(error)
    status = Exit.UNAVAILABLE if advice.temporary else Exit.MISCONFIGURED
    return Failure(f"{advice.meaning} ({advice.code})", status, *where, f"Try: {advice.first_command}", *go_on)


def say(text: str) -> None:
    """Write a line to stderr: everything that is not the command's result."""
    click.echo(text, err=True)
