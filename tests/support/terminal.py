"""A terminal with the command line in it: a pseudo terminal, and behind it one process that runs command after command.

The process has the sessions in memory. Commands, and how each ended, go through pipes of their own.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from local.paths import ROOT

CTRL_C: Final = "\x03"
_SECONDS: Final = 20.0
_PATIENCE: Final = 0.3
_CODES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Customer ABC has as many sessions as the first argument says.
_PROCESS: Final = """
import fcntl, json, os, sys, termios
from session_store.cli.main import program
from session_store.testing import in_memory_store

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
commands, statuses = (os.fdopen(int(number), mode) for number, mode in zip(sys.argv[1:3], "rw"))
for line in commands:
    arguments, variables, sessions = json.loads(line)
    with in_memory_store() as store:
        for number in range(sessions):
            store.create_session("ABC", client="Firefox on Linux", data={"cart": ["tea"]})
        os.environ |= {"TABLE_NAME": store.table_name, **variables}
        try:
            program(arguments)
        except SystemExit as end:
            status = int(end.code)
        left = len(store.get_customer_sessions("ABC").sessions)
        for name in variables:
            del os.environ[name]
    print(json.dumps([status, left]), file=statuses, flush=True)
"""


class Screen(NamedTuple):
    """The traces of a command.

    Attributes:
        raw: what it wrote, with the terminal's control sequences.
        status: its exit status.
        left: how many live sessions customer ABC has afterwards.
    """

    raw: str
    status: int
    left: int

    @property
    def lines(self) -> list[str]:
        """The text that a reader sees."""
        return [line.rstrip() for line in _CODES.sub("", self.raw).replace("\r\n", "\n").splitlines()]


class Terminal:
    """The terminal.

    Args:
        process: what runs in it.
        terminal: the file that a person's keyboard and screen would be.
        commands: takes the next command.
        statuses: tells how it ended.
    """

    def __init__(self, process: subprocess.Popen[bytes], terminal: int, commands: int, statuses: int) -> None:
        self._process = process
        self._terminal = terminal
        self._commands = commands
        self._statuses = statuses

    def run(
        self,
        *arguments: str,
        columns: int = 100,
        typed: Sequence[tuple[str, str]] = (),
        sessions: int = 2,
        **variables: str,
    ) -> Screen:
        """Run a command.

        Args:
            arguments: the command line.
            columns: the width of the terminal.
            typed: what is typed, each behind the text that it answers.
            sessions: how many sessions customer ABC has.
            variables: of the environment.
        """
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.write(self._commands, json.dumps([arguments, variables, sessions]).encode() + b"\n")
        raw, answer = "", ""
        for question, answer in typed:
            raw += self._read_until(question)
            os.write(self._terminal, answer.encode())
        raw += self._read_until(None, again=CTRL_C if answer == CTRL_C else "")
        status, left = json.loads(os.read(self._statuses, 100))
        return Screen(raw, status, left)

    def _read_until(self, text: str | None, *, again: str = "") -> str:
        """The output up to a text, or until the command has ended.

        Args:
            text: what is waited for, None for the end of the command.
            again: what is typed again and again meanwhile. Ctrl-C in the moment before a read does not wake it.
        """
        read, deadline = "", time.monotonic() + _SECONDS
        while text is None or text not in read:
            waiting = [self._terminal] if text else [self._terminal, self._statuses]
            ready = select.select(waiting, [], [], _PATIENCE)[0]
            assert ready or time.monotonic() < deadline, f"{text!r} did not come: {read}"
            if self._terminal in ready:
                read += os.read(self._terminal, 1 << 16).decode()
            elif ready:
                break
            else:
                os.write(self._terminal, again.encode())
        return read


@contextmanager
def open_terminal() -> Iterator[Terminal]:
    """Open a terminal, and close it with what runs in it."""
    terminal, inside = pty.openpty()
    (commands_read, commands), (statuses, statuses_written) = os.pipe(), os.pipe()
    passed = (commands_read, statuses_written)
    environment = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "eu-west-1", "TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-c", _PROCESS, *map(str, passed)],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        cwd=ROOT,
        env=environment,
        pass_fds=passed,
        start_new_session=True,
    ) as process:
        for number in (inside, *passed):
            os.close(number)
        try:
            yield Terminal(process, terminal, commands, statuses)
        finally:
            process.kill()
            for number in (terminal, commands, statuses):
                os.close(number)
