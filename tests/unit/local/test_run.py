"""The mistakes that `make run` answers with one line."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import run
from local.deploy import Deployment
from local.embedded_aws import Credentials, EmbeddedAws
from local.env_file import write_env
from local.ports import HOST
from tests.support.shell import run as run_in_shell
from tests.support.shell import sourced

DEPLOYMENT = Deployment(
    api_url="http://api",
    demo_url="http://demo",
    table_name="a table",
    event_bus="a bus",
    parking_queue_url="http://queue",
    mails_log="a log",
)


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def test_a_busy_port_is_one_line_that_names_it_and_says_how_to_choose_another(
    busy_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run.main(["--port", str(busy_port), "--folder", str(tmp_path)])

    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert (status, said.out) == (1, "")  # no step that seems to have begun
    assert line.startswith(f"error: Port {busy_port} on 127.0.0.1 is in use")
    assert "make run PORT=" in line


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", ""])
def test_a_port_that_is_none_is_one_line(port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run.main([f"--port={port}", "--folder", str(tmp_path)])

    (line,) = capsys.readouterr().err.splitlines()
    assert (status, line) == (1, f"error: The port must be a number from 1 to 65535, not {port!r}.")


@pytest.mark.parametrize("name", ["okta", "", "Cognito"])
def test_an_identity_provider_that_there_is_not_is_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run.main(["--oidc", name, "--folder", str(tmp_path / "new")])

    said = capsys.readouterr()
    assert (status, said.out) == (1, "")
    assert said.err == f"error: The identity provider must be cognito, not {name!r}.\n"
    assert not (tmp_path / "new").exists()


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    """The file for the shell, written where another user has put links, by a process without a umask."""
    file, elsewhere = tmp_path / "env", tmp_path / "elsewhere"
    elsewhere.write_text("as it was")
    for link in (file, tmp_path / "env.new"):
        link.symlink_to(elsewhere)
    with subprocess.Popen(["true"]) as process:
        aws = EmbeddedAws(port=4599, folder=tmp_path, root=Credentials("key", "secret"), process=process)
    umask = os.umask(0)
    write_env(file, aws, DEPLOYMENT)
    os.umask(umask)
    yield file
    assert elsewhere.read_text() == "as it was"
    assert set(tmp_path.iterdir()) == {file, elsewhere}


@pytest.mark.shows("T68")
def test_the_file_for_the_shell_is_its_owners_alone_and_follows_no_link(written: Path) -> None:
    assert stat.filemode(written.lstat().st_mode) == "-rw-------"


def test_the_file_for_the_shell_has_all_that_the_api_and_the_library_need(written: Path) -> None:
    assert sourced(written) == {
        "API": "http://api",
        "DEMO": "http://demo",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4599",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "TABLE_NAME": "a table",
        "SESSION_EVENT_BUS": "a bus",
        "SESSION_PARKING_QUEUE_URL": "http://queue",
        "MAILS_LOG": "a log",
    }


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_SESSION_TOKEN"])
def test_the_file_for_the_shell_puts_what_would_get_in_its_way_aside(variable: str, written: Path) -> None:
    assert run_in_shell(f"source {written}; echo ${{{variable}-unset}}", **{variable: "another account's"}) == "unset\n"
