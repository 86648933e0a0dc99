"""The picture of the demo in README, taken from a running `make run`.

source .local/env && .venv/bin/python -m tests.browser.picture
"""

from __future__ import annotations

import os
from typing import Final

from local.paths import ROOT
from tests.support.chromium import Visitor, chromium

FILE: Final = ROOT / "docs" / "demo.png"
_SIZE: Final = {"width": 1280, "height": 800}


def main() -> None:
    """Sign in as the sample customer ABC, and take the list of their sessions."""
    with chromium() as browser:
        visitor = Visitor(browser, os.environ["DEMO"], viewport=_SIZE)
        visitor.sign_in("ABC")
        visitor.open("/sessions")
        visitor.page.screenshot(path=FILE)


if __name__ == "__main__":
    main()
