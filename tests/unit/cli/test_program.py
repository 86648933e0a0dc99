"""The frame of the program: its list of commands, what it loads, and how it ends."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from inspect import cleandoc

import click
import pytest

from session_store import __version__
from session_store.catalog.operator_commands import OPERATOR_COMMANDS, Section
from session_store.cli.main import ROWS, program
from tests.unit.cli.conftest import CommandLine

COMMANDS = list(ROWS)
# Only what is used is loaded: they take longer than everything else together.
SLOW = {"botocore", "boto3", "rich", "session_store.store", "aws_cdk"}


def loaded(name: str) -> click.Command:
    command = program.get_command(click.Context(program), name)
    assert command is not None
    return command


def test_the_help_lists_every_command_with_its_summary_under_its_section(command_line: CommandLine) -> None:
    said = command_line.anywhere("--help", COLUMNS="200").stdout

    assert [section for section in Section if f"{section.value}:" not in said] == []
    assert [row.name for row in ROWS.values() if f"  {row.name}" not in said or row.summary not in said] == []


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list", "--help"], ["completion", "bash"]])
def test_a_text_about_the_program_loads_neither_the_sdk_nor_rich(arguments: list[str]) -> None:
    program = cleandoc(
        f"""
        import sys
        from session_store.cli.main import program
        try:
            program({arguments!r})
        except SystemExit as end:
            print(end.code, *sys.modules, file=sys.stderr)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    status, *modules = done.stderr.split()

    assert status == "0"
    assert not SLOW & set(modules)


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_says_what_to_install(missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from session_store.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"Error: session-store needs {missing}: install the extra, from a checkout with pip install '.[cli]'"
    ]


@pytest.mark.shows("N21")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_help_with_an_example_of_itself(name: str) -> None:
    command = loaded(name)

    assert command.name == name
    assert command.help
    examples = getattr(command, "examples", ())
    assert any(f"session-store {name}" in line for line in examples)


def calls_in(example: str) -> Iterator[list[str]]:
    """The calls of the program in a line for a shell."""
    for call in re.split(r"[|<>]|&&", re.sub(r"#.*", "", example)):
        words = shlex.split(call.replace('eval "$(', "").replace(')"', ""))
        if words[:1] == ["session-store"]:
            yield words[1:]


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_is_a_command_line_that_there_is(name: str) -> None:
    calls = [call for line in getattr(loaded(name), "examples", ()) for call in calls_in(line)]

    assert calls
    for called, *arguments in calls:
        with suppress(click.exceptions.Exit):  # of --help
            loaded(called).make_context(called, arguments)  # which refuses unknown options


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    options = [param for param in loaded(name).params if isinstance(param, click.Option)]

    assert not [option.opts for option in options if not option.help]


def test_every_row_with_an_option_belongs_to_a_command_that_has_it() -> None:
    for row in OPERATOR_COMMANDS:
        if row.given:
            assert row.given in {name for param in loaded(row.name).params for name in param.opts}


def test_the_version_is_the_packages(command_line: CommandLine) -> None:
    assert command_line.anywhere("--version").stdout == f"{__version__}\n"


def test_a_misspelt_command_is_a_usage_error_that_names_the_nearest(command_line: CommandLine) -> None:
    done = command_line.anywhere("lst", "ABC")

    assert done.exit_code == 2
    assert "There is no command 'lst'. Did you mean list?" in done.stderr


def test_options_may_stand_before_the_command_and_behind_it(command_line: CommandLine) -> None:
    table = ("--table", command_line.store.table_name)

    assert command_line.anywhere(*table, "--output", "json", "list", "ABC").stdout == "[]\n"
    assert command_line.anywhere("list", "ABC", *table, "--output", "json").stdout == "[]\n"
    assert command_line.anywhere("--output", "jsonl", "list", "ABC", *table, "--output", "json").stdout == "[]\n"


def test_a_token_on_the_command_line_is_never_shown(command_line: CommandLine) -> None:
    token = command_line.store.create_session("ABC").token

    for arguments in (["show", token], ["list", token], ["list", "ABC", token], [token], ["list", "--env", token, "A"]):
        done = command_line.anywhere("--table", command_line.store.table_name, *arguments)
        assert done.exit_code == 2
        assert token.rpartition(".")[2] not in done.output
