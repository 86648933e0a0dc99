"""`.env` files: what is set stays, what is required is there, and no message shows a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from session_store import StoreConfigurationError
from session_store.aws.env_files import load_env_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_variables_are_set_unless_they_are_and_those_of_windows_editors_too(file: Path) -> None:
    file.write_bytes(
        b"\xef\xbb\xbfAWS_PROFILE=dev\r\nexport TABLE_NAME='sessions'\r\n# note\r\nEMPTY=\r\nNAME_ALONE\r\n"
    )
    environment = {"AWS_PROFILE": "", "OTHER": "1"}

    done = load_env_file(file, required=["TABLE_NAME", "OTHER"], environment=environment)

    assert done == ["EMPTY", "TABLE_NAME"]
    assert environment == {"AWS_PROFILE": "", "OTHER": "1", "TABLE_NAME": "sessions", "EMPTY": ""}


def test_required_names_without_a_value_are_all_named_and_nothing_is_set(file: Path) -> None:
    file.write_text("SECRET=hidden\nEMPTY=\n")
    environment: dict[str, str] = {}

    with pytest.raises(StoreConfigurationError, match="EMPTY, MISSING: no value in the environment or in ") as raised:
        load_env_file(file, required=["SECRET", "EMPTY", "MISSING"], environment=environment)

    assert "hidden" not in str(raised.value)
    assert environment == {}


def test_without_a_file_the_environment_is_enough(file: Path) -> None:
    assert load_env_file(file, required=["SET"], environment={"SET": "1"}) == []
    with pytest.raises(StoreConfigurationError, match="MISSING: no value in the environment, and there is no "):
        load_env_file(file, required=["MISSING"], environment={})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"A=1\nSECRET='hidden\n", "line 2: must be NAME=value"),
        (b"hidden value\n", "line 1: must be NAME=value"),
        (b"A=\xff\n", "is not UTF-8"),
    ],
)
def test_a_mistake_is_named_by_its_line_and_nothing_is_set(content: bytes, problem: str, file: Path) -> None:
    file.write_bytes(content)
    environment: dict[str, str] = {}

    with pytest.raises(StoreConfigurationError, match=problem) as raised:
        load_env_file(file, environment=environment)

    assert "hidden" not in str(raised.value)
    assert environment == {}
