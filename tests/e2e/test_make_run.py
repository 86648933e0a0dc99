"""`make run` as its user sees it: started, tried, stopped, started again, killed. And what others get of it."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import sample_data
from local.paths import PYTHON, ROOT
from tests.support.http_client import send
from tests.support.made_up import EARLIER_KEY_ID, PUBLIC_KEY_IDS, function_to_deploy, made_up_authorization
from tests.support.make_run import READY_SECONDS, STOP_SECONDS, MakeRun, make_run
from tests.support.other_user import as_another_user, takes_root
from tests.support.processes import alive, descendants, listening_addresses, on_linux
from tests.support.shell import run

LIBRARYS = "customer-1 {'cart': []}\n{'cart': ['tea'], 'visits': 1}\nNone\n"
"""What `examples/library_quickstart.py` prints."""


def assert_gone(pids: set[int]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while left := alive(pids):
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running() -> Iterator[MakeRun]:
    """In a folder that every user of the machine can enter."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with make_run(folder) as running:
            running.wait_for("Ready")
            yield running


with_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def example(name: str, running: MakeRun) -> str:
    """A shell example of the documents, for a system whose files are not in the checkout."""
    return (ROOT / "examples" / name).read_text(encoding="utf-8").replace(".local/env", str(running.env))


@with_curl
def test_the_lines_that_it_prints_work_as_they_stand(running: MakeRun) -> None:
    lines = re.findall(r"^  (?:source|signed_curl|\.venv/bin/python) .*", running.output.read_text(), re.MULTILINE)

    said = run("\n".join(lines))

    assert len(lines) == 6
    answers, _, mails = said.partition(LIBRARYS)
    assert_all_answered(answers)
    deadline = time.monotonic() + STOP_SECONDS
    while not re.search(r"E-mail to XYZ@example.com: New sign-in at .*, from an unknown device\.", mails):
        assert time.monotonic() < deadline, mails
        mails = run("\n".join((lines[0], lines[-1])))


@with_curl
def test_the_lines_of_readme_work_as_they_stand_and_indent_their_answers(running: MakeRun) -> None:
    assert_all_answered(run(example("try_it.sh", running)))


def assert_all_answered(said: str) -> None:
    answers = ('\n    "sessions": [', '\n    "token": "v1.', '\n    "active": true', '"customer_id": "XYZ"')
    assert re.search(".*".join(map(re.escape, answers)), said, re.DOTALL), said


@with_curl
def test_an_answer_that_is_not_json_is_printed_as_it_is(running: MakeRun) -> None:
    assert run(f"source {running.env}; signed_curl -i $API/sessions/none").startswith("HTTP/1.1 400")


def test_the_library_finds_it(running: MakeRun) -> None:
    assert run(f"source {running.env}; .venv/bin/python examples/library_quickstart.py") == LIBRARYS


def test_it_says_how_to_sign_in_to_the_demo_and_where_the_documents_are(running: MakeRun) -> None:
    said = running.output.read_text()

    assert "type any name: there is no password. ABC and XYZ" in said
    assert "README.md and docs/" in said


def test_a_second_one_in_the_same_folder_says_so_in_one_line_and_where_the_demo_is(running: MakeRun) -> None:
    second = subprocess.run(
        [PYTHON, "-m", "local.run", "--folder", running.folder], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert second.stderr.startswith("error: `make run` is up already")
    (demo,) = re.findall(r"the demo is (\S+)\)", second.stderr)
    assert f"Demo       {demo}\n" in running.output.read_text()
    assert second.stderr.count("\n") == 1


@on_linux
def test_no_part_of_it_listens_on_any_other_address_than_loopback(running: MakeRun) -> None:
    addresses = listening_addresses(descendants(running.process.pid))

    assert {str(address) for address in addresses} == {"127.0.0.1"}


@pytest.mark.shows("T67")
@on_linux
@takes_root
def test_another_user_of_the_machine_finds_the_key_nowhere_and_cannot_read_the_state(running: MakeRun) -> None:
    key = running.key
    processes = [Path(f"/proc/{process}") for process in descendants(running.process.pid)]

    files = as_another_user("find", running.folder, "-type", "f", "-exec", "cat", "{}", "+")
    of_processes = as_another_user("cat", *(folder / name for folder in processes for name in ("cmdline", "environ")))

    assert "the demo is" in files  # what is no secret can be read
    assert "local.gated_aws" in of_processes
    assert not re.search(f"{key.access_key_id}|{key.secret_access_key}", files + of_processes)
    assert "Permission denied" in as_another_user("ls", running.folder / "aws")


@pytest.mark.shows("T64")
@with_curl
@takes_root
def test_another_user_of_the_machine_cannot_deploy_a_function(running: MakeRun) -> None:
    path, key_id = "/2015-03-31/functions", running.key.access_key_id
    there = send(running.port, "GET", path, {"authorization": made_up_authorization(key_id, "lambda")}, b"")
    body = function_to_deploy("planted", there.json["Functions"][0]["Role"])

    def attempt(key_id: str) -> list[str]:
        header = f"authorization: {made_up_authorization(key_id, 'lambda')}"
        url = f"http://127.0.0.1:{running.port}{path}"
        return ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", header, "-d", body, url]

    assert {as_another_user(*attempt(name)) for name in (*PUBLIC_KEY_IDS, EARLIER_KEY_ID)} == {"403"}
    assert as_another_user(*attempt(key_id)) == "201"  # the id would be enough


@pytest.mark.shows("T65")
@on_linux
def test_ctrl_c_stops_all_of_it_and_the_next_start_finds_its_data_again(running: MakeRun) -> None:
    changed = running.api().request(
        "PATCH", f"/sessions/{sample_data.SESSION_ABC}", json_body={"data": {"theme": "dark"}}
    )
    assert changed.status == 200
    processes, key = descendants(running.process.pid), running.key

    status = running.stop(signal.SIGINT)

    assert status == 0
    assert_gone(processes)
    assert not running.env.exists()
    with make_run(running.folder, running.port) as again:
        again.wait_for("Ready")
        found = again.api().request("GET", f"/sessions/{sample_data.SESSION_ABC}")
        assert found.status == 200, found.text
        assert found.json["data"]["theme"] == "dark"
        assert (
            again.api(key).request("GET", f"/sessions/{sample_data.SESSION_ABC}").status == 403
        )  # of the earlier start

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
