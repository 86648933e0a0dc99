"""The runbook followed as on call: the commands of a page in a shell, in order, in a checkout of one's own.

A page says its values in lines of assignments alone, like `ENV=prod  CUSTOMER=ABC`, and a test says others. A block of
JSON is a change of the environment in `cdk.json`, with the shell's variables in it.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any, Final

from local.deploy import local_url
from local.embedded_aws import ACCOUNT, REGION
from local.locked_environment import locked_environment
from local.paths import CDK_CLI, PYTHON, ROOT, tool_environment
from local.process import guarded
from tests.support import forks
from tests.support.deployed import Deployed
from tests.support.shell import run_in

DOCS: Final = ROOT / "docs"
ENVIRONMENT: Final = "prod"
STACK: Final = f"SessionStore-{ENVIRONMENT}"
_API_ID: Final = "5e55ca11"
_READY_SECONDS: Final = 60
# What is deployed, and what `session-store` reads.
_COPIED: Final = ("session_store", "lambda", "stacks")
_BLOCK: Final = re.compile(r"^ *```(sh|json)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_VALUES: Final = re.compile(r"^ *(?:[A-Z_]+=[^\s$]+ *)+$", re.MULTILINE)
_VALUE: Final = re.compile(r"([A-Z_]+)=([^\s$]+)")


def blocks(page: str) -> list[tuple[str, str]]:
    """The commands of a page, and its changes of `cdk.json`: language and text of each block."""
    return [(match[1], dedent(match[2])) for match in _BLOCK.finditer(page)]


def with_values(page: str, **values: str) -> str:
    """A page with other values in place of its own. It has to name each of them."""
    named = {match[1] for line in _VALUES.finditer(page) for match in _VALUE.finditer(line[0])}
    assert values.keys() <= named, f"the page names {named}"

    def chosen(match: re.Match[str]) -> str:
        return f"{match[1]}={values.get(match[1], match[2])}"

    return _VALUES.sub(lambda line: _VALUE.sub(chosen, line[0]), page)


@dataclass
class OnCall:
    """An engineer at a shell in a checkout, whose environment `prod` is on the embedded AWS."""

    deployed: Deployed
    folder: Path
    variables: dict[str, str]  # the shell's, from block to block

    def follow(self, page: str, **values: str) -> Iterator[str]:
        """Take the steps of a page of the runbook, each when its output is asked for."""
        text = with_values((DOCS / page).read_text(encoding="utf-8"), **values)
        return (self._take(language, step) for language, step in blocks(text))

    def shell(self, script: str) -> str:
        """Run commands; returns what they print. The next ones find the variables that they set."""
        state = self.folder.parent / "variables"
        said = run_in(self.folder, f"set -a\n{script}\nenv -0 > {state}", self.variables)
        self.variables = dict(pair.split("=", 1) for pair in state.read_text().split("\0") if pair)
        return said

    def commit(self, message: str) -> None:
        """Commit all that has changed."""
        self.shell(f"git add --all; git commit --quiet --message '{message}'")

    def outputs(self) -> dict[str, str]:
        """The outputs of the stack; `ApiUrl` is one on this machine."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        return outputs | {"ApiUrl": local_url(outputs["ApiUrl"], self.deployed.aws.port)}

    def client(self, service: str) -> Any:
        """A client of AWS that may do everything."""
        session: Any = self.deployed.aws.session(self.deployed.credentials)
        return session.client(service, endpoint_url=self.deployed.aws.endpoint_url)

    def _take(self, language: str, step: str) -> str:
        if language == "sh":
            return self.shell(step)
        file = self.folder / "cdk.json"
        content = json.loads(file.read_text())
        _merge(content["context"]["environments"][ENVIRONMENT], json.loads(Template(step).substitute(self.variables)))
        file.write_text(json.dumps(content, indent=2))
        return ""


def _merge(settings: dict[str, Any], change: dict[str, Any]) -> None:
    for key, value in change.items():
        if isinstance(value, dict):
            _merge(settings.setdefault(key, {}), value)
        else:
            settings[key] = value


@contextmanager
def on_call(deployed: Deployed, folder: Path) -> Iterator[OnCall]:
    """An engineer on call, with a checkout and the programs of the runbook, in an empty folder."""
    checkout, programs = folder / "checkout", folder / "bin"
    programs.mkdir()
    with ExitStack() as running:
        cli = locked_environment("aws-cli", python_versions=">=3.11")
        aws, own = cli / "python", PYTHON
        running.enter_context(_ready(programs / "aws", aws, "awscli.clidriver:create_clidriver"))
        running.enter_context(_ready(programs / "session-store", own, "session_store.cli.main:program", "boto3"))
        # As npx does, which asks a registry for news of itself first.
        _write_program(programs / "npx", f'shift; exec node "{CDK_CLI}" "$@"')
        tools = tool_environment(folder / "home")
        key = deployed.credentials
        engineer = OnCall(
            deployed,
            checkout,
            {
                **tools,
                "PATH": f"{programs}:{tools['PATH']}",
                "AWS_ENDPOINT_URL": deployed.aws.endpoint_url,
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ACCESS_KEY_ID": key.access_key_id,
                "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
                "AWS_EC2_METADATA_DISABLED": "true",
                "CDK_DISABLE_CLI_TELEMETRY": "true",
                "GIT_CONFIG_GLOBAL": "/dev/null",
                **{f"GIT_{who}_{what}": "on-call" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
            },
        )
        _check_out(checkout)
        engineer.shell("git init --quiet --initial-branch main")
        engineer.commit("The good one")
        yield engineer


@contextmanager
def _ready(command: Path, python: Path, program: str, *modules: str) -> Iterator[None]:
    """A command that a fork of a running program answers."""
    # Version 1 of the AWS CLI takes AWS_ENDPOINT_URL for all services but those whose endpoints it knows itself.
    options = '--endpoint-url "$AWS_ENDPOINT_URL"' if command.name == "aws" else ""
    log = command.with_suffix(".log")
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    with TemporaryDirectory(dir="/tmp") as name:  # the path of a socket has to be short
        at = Path(name, "socket")
        _write_program(command, f'exec "{PYTHON}" -SE "{forks.__file__}" "{at}" {options} "$@"')
        serve = [str(python), forks.__file__, "--serve", str(at), program, *modules]
        with guarded(serve, environment=environment, log=log) as process:
            deadline = time.monotonic() + _READY_SECONDS
            while not at.exists():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield


def _write_program(file: Path, line: str) -> None:
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(0o755)


def _check_out(folder: Path) -> None:
    folder.mkdir()
    for name in _COPIED:
        shutil.copytree(ROOT / name, folder / name)  # with the compiled modules, which git does not see
    for name in ("app.py", ".gitignore"):
        shutil.copy2(ROOT / name, folder)
    content = json.loads((ROOT / "cdk.json").read_text())
    content["notices"] = False
    place = {"account": ACCOUNT, "region": REGION, "cli_credentials": True, "api_tags": {"ms-custom-id": _API_ID}}
    content["context"]["environments"][ENVIRONMENT] |= place
    (folder / "cdk.json").write_text(json.dumps(content, indent=2))
