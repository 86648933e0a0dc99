"""A browser and its system in a few words, from what it says of itself in `User-Agent`."""

from __future__ import annotations

import re
from typing import Final

UNKNOWN: Final = "Unknown browser"
# The first that matches counts: browsers also name those that they want to be taken for.
_BROWSERS: Final = (
    ("Edge", re.compile(r"\bEdg(?:A|iOS)?/(\d{1,4})")),
    ("Opera", re.compile(r"\bOPR/(\d{1,4})")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/(\d{1,4})")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d{1,4})")),
    ("Chrome", re.compile(r"\b(?:HeadlessChrome|Chrome|CriOS)/(\d{1,4})")),
    ("Safari", re.compile(r"\bVersion/(\d{1,4})\S* (?:Mobile/\S+ )?Safari/")),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_HANDHELD: Final = ("iPhone", "iPad", "Android")


def describe(user_agent: str) -> str:
    """For instance `Chrome 140 on Windows`. Nothing of the text itself gets in but a version number."""
    browser = next((f"{name} {found[1]}" for name, mark in _BROWSERS if (found := mark.search(user_agent))), UNKNOWN)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    return f"{browser} on {system}" if system else browser


def called(client: str | None) -> str:
    """A session's device in a few words. The routes of a provider keep what the browser says of itself, as it is."""
    if not client:
        return UNKNOWN
    return describe(client) if client.startswith("Mozilla/") else client


def is_handheld(description: str) -> bool:
    """Whether a described device is a phone or a tablet."""
    return description.endswith(_HANDHELD)
