"""Ids that identity providers make of people, and the longest ones that may be."""

from __future__ import annotations

from typing import Final

from session_store.checks import UNFIT_CHARACTERS

GUEST: Final = "alice_contoso.com#EXT#@fabrikam.onmicrosoft.com"  # in Entra ID
NAME_ID: Final = "https://idp.example.com/saml2?entity=shop&of=100%#" + "x" * 150  # of SAML, 200 characters
LONGEST: Final = ("a" * 512, "é" * 500, "\U0001f600" * 250)  # the last two of 1,000 bytes
# The characters of an id, as a pattern for Hypothesis.
ANY_ID: Final = rf"[^{UNFIT_CHARACTERS}\ud800-\udfff]{{1,512}}"
# Ids that look like keys, or like parts of them.
LIKE_KEYS: Final = (
    "#",
    "a#01",
    "a#00",
    "suuid#1",
    "customer#a",
    "child#suuid#1",
    "c#a",
    "a#1",
    "t#a",
    "c!",
    "customer-01#a",
)
ODD_IDS: Final = (GUEST, NAME_ID, *LONGEST, *LIKE_KEYS, "* ?/%23", "..")
