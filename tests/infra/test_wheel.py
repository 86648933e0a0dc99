"""The wheel as a consumer gets it: installed into a clean environment and used from somewhere else."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import uv

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "consumer"

pytestmark = pytest.mark.xdist_group("wheel")


def _run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the wheel is made of, so that nothing changes between the steps of a test."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("session_store", "lambda"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ("build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable)
    _run(uv.find_uv_bin(), *build, "--out-dir", folder, checkout, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with nothing but the wheel and its extras, in the versions that are locked here."""
    folder = tmp_path_factory.mktemp("consumer") / "venv"
    uv_bin = uv.find_uv_bin()
    _run(uv_bin, "venv", "--quiet", "--python", sys.executable, folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    locked = ROOT / "requirements.txt"
    requirement = f"session-store[cdk,cli] @ {wheel.as_uri()}"
    _run(uv_bin, "pip", "install", "--quiet", "--python", python, "--constraint", locked, requirement, cwd=folder)
    return python


def test_the_wheel_holds_the_package_and_the_entry_points_and_nothing_else(wheel: Path, checkout: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    sources = {path.relative_to(checkout).as_posix() for path in (checkout / "session_store").rglob("*.py")}
    entry_points = {f"session_store/_lambda/{path.name}" for path in (checkout / "lambda").glob("*.py")}
    data = {"session_store/py.typed", "session_store/cdk/wheels.txt", "session_store/cli/cost/prices.json"}
    assert set(names) == sources | entry_points | data


def test_a_users_code_passes_a_strict_type_check_against_the_wheel(clean_python: Path, tmp_path: Path) -> None:
    user_code = shutil.copy(Path(__file__).with_name("typed_use.py"), tmp_path)
    check = ("-m", "mypy", "--strict", "--config-file=", "--cache-dir", tmp_path / "cache")

    said = _run(sys.executable, *check, "--python-executable", clean_python, user_code, cwd=tmp_path)

    assert said.startswith("Success")


def _offline(python: Path, folder: Path) -> dict[str, str]:
    """An activated environment, no AWS settings, and a proxy that is not there in every connection's way."""
    kept = {name: os.environ[name] for name in ("JSII_RUNTIME_PACKAGE_CACHE_ROOT",) if name in os.environ}
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    return kept | nowhere | {"PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(folder), "CDK_VALIDATION": "false"}


def _synthesize(python: Path, folder: Path, env: Mapping[str, str], *, installed_in: Path) -> tuple[Any, list[str]]:
    """Run the example with the package that is installed there; its template, and the hashes of the functions' code."""
    folder.mkdir()
    package = _run(python, "-c", "import session_store; print(*session_store.__path__)", cwd=folder, env=env)
    assert Path(package).is_relative_to(installed_in)
    for name in ("app.py", "cdk.json"):
        shutil.copy(EXAMPLE / name, folder)
    command = json.loads((folder / "cdk.json").read_text())["app"]
    said = _run("/bin/sh", "-c", command, cwd=folder, env={**env, "CDK_OUTDIR": str(folder / "cdk.out")})
    assert said == f"Written: {folder / 'cdk.out'}\n"
    template = json.loads((folder / "cdk.out" / "MyApplication.template.json").read_text())
    assets = json.loads((folder / "cdk.out" / "MyApplication.assets.json").read_text())["files"]
    return template, sorted(key for key, asset in assets.items() if asset["source"]["path"].endswith(".zip"))


@pytest.mark.proof
def test_the_consumers_example_synthesizes_the_same_from_wheel_checkout_and_editable_install(
    clean_python: Path, checkout: Path, tmp_path: Path
) -> None:
    env = _offline(clean_python, tmp_path)
    from_wheel = _synthesize(clean_python, tmp_path / "wheel", env, installed_in=clean_python.parents[1])
    on_checkout = _offline(Path(sys.executable), tmp_path) | {"PYTHONPATH": str(checkout)}
    from_checkout = _synthesize(Path(sys.executable), tmp_path / "checkout", on_checkout, installed_in=checkout)
    # `pip install --editable` in two steps: only this environment, not the clean one, has hatchling.
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel:editable", "-d", tmp_path, cwd=checkout)
    (editable,) = tmp_path.glob("*.whl")
    install = ("pip", "install", "--quiet", "--no-deps", "--reinstall")
    _run(uv.find_uv_bin(), *install, "--python", clean_python, editable, cwd=tmp_path)
    from_editable = _synthesize(clean_python, tmp_path / "editable", env, installed_in=checkout)
    assert from_wheel == from_checkout == from_editable
    assert from_wheel[0]["Resources"]


def test_the_installed_command_shows_its_help_in_little_more_time_than_click_takes(
    clean_python: Path, tmp_path: Path
) -> None:
    """0.15 s of CPU time where a program of click alone takes 0.063 s. Both start from compiled modules."""
    env = _offline(clean_python, tmp_path)
    ours = (clean_python.with_name("session-store"), "--help")
    clicks = (clean_python, "-c", "import click; click.Group('program').main(['--help'])")
    seconds = [
        (_cpu_seconds(*ours, cwd=tmp_path, env=env), _cpu_seconds(*clicks, cwd=tmp_path, env=env)) for _ in range(7)
    ]

    least_of_ours, least_of_clicks = map(min, zip(*seconds, strict=True))
    assert least_of_ours <= 0.15 / 0.063 * least_of_clicks


def _cpu_seconds(*command: str | Path, cwd: Path, env: Mapping[str, str]) -> float:
    before = _cpu_seconds_of_children()
    _run(*command, cwd=cwd, env=env)
    return _cpu_seconds_of_children() - before


def _cpu_seconds_of_children() -> float:
    """To the microsecond. `os.times` knows hundredths of a second."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_the_extra_brings_the_node_that_cdk_needs(clean_python: Path, tmp_path: Path) -> None:
    env = _offline(clean_python, tmp_path)
    node = shutil.which("node", path=env["PATH"])

    assert node == str(clean_python.with_name("node"))
    assert int(_run(node, "--version", cwd=tmp_path, env=env).strip("v\n").partition(".")[0]) >= 22


def test_the_example_has_ten_lines() -> None:
    code = (EXAMPLE / "app.py").read_text().split('"""')[2]
    assert len([line for line in code.splitlines() if line]) <= 10
