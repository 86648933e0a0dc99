"""`make run` as its user sees it: started, tried, stopped, started again, killed."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import sample_data
from local.embedded_aws import Credentials
from local.paths import PYTHON, ROOT
from local.ports import free_port
from tests.support.http_client import ApiClient
from tests.support.processes import alive, descendants, listening_addresses, on_linux

READY_SECONDS = 120.0
STOP_SECONDS = 20.0


class MakeRun:
    """A running `make run`, without its set-up."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.output = folder / "output.txt"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [PYTHON, "-m", "local.run", "--port", str(port), "--folder", folder],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while text not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.05)

    def outputs(self) -> dict[str, str]:
        content: dict[str, str] = json.loads((self.folder / "outputs.json").read_text())
        return content

    def api(self) -> ApiClient:
        outputs = self.outputs()
        return ApiClient(outputs["ApiUrl"], Credentials(outputs["AccessKeyId"], outputs["SecretAccessKey"]))

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def make_run(folder: Path, port: int = 0) -> Iterator[MakeRun]:
    running = MakeRun(folder, port or free_port())
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def assert_gone(pids: set[int]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while left := alive(pids):
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeRun]:
    with make_run(tmp_path_factory.mktemp("make-run")) as running:
        running.wait_for("Ready")
        yield running


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_three_commands_that_it_prints_work(running: MakeRun) -> None:
    commands = [line.strip() for line in running.output.read_text().splitlines() if line.startswith("  curl ")]

    statuses = [
        subprocess.run(
            [*shlex.split(command), "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for command in commands
    ]

    assert statuses == ["200", "200", "201"]


def test_the_library_works_with_the_variables_that_it_prints(running: MakeRun) -> None:
    (line,) = (line.strip() for line in running.output.read_text().splitlines() if line.startswith("  export "))
    code = "import session_store; print(session_store.SessionStore.from_environment().get_last_login_time('ABC'))"

    done = subprocess.run(
        ["bash", "-c", f"{line}; exec {PYTHON} -c {shlex.quote(code)}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "2023-05-12 11:30:00+00:00\n", done.stderr


def test_a_second_one_in_the_same_folder_says_so_in_one_line_and_where_the_demo_is(running: MakeRun) -> None:
    second = subprocess.run(
        [PYTHON, "-m", "local.run", "--folder", running.folder], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert second.stderr.startswith("error: `make run` is up already")
    assert f"the demo is {running.outputs()['DemoUrl']}/)" in second.stderr
    assert second.stderr.count("\n") == 1


@on_linux
def test_no_part_of_it_listens_on_any_other_address_than_loopback(running: MakeRun) -> None:
    addresses = listening_addresses(descendants(running.process.pid))

    assert {str(address) for address in addresses} == {"127.0.0.1"}


@on_linux
def test_ctrl_c_stops_all_of_it_and_the_next_start_finds_its_data_again(running: MakeRun) -> None:
    changed = running.api().request(
        "PATCH", f"/sessions/{sample_data.SESSION_ABC}", json_body={"data": {"theme": "dark"}}
    )
    assert changed.status == 200
    processes = descendants(running.process.pid)

    status = running.stop(signal.SIGINT)

    assert status == 0
    assert_gone(processes)
    with make_run(running.folder, running.port) as again:
        again.wait_for("Ready")
        found = again.api().request("GET", f"/sessions/{sample_data.SESSION_ABC}")
        assert found.status == 200, found.text
        assert found.json["data"]["theme"] == "dark"

        # However hard it is stopped, nothing is left behind.
        processes = descendants(again.process.pid)
        again.stop(signal.SIGKILL)
        assert_gone(processes)


@on_linux
def test_a_stop_half_way_through_the_deployment_leaves_nothing_running(tmp_path: Path) -> None:
    with make_run(tmp_path) as starting:
        starting.wait_for("Deploying")
        deadline = time.monotonic() + READY_SECONDS
        # Until the CDK CLI has started `app.py`: guards, embedded AWS, CLI, and the app's own processes.
        while len(descendants(starting.process.pid)) < 7:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        processes = descendants(starting.process.pid)

        starting.stop(signal.SIGTERM)

        assert_gone(processes)
