"""Asking before something is done that cannot be undone."""

from __future__ import annotations

import sys
from typing import Final, NoReturn

import click

from session_store.cli.exits import Exit, Failure, say

_REFUSAL: Final = "This asks before it begins, and stdin is no terminal: add --yes, or --dry-run to see how many it is."


def refuse() -> NoReturn:
    """Refuse to begin, because the question cannot be asked.

    Raises:
        Failure: always. It names the flag.
    """
    raise Failure(_REFUSAL, Exit.USAGE)


def check_terminal() -> None:
    """Refuse to begin where stdin is no terminal, however many it would be: a script shall not depend on that.

    Raises:
        Failure: it is none.
    """
    if not sys.stdin.isatty():
        refuse()


def ask_to_type(expected: str, question: str) -> None:
    """Ask the operator to type an id.

    Raises:
        Failure: something else was typed.
        KeyboardInterrupt: Ctrl-C.
    """
    try:
        typed = click.prompt(question, err=True, default="", show_default=False)
    except click.Abort as abort:
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        say("")
        typed = ""
    if typed != expected:
        raise Failure("You typed something else. Nothing was done.", Exit.SOME_FAILED)
