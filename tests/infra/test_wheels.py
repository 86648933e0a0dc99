"""Wheels in functions' zips: for the functions' platform, locked, kept in a cache, and found without a network."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_lambda as lambda_

from local.paths import ROOT
from local.this_platform import IS_FUNCTIONS, this_platform
from session_store import InvalidInputError
from session_store.catalog.functions import Function
from session_store.cdk import Libraries, LibrariesUnavailableError, code_with_library, wheels
from session_store.cdk.archive import unzipped
from session_store.cdk.bundle import bundle_files, bundle_zip, stage_bundle
from session_store.cdk.platforms import Platform
from session_store.cdk.wheels import libraries_zip
from tests.infra.templates import new_stack
from tests.infra.wheelhouse import NAME, Wheelhouse

JWT = frozenset({Libraries.JWT})
ARM = Platform("python3.13", "arm64")
INTEL = Platform("python3.13", "x86_64")
AMAZON_LINUX_2 = Platform("python3.11", "x86_64")
MACHINES = {"arm64": 183, "x86_64": 62}  # as the head of an ELF file names them
LIMITS = {"unzipped": 250 << 20, "zipped": 50 << 20}  # Lambda's


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wheelhouse]:
    made = Wheelhouse(tmp_path, monkeypatch)
    yield made
    made.forget()


@pytest.fixture(params=["uv", pytest.param("pip", marks=pytest.mark.proof)])
def installer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "pip":
        monkeypatch.setattr(shutil, "which", lambda *_, **__: None)  # no uv, wherever it is
    return str(request.param)


def made_for(platform: Platform) -> str:
    """The tag of the small wheel that a function on the platform gets."""
    module = unzipped(libraries_zip(JWT, platform))[f"{NAME}/__init__.py"].decode()
    return module.partition("= ")[2].strip("'\n")


def refused(platform: Platform = ARM) -> str:
    with pytest.raises(LibrariesUnavailableError) as caught:
        libraries_zip(JWT, platform)
    return str(caught.value)


# Which wheels


TAGS = {
    ARM: "cp313-cp313-manylinux_2_34_aarch64",
    INTEL: "cp311-abi3-manylinux_2_28_x86_64",
    AMAZON_LINUX_2: "cp311-abi3-manylinux_2_17_x86_64",
}
OF_OTHERS = (
    *("cp313-cp313-manylinux_2_35_aarch64", "cp313-cp313-manylinux_2_28_aarch64", "cp313-cp313-musllinux_1_2_aarch64"),
    *("cp312-cp312-manylinux_2_34_aarch64", "cp313-cp313-macosx_11_0_arm64", "cp313-cp313-manylinux_2_39_x86_64"),
    *("cp313-cp313-win_amd64", "cp311-cp311-manylinux_2_28_x86_64"),
)


def test_a_function_gets_the_wheel_of_its_python_its_processor_and_its_linux(house: Wheelhouse, installer: str) -> None:
    for tag in (*TAGS.values(), *OF_OTHERS):
        house.add_wheel(tag)

    assert {each: made_for(each) for each in TAGS} == TAGS


def test_nothing_is_built_from_sources(house: Wheelhouse, installer: str) -> None:
    house.add_sources()
    house.add_wheel("cp313-cp313-macosx_11_0_arm64")

    assert "cannot be installed" in refused()
    assert not house.built.exists()


def test_a_wheel_other_than_the_locked_one_is_refused(house: Wheelhouse, installer: str) -> None:
    house.add_wheel("py3-none-any")
    house.lock.write_text(re.sub("sha256:.{8}", "sha256:" + "0" * 8, house.lock.read_text()))

    refused()
    assert not house.cache.exists()


def test_the_zip_holds_code_and_licences_and_nothing_that_installers_write(house: Wheelhouse, installer: str) -> None:
    house.add_wheel("py3-none-any")

    info = f"{NAME}-1.0.dist-info"
    held = [f"{info}/METADATA", f"{info}/licenses/LICENSE", f"{NAME}/__init__.py"]
    assert list(unzipped(libraries_zip(JWT, ARM))) == held


@pytest.mark.parametrize("prop", ["runtime", "architecture"])
def test_a_platform_that_the_library_does_not_run_on_is_refused(prop: str) -> None:
    props: dict[str, Any] = {"runtime": lambda_.Runtime.PYTHON_3_13, "architecture": lambda_.Architecture.ARM_64}
    assert Platform.of(**props) == ARM

    for wrong in (lambda_.Runtime.PYTHON_3_10, lambda_.Runtime.NODEJS_22_X, None):
        with pytest.raises(InvalidInputError) as caught:
            Platform.of(**props | {prop: wrong})
        assert caught.value.field == prop


@pytest.mark.parametrize("wrong", ["jwt", ["jwt"], Libraries.JWT])
def test_libraries_are_a_set_of_their_enum(wrong: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="libraries: must be a set of Libraries"):
        code_with_library(new_stack(), tmp_path, libraries=wrong)


def test_libraries_of_several_parts_are_together_once() -> None:
    both = frozenset({Libraries.CRYPTOGRAPHY, Libraries.JWT})
    files = unzipped(libraries_zip(frozenset(Libraries), ARM))

    assert libraries_zip(both, ARM) == libraries_zip(JWT, ARM)  # which has the other one
    assert {path.partition("/")[0] for path in files} > {"cryptography", "jwt", "valkey"}


# The cache


def test_a_second_synthesis_needs_neither_network_nor_installer(
    house: Wheelhouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add_wheel("py3-none-any")
    first = libraries_zip(JWT, ARM)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")

    house.forget()
    assert libraries_zip(JWT, ARM) == first
    with pytest.raises(LibrariesUnavailableError):
        libraries_zip(JWT, INTEL)
    house.lock.write_text(house.lock.read_text() + "# changed\n")
    house.forget()
    refused()


def cut_off(content: bytes) -> bytes:
    return content[:-100]


def overwritten(content: bytes) -> bytes:
    return content[:60] + b"\0" * 20 + content[80:]


@pytest.mark.parametrize("damage", [cut_off, overwritten])
def test_a_damaged_zip_in_the_cache_is_made_again(house: Wheelhouse, damage: Callable[[bytes], bytes]) -> None:
    house.add_wheel("py3-none-any")
    whole = libraries_zip(JWT, ARM)
    (kept,) = house.cache.iterdir()
    before = kept.read_bytes()
    kept.write_bytes(damage(before))

    house.forget()
    assert libraries_zip(JWT, ARM) == whole
    assert kept.read_bytes() == before


def test_a_home_that_cannot_be_written_costs_only_the_cache(house: Wheelhouse, tmp_path: Path) -> None:
    house.add_wheel("py3-none-any")
    (tmp_path / "file").touch()
    house.use_cache(tmp_path / "file")

    assert made_for(ARM) == "py3-none-any"


_IN_ANOTHER_PROCESS = """
import os, pathlib, sys, types
package = sys.modules["session_store.cdk"] = types.ModuleType("session_store.cdk")
package.__path__ = [sys.argv[1]]  # without CDK, which takes seconds to import
from session_store.cdk import wheels
from session_store.cdk.platforms import Platform
wheels._LOCK = pathlib.Path(sys.argv[2])
def killed(*_, **__):
    os.kill(os.getpid(), 9)
