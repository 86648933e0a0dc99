"""How the package is installed: never by its name alone, which on a public index is anybody's."""

from __future__ import annotations

import re
import tomllib
from typing import Final

import pytest

from docgen.documents import markdown_files
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
    assert "session-store[cdk] @ file://" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_public_index_refuses_the_package() -> None:
    """It takes nothing with a classifier that begins with `Private ::`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
