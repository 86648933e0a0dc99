"""Completion in shells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import ROOT
from tests.unit.cli.conftest import CommandLine

_PROGRAM = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(ROOT)!r})
from session_store.cli import main
main()
"""
# What bash does when Tab is pressed: it calls the function that is registered for the program.
_TAB = """
eval "$(session-store completion bash)"
COMP_WORDS=({words}) COMP_CWORD={last}
_session_store_completion session-store
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the program, a `cdk.json` and profiles."""
    (tmp_path / "cdk.json").write_text(
        json.dumps({"context": {"environments": {"prod": {}, "preview": {}, "dev": {}}}})
    )
    (tmp_path / "config").write_text("[profile primary]\nregion = eu-west-1\n[profile other]\nregion = eu-west-1\n")
    program = tmp_path / "session-store"
    program.write_text(_PROGRAM)
    program.chmod(0o755)
    return tmp_path


def completed(folder: Path, *words: str) -> list[str]:
    """The words that bash offers for the last one."""
    line = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "-euc", _TAB.format(words=line, last=len(words) - 1)],
        cwd=folder,
        env={"PATH": f"{folder}:{os.environ['PATH']}", "AWS_CONFIG_FILE": str(folder / "config")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["c"], ["children", "cost", "completion"]),
        (["list", "--env", "pr"], ["prod", "preview"]),
        (["list", "--profile", "pri"], ["primary"]),
        (["list", "--output", "json"], ["json", "jsonl"]),
        (["end", "--cu"], ["--customer", "--cursor"]),
    ],
)
def test_bash_completes_commands_options_environments_and_profiles(
    folder: Path, words: list[str], offered: list[str]
) -> None:
    assert completed(folder, "session-store", *words) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_of_its_own(command_line: CommandLine, shell: str) -> None:
    done = command_line.anywhere("completion", shell)

    assert done.exit_code == 0
    assert f"_SESSION_STORE_COMPLETE={shell}_complete" in done.stdout


def test_an_unknown_shell_is_a_usage_error(command_line: CommandLine) -> None:
    done = command_line.anywhere("completion", "csh")

    assert done.exit_code == 2
    assert "'bash', 'zsh', 'fish'" in done.stderr


def test_a_broken_cdk_json_offers_nothing(folder: Path) -> None:
    (folder / "cdk.json").write_text("{")

    assert completed(folder, "session-store", "list", "--env", "") == []