if sys.argv[3] == "installing":
    wheels.zipped = killed
if sys.argv[3] == "keeping":
    pathlib.Path.replace = killed
wheels.libraries_zip(frozenset({wheels.Libraries.JWT}), Platform("python3.13", "arm64"))
"""


def started(house: Wheelhouse, *, killed_while: str = "") -> subprocess.Popen[bytes]:
    """Another process that needs the libraries."""
    command = (sys.executable, "-c", _IN_ANOTHER_PROCESS, Path(wheels.__file__).parent, house.lock, killed_while)
    return subprocess.Popen(command, cwd=ROOT)


@pytest.mark.parametrize("step", ["installing", "keeping"])
def test_a_process_that_is_killed_leaves_no_half_zip(house: Wheelhouse, step: str) -> None:
    house.add_wheel("py3-none-any")

    assert started(house, killed_while=step).wait(60) == -signal.SIGKILL
    assert not [*house.cache.glob("[!.]*")]
    assert made_for(ARM) == "py3-none-any"


def test_processes_at_once_leave_one_whole_zip(house: Wheelhouse) -> None:
    house.add_wheel("py3-none-any")

    others = [started(house) for _ in range(2)]
    assert [other.wait(60) for other in others] == [0, 0]
    (kept,) = house.cache.iterdir()
    before = kept.read_bytes()
    assert libraries_zip(JWT, ARM) in before
    assert kept.read_bytes() == before


# Without a network


def test_without_a_network_one_line_says_what_to_do(house: Wheelhouse, monkeypatch: pytest.MonkeyPatch) -> None:
    house.add_wheel("py3-none-any")
    for name, value in {"FIND_LINKS": "", "OFFLINE": "0", "HTTP_RETRIES": "0"}.items():
        monkeypatch.setenv(f"UV_{name}", value)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://name:password@127.0.0.1:9/simple")  # where nothing listens

    said = refused()

    assert said.startswith("the wheels of jwt for python3.13 on arm64 cannot be installed: Failed to fetch")
    assert f"Connection refused (os error 111). One synthesis with a network fills {house.cache}." in said
    assert said.endswith("Without one, set bundle_libraries=False and give layers that have them.")
    assert "\n" not in said
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://name:password@127.0.0.1:nine/simple")  # uv repeats it as it is
    assert "invalid value 'http://127.0.0.1:nine/simple'" in refused()


def test_without_uv_and_pip_the_line_says_so(
    house: Wheelhouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add_wheel("py3-none-any")
    venv.create(tmp_path / "bare", with_pip=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    monkeypatch.setenv("PATH", "/nowhere")

    assert "bin/python: No module named pip. One synthesis" in refused()


# The real ones


@pytest.mark.shows("A32")
@pytest.mark.parametrize("platform", [ARM, AMAZON_LINUX_2], ids=str)
def test_the_compiled_code_is_for_the_functions_processor_python_and_linux(platform: Platform) -> None:
    archive = libraries_zip(JWT, platform)
    compiled = {path: content for path, content in unzipped(archive).items() if path.endswith(".so")}

    cffi, rust = sorted(compiled)
    assert f".cpython-3{platform.python[2:]}-{platform.processor}-" in cffi
    assert rust.endswith("/_rust.abi3.so")  # of any Python from 3.11 on
    for content in compiled.values():
        assert content[:6] == b"\x7fELF\x02\x01"  # 64 bits, the lowest byte first
        assert int.from_bytes(content[18:20], "little") == MACHINES[platform.architecture]
        needed = {int(minor) for minor in re.findall(rb"\0GLIBC_2\.(\d+)(?:\.\d+)?(?=\0)", content)}
        assert needed
        assert max(needed) <= (26 if platform is AMAZON_LINUX_2 else 34)


def test_the_zip_of_a_function_with_libraries_is_far_below_lambdas_limits_and_names_every_licence() -> None:
    libraries = libraries_zip(JWT, ARM)
    whole = bundle_zip(Function.USER_MINT, libraries)

    files = unzipped(whole)
    assert files == {**unzipped(libraries), **bundle_files(Function.USER_MINT)}
    assert len(whole) < LIMITS["zipped"] / 8
    assert sum(map(len, files.values())) < LIMITS["unzipped"] / 8
    packages = {path.partition("/")[0] for path in files if ".dist-info/" in path}
    assert {package.partition("-")[0] for package in packages} == {"cffi", "cryptography", "pyjwt"}
    assert all(any(path.startswith(f"{package}/licenses/LICENSE") for path in files) for package in packages)


def test_cryptography_alone_is_without_pyjwt_and_without_what_only_builds_need() -> None:
    tops = {path.partition("/")[0] for path in unzipped(libraries_zip(frozenset({Libraries.CRYPTOGRAPHY}), ARM))}

    assert {re.sub(r"-[\d.]+\.dist-info", " (licences)", top.partition(".cpython")[0]) for top in tops} == {
        "_cffi_backend",
        "cffi (licences)",
        "cryptography",
        "cryptography (licences)",
    }


def test_the_code_is_named_by_its_content_with_libraries_too(house: Wheelhouse, tmp_path: Path) -> None:
    house.add_wheel("py3-none-any")
    staged = stage_bundle(Function.MINT, tmp_path / "out", libraries_zip(JWT, ARM))
    house.use_cache(tmp_path / "another")
    again = stage_bundle(Function.MINT, tmp_path / "out", libraries_zip(JWT, ARM))
    without = stage_bundle(Function.MINT, tmp_path / "out")

    assert staged == again != without
    with zipfile.ZipFile(staged) as opened:
        assert {each.external_attr >> 16 for each in opened.infolist()} == {0o100644}


def test_code_of_an_applications_own_function_takes_them_along(house: Wheelhouse, tmp_path: Path) -> None:
    house.add_wheel("cp313-cp313-manylinux_2_34_aarch64")
    (tmp_path / "own").mkdir()
    props: dict[str, Any] = {"runtime": lambda_.Runtime.PYTHON_3_13, "architecture": lambda_.Architecture.ARM_64}

    code: Any = code_with_library(new_stack(), tmp_path / "own", libraries={Libraries.JWT}, **props)
    assert {path.name for path in Path(code.path).iterdir()} == {"session_store", NAME, f"{NAME}-1.0.dist-info"}

    (tmp_path / "own" / NAME).mkdir()
    with pytest.raises(InvalidInputError, match=f"folder: must not have a {NAME} of its own"):
        code_with_library(new_stack(), tmp_path / "own", libraries={Libraries.JWT}, **props)
    with pytest.raises(InvalidInputError, match="runtime"):
        code_with_library(new_stack(), tmp_path, libraries={Libraries.JWT})


def test_the_locked_versions_are_those_that_the_tests_run_with() -> None:
    def versions(lock: Path) -> set[str]:
        return set(re.findall(r"^[a-z-]+==[\w.]+", lock.read_text(), re.MULTILINE))

    locked = versions(Path(wheels.__file__).with_name("wheels.txt"))
    assert len(locked) == 5
    assert locked <= versions(ROOT / "requirements.txt")


_SIGNS_AND_VERIFIES = """
import os, sys
folder = sys.argv[1]
sys.path[:0] = [folder]
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from session_store.clock import SystemClock
from session_store.jwt.claims import encoded, signing_input
from session_store.jwt.local_key import LocalKey
from session_store.jwt.public_keys import from_der

