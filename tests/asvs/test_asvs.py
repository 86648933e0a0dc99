"""Every requirement of ASVS 5.0 V7 and V3.3 is shown by a test."""

from __future__ import annotations

import pytest

from docgen import asvs
from tests.support.figures import Count


def test_every_requirement_is_shown_by_a_test(count: Count) -> None:
    found = asvs.marks()

    count(f"ASVS, requirements shown of {len(asvs.REQUIREMENTS)}", len({mark.number for mark in found}))
    assert asvs.gaps(found) == []


def test_every_mark_names_a_requirement() -> None:
    unknown = {mark for mark in asvs.marks() if mark.number not in asvs.REQUIREMENTS}

    assert not unknown


def test_it_is_the_whole_chapter_and_the_whole_section() -> None:
    sections = {"3.3": 5, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2}

    assert list(asvs.REQUIREMENTS) == [
        f"{section}.{number}" for section, last in sections.items() for number in range(1, last + 1)
    ]


def test_what_the_application_has_to_do_is_shown_by_the_demo() -> None:
    by_the_application = {mark.number for mark in asvs.marks() if mark.host}

    assert all(mark.file.startswith("tests/browser/") for mark in asvs.marks() if mark.host)
    assert by_the_application >= {"7.4.2", "7.4.3", "7.4.4", "7.5.1", "7.5.2", "7.5.3"}


def test_a_gap_is_found_printed_and_fails(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(asvs.REQUIREMENTS, "7.9.9", "something new")

    assert asvs.main() == 1
    assert capsys.readouterr().out.endswith("gap: 7.9.9\n")
