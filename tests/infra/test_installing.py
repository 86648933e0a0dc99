"""How the package is installed: from a checkout or a wheel, because the first release is not published yet."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

import session_store
from docgen.documents import markdown_files
from local import release
from local.paths import ROOT

# What users read: the guides, and the sources with their docstrings and error texts.
TEXTS: Final = [*markdown_files(), *sorted((ROOT / "session_store").rglob("*.py"))]
# The name with an extra, or after `install`; with ` @ ` behind it, it says where the package comes from.
BY_NAME: Final = re.compile(r"""session-store\[[a-z,]+\](?! @ )|install[^\n`]*[ '"]session-store(?![^\s'"]*(\[| @ ))""")


@pytest.mark.parametrize(
    "text", ["pip install session-store", "pip install 'session-store[cdk]'", "session-store[cdk]"]
)
def test_a_text_that_names_the_package_alone_would_be_found(text: str) -> None:
    assert BY_NAME.search(text)


def test_no_text_says_to_install_the_package_by_its_name() -> None:
    assert len(TEXTS) > 50
    assert not [file.name for file in TEXTS if BY_NAME.search(file.read_text(encoding="utf-8"))]


def test_the_readme_says_where_the_package_comes_from() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "The first release is not published yet" in readme
    assert "session-store[cdk] @ file://" in readme


def test_the_version_stands_in_one_place_and_the_package_may_be_uploaded() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["dynamic"] == ["version"]
    assert "version" not in project
    assert not [name for name in project["classifiers"] if name.startswith("Private")]


@pytest.mark.proof
def test_a_release_is_an_sdist_and_a_wheel_of_that_version_with_metadata_that_an_index_takes(tmp_path: Path) -> None:
    names = [file.name for file in release.build(tmp_path / "dist")]

    version = session_store.__version__
    assert names == [f"session_store-{version}-py3-none-any.whl", f"session_store-{version}.tar.gz"]
