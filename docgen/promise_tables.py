"""Tables of requirements that others make, each with the tests that show it."""

from __future__ import annotations

from docgen import asvs, security_hub
from docgen.markdown import table
from docgen.shown import tests_of

_ROOT = "../"  # from the documents


def requirements() -> str:
    """The requirements of ASVS."""
    return table(
        ("requirement", "in short", "shown by"),
        ((number, words, tests_of(number, root=_ROOT)) for number, words in asvs.REQUIREMENTS.items()),
    )


def controls() -> str:
    """The controls of Security Hub."""
    return table(
        ("control", "requirement", "state", "how, or why not", "shown by"),
        ((*control, tests_of(control.name, root=_ROOT)) for control in security_hub.CONTROLS),
    )
