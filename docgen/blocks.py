"""Generated blocks in Markdown files: between two marks stands a file of the checkout, as it is.

    <!-- begin examples/library_quickstart.py -->
    ...
    <!-- end -->

`make docs` writes what is between them.
"""

from __future__ import annotations

import re
from typing import Final

from docgen.markdown import fenced
from local.paths import ROOT

_BLOCK: Final = re.compile(r"(?P<begin><!-- begin (?P<name>\S+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
_LANGUAGES: Final = {".py": "python", ".json": "json", ".sh": "sh", ".ts": "ts"}


def filled(markdown: str) -> str:
    """A Markdown text with all its blocks as they should be.

    Raises:
        FileNotFoundError: a block is named after no file.
    """
    return _BLOCK.sub(lambda match: f"{match['begin']}{_file(match['name'])}\n{match['end']}", markdown)


def _file(path: str) -> str:
    file = ROOT / path
    return fenced(_LANGUAGES[file.suffix], file.read_text(encoding="utf-8"))
