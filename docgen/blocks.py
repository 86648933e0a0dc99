"""Generated blocks in Markdown files: between two marks stands a file of the checkout, as it is.

    <!-- begin examples/library_quickstart.py -->
    ...
    <!-- end examples/library_quickstart.py -->

The block `decisions` lists the pages of that folder.
"""

from __future__ import annotations

import re
from typing import Final

from docgen.markdown import fenced
from local.paths import ROOT

_BLOCK: Final = re.compile(r"(?P<begin><!-- begin (?P<name>\S+) -->\n).*?(?P<end><!-- end (?P=name) -->)", re.DOTALL)
_LANGUAGES: Final = {".py": "python", ".json": "json", ".sh": "sh", ".ts": "ts"}
_DECISIONS: Final = "decisions"


def filled(markdown: str) -> str:
    """A Markdown text with all its blocks as they should be.

    Raises:
        FileNotFoundError: a block is named after no file.
    """
    return _BLOCK.sub(lambda match: f"{match['begin']}{_content(match['name'])}\n{match['end']}", markdown)


def _content(name: str) -> str:
    return _decisions() if name == _DECISIONS else _file(name)


def _file(path: str) -> str:
    file = ROOT / path
    return fenced(_LANGUAGES[file.suffix], file.read_text(encoding="utf-8"))


def _decisions() -> str:
    files = sorted(file for file in (ROOT / "docs" / "decisions").glob("*.md") if file.name != "README.md")
    titles = (file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for file in files)
    return "\n".join(f"- [{title}]({file.name})" for title, file in zip(titles, files, strict=True))