ARN = "arn:aws:secretsmanager:eu-central-1:1:secret:s"

class Secrets:
    def get_secret_value(self, SecretId):
        return {"SecretString": pem.decode()}

for made in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)):
    public = from_der(made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = LocalKey(ARN, public.thumbprint, public.algorithm, SystemClock(), client=Secrets())
    text = signing_input({"sub": "ABC"}, kid=key.kid, algorithm=key.algorithm)
    token = f"{text}.{encoded(key.sign(text.encode()))}"
    assert jwt.decode(token, made.public_key(), algorithms=[key.algorithm]) == {"sub": "ABC"}

rules = {"ISSUER": "https://a.example", "AUDIENCES": '["orders"]', "KEY": ARN, "KEY_ID": key.kid, "ALGORITHM": "RS256"}
os.environ |= {f"SESSION_JWT_{name}": value for name, value in rules.items()}
import user_mint
ours = ("_cffi_backend", "cryptography", "jwt", "session_store", "user_mint")
loaded = {name: str(sys.modules[name].__file__) for name in ours}
assert all(file.startswith(folder) for file in loaded.values()), loaded
"""


@pytest.mark.shows("A32")
@pytest.mark.skipif(not IS_FUNCTIONS, reason="runs the code of functions, which is Linux's")
def test_a_function_of_this_machines_platform_signs_and_verifies_with_nothing_but_its_zip_and_boto3(
    run_as_lambda_does: Callable[[str, Path], None], tmp_path: Path
) -> None:
    libraries = libraries_zip(JWT, this_platform())
    with zipfile.ZipFile(stage_bundle(Function.USER_MINT, tmp_path, libraries)) as opened:
        opened.extractall(tmp_path / "task")

    run_as_lambda_does(_SIGNS_AND_VERIFIES, tmp_path / "task")
