"""Samples in Markdown files: a block of code whose title is a file of the checkout holds that file.

    ```python title="examples/library_quickstart.py"
    ...
    ```

The site shows the title above the sample. `make docs` writes the samples.
"""

from __future__ import annotations

import re
from typing import Final

from local.paths import ROOT

_SAMPLE: Final = re.compile(r"^(?P<begin>```\w+ title=\"(?P<file>[^\"]+)\"\n).*?^```$", re.DOTALL | re.MULTILINE)


def filled(markdown: str) -> str:
    """A Markdown text with its samples as the files are now.

    Raises:
        FileNotFoundError: a title names no file.
    """
    return _SAMPLE.sub(lambda match: f"{match['begin']}{_text(match['file'])}\n```", markdown)


def _text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8").rstrip()
