"""The shape of advice."""

from __future__ import annotations

from typing import NamedTuple


class Advice(NamedTuple):
    """The meaning of an error, and the command to begin with.

    Attributes:
        code: AWS's error code, or the name of the exception's class.
        meaning: one or two sentences for the reader of the error.
        first_command: a shell command that shows more, or that repairs it. Names in capitals are to be filled in.
        temporary: whether the same call may work later with nothing changed.
    """

    code: str
    meaning: str
    first_command: str
    temporary: bool = False


class Row(NamedTuple):
    """Advice for some errors. The first row that fits an error is its advice.

    Attributes:
        names: error codes or names of classes, with spaces between them.
        meaning: as of `Advice`.
        command: as of `Advice`, with the fields `{profile}`, `{region}` and `{endpoint}`.
        temporary: as of `Advice`.
        operation: only errors of these operations, with spaces between them. All by default.
        phrase: only errors whose message has this text, which is in small letters. All by default.
    """

    names: str
    meaning: str
    command: str
    temporary: bool = False
    operation: str = ""
    phrase: str = ""

    def fits(self, message: str, operation: str) -> bool:
        """Whether the row is for an error with this message, in small letters, of this operation."""
        return self.phrase in message and (not self.operation or operation in self.operation.split())
