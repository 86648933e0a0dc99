"""Writes the generated documents anew, each into its place: `make docs`.

With `--check` nothing is written. It says which documents no longer match the code.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from docgen import blocks, event_schema, navigation, sources, storage_chart, workbench
from local.paths import ROOT
from session_store.api import backend_openapi, issuer_openapi, user_openapi

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_DOCS: Final = ROOT / "docs"
_PACKAGE: Final = ROOT / "session_store"


def documents() -> dict[Path, Callable[[], str]]:
    """Every generated document, or file with generated parts: its path, and what makes the text of it."""
    generated: dict[Path, Callable[[], str]] = {
        _DOCS / "nosql-workbench.json": workbench.render,
        _DOCS / "openapi.json": backend_openapi.render,
        _DOCS / "openapi-issuer.json": partial(backend_openapi.render, issuer_openapi.ISSUER),
        _DOCS / "openapi-user.json": partial(backend_openapi.render, user_openapi.USER),
        _DOCS / "session-events.schema.json": event_schema.render,
        _DOCS / "storage-compared.svg": storage_chart.render,
    }
    for file, fill in (
        (ROOT / "mkdocs.yml", navigation.filled),
        (_PACKAGE / "cdk" / "grants.py", sources.grants),
        (_PACKAGE / "store.py", sources.store),
    ):
        generated[file] = partial(_filled, file, fill)
    return {file: partial(_filled, file, blocks.filled) for file in markdown_files()} | generated


def markdown_files() -> list[Path]:
    """The Markdown files of the checkout that people read."""
    return [*sorted(ROOT.glob("*.md")), *sorted(_DOCS.rglob("*.md"))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or check.

    Args:
        arguments: the command line, without the program's name.

    Returns:
        The exit status: 1 when a check found a document that does not match.
    """
    parser = argparse.ArgumentParser(prog="make docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when something would change")
    check_only = parser.parse_args(arguments).check
    texts = {file: make() for file, make in documents().items()}
    changed = [(file, text) for file, text in texts.items() if not _holds(file, text)]
    for file, text in changed:
        if not check_only:
            file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{'differs' if check_only else 'written'}: {file.relative_to(ROOT)}\n")
    return 1 if changed and check_only else 0


def _filled(file: Path, fill: Callable[[str], str]) -> str:
    return fill(file.read_text(encoding="utf-8"))


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
