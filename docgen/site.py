"""Build the documentation site: `make site`.

The pages are the Markdown files of the checkout, in the same folders, and pages that the code generates. The files
that they link to are copied beside them, so that every link of a document leads to the same place in the site.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from docgen import command_page, openapi_pages, pattern_pages, reference_pages, shown, site_tables
from docgen.documents import markdown_files
from local.console import CommandError, fail
from local.locked_environment import locked_environment
from local.paths import ROOT, WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

SOURCE: Final = WORK / "site" / "source"
"""`docs_dir` of mkdocs.yml."""
HTML: Final = WORK / "site" / "html"
"""`site_dir` of mkdocs.yml."""

_BUILDERS: Final = {
    "zensical": ("zensical", "build", "--strict", "--clean"),
    "material": ("mkdocs", "build", "--strict", "--quiet"),
}
_STYLE: Final = "docs/site.css"
_LINK: Final = re.compile(r"\]\(([\w./-]+)(?:#[^)]*)?\)|src=\"([\w./-]+)\"")
_FENCED: Final = re.compile(r"```.*?```", re.DOTALL)


def pages() -> dict[str, Callable[[], str]]:
    """Every page of the site: its path, as in the navigation, and what makes its text."""
    written = (str(file.relative_to(ROOT)) for file in markdown_files())
    return {path: partial(_written, path) for path in written} | dict(
        (*pattern_pages.pages(), *openapi_pages.pages(), *command_page.pages(), *reference_pages.pages())
    )


def targets(path: str, text: str) -> Iterator[Path]:
    """The targets of a page's links, as places in the checkout. Links to other hosts are left out."""
    folder = (ROOT / path).parent
    for one, other in _LINK.findall(_FENCED.sub("", text)):
        yield (folder / (one or other)).resolve()


def write(folder: Path) -> None:
    """Write the pages, and copy the files that they link to.

    Raises:
        FileNotFoundError: a page links to a file that does not exist.
    """
    made = pages()
    for path, make in made.items():
        text = make()
        _make_room(folder / path).write_text(text, encoding="utf-8")
        for file in targets(path, text):
            name = str(file.relative_to(ROOT))
            if name not in made:
                shutil.copyfile(file, _make_room(folder / name))
    shutil.copyfile(ROOT / _STYLE, _make_room(folder / _STYLE))


def build(builder: str) -> None:
    """Build the site into `HTML`.

    Args:
        builder: `zensical`, or `material` (MkDocs with the Material theme).

    Raises:
        CommandError: a link is broken, or the environment cannot be made.
    """
    shutil.rmtree(WORK / "site", ignore_errors=True)
    write(SOURCE)
    programs = locked_environment("site", python_versions=">=3.11")
    program, *arguments = _BUILDERS[builder]
    if subprocess.run([programs / program, *arguments], cwd=ROOT, check=False).returncode:
        raise CommandError(f"{builder} did not build the site: the lines above say which page is wrong.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the site, and say how to look at it.

    Args:
        arguments: the command line, without the program's name.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="make site", description=__doc__)
    parser.add_argument("--builder", choices=_BUILDERS, default="zensical")
    try:
        build(parser.parse_args(arguments).builder)
    except CommandError as error:
        return fail(str(error))
    folder = HTML.relative_to(ROOT)
    sys.stdout.write(f"The site is in {folder}. To read it at http://127.0.0.1:8000/ :\n")
    sys.stdout.write(f"  .venv/bin/python -m http.server --bind 127.0.0.1 --directory {folder} 8000\n")
    return 0


def _written(path: str) -> str:
    """A page of the checkout, with its tables and the tests that show what it promises."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return shown.with_tests(site_tables.filled(text), "../" * path.count("/"))


def _make_room(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


if __name__ == "__main__":
    sys.exit(main())
