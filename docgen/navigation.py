"""Generated parts of the site's navigation in mkdocs.yml: the pages of a folder, between two marks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from docgen import command_page, openapi_pages, pattern_pages, reference_pages
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK: Final = re.compile(r"(?P<begin> +# begin (?P<name>\w+)\n).*?(?P<end> +# end (?P=name)\n)", re.DOTALL)


def filled(configuration: str) -> str:
    """The configuration of the site with a line for every page of its lists.

    Raises:
        KeyError: there is no list of a block's name.
    """
    lists = {"decisions": _decisions, "patterns": _patterns, "reference": _reference}
    return _BLOCK.sub(lambda match: match["begin"] + "".join(lists[match["name"]]()) + match["end"], configuration)


def _patterns() -> Iterator[str]:
    return (_entry(path, make()) for path, make in pattern_pages.pages())


def _reference() -> Iterator[str]:
    pages = (*reference_pages.pages(), *command_page.pages(), *openapi_pages.pages())
    return (_entry(path, make()) for path, make in pages)


def _decisions() -> Iterator[str]:
    folder = ROOT / "docs" / "decisions"
    others = sorted(file for file in folder.glob("*.md") if file.name != "README.md")
    for file in (folder / "README.md", *others):
        yield _entry(str(file.relative_to(ROOT)), file.read_text(encoding="utf-8"))


def _entry(path: str, text: str) -> str:
    """A page under its title. The first page of a list is the one that its name opens."""
    title = text.partition("\n")[0].removeprefix("# ")
    return f"      - {path}\n" if path.endswith("README.md") else f"      - {json.dumps(title)}: {path}\n"
