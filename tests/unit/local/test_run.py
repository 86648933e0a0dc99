"""The mistakes that `make run` answers with one line."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import run
from local.deploy import Deployment
from local.embedded_aws import Credentials
from local.outputs import demo_url, write_outputs
from local.ports import HOST


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def test_a_busy_port_is_one_line_that_names_it_and_says_how_to_choose_another(
    busy_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run.main(["--port", str(busy_port), "--folder", str(tmp_path)])

    (line,) = capsys.readouterr().err.splitlines()
    assert status == 1
    assert line.startswith(f"error: Port {busy_port} on 127.0.0.1 is in use")
    assert "make run PORT=" in line


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", ""])
def test_a_port_that_is_none_is_one_line(port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run.main([f"--port={port}", "--folder", str(tmp_path)])

    (line,) = capsys.readouterr().err.splitlines()
    assert (status, line) == (1, f"error: The port must be a number from 1 to 65535, not {port!r}.")


def test_the_outputs_file_is_a_flat_object(tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"

    write_outputs(
        file, Deployment(api_url="http://api", demo_url="http://demo", table_name="table"), Credentials("key", "secret")
    )

    assert json.loads(file.read_text()) == {
        "ApiUrl": "http://api",
        "DemoUrl": "http://demo",
        "TableName": "table",
        "Region": "us-east-1",
        "AccessKeyId": "key",
        "SecretAccessKey": "secret",
    }
    assert list(tmp_path.iterdir()) == [file]
    assert demo_url(file) == "http://demo"


def test_there_is_no_demo_before_the_outputs_file(tmp_path: Path) -> None:
    assert demo_url(tmp_path / "outputs.json") is None
