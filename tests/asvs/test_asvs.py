"""The requirements of ASVS 5.0 that we name are whole sections but one. The demo shows those of the application."""

from __future__ import annotations

from docgen import asvs, shown
from tests.support.figures import Count


def test_they_are_the_whole_chapters_and_the_whole_section(count: Count) -> None:
    sections = {"3.3": 5, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2, "9.1": 3, "9.2": 4}
    clients = {"10.1": 2, "10.2": 3, "10.5": 5}
    whole = [f"{section}.{number}" for section, last in (sections | clients).items() for number in range(1, last + 1)]
    of_issuers = ["10.4.5", "10.4.8", "10.4.9"]

    assert list(asvs.REQUIREMENTS) == [*whole[:-5], *of_issuers, *whole[-5:]]
    shown_ones = {mark.promise for mark in shown.marks()} & set(asvs.REQUIREMENTS)
    count(f"ASVS, requirements shown of {len(asvs.REQUIREMENTS)}", len(shown_ones))


def test_what_the_application_has_to_do_is_shown_by_the_demo() -> None:
    by_the_application = {mark.promise for mark in shown.marks() if mark.host}

    assert all(mark.file.startswith("tests/browser/") for mark in shown.marks() if mark.host)
    assert by_the_application >= {"7.4.2", "7.4.3", "7.4.4", "7.5.1", "7.5.2", "7.5.3"}
