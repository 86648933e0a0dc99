"""Every promise of the documents has a test that says so by the mark `shows`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docgen import security_hub, shown
from docgen.documents import markdown_files
from local.paths import ROOT

TESTS = [file for file in (ROOT / "tests").rglob("*.py") if file.name != Path(__file__).name]
THREATS = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_every_promise_has_a_test() -> None:
    assert shown.gaps() == []


def test_every_mark_names_a_promise() -> None:
    known = shown.promises() | {control.name for control in security_hub.CONTROLS}

    assert [mark for mark in shown.marks() if mark.promise not in known] == []


def test_every_mark_stands_on_a_test_function() -> None:
    written = sum(file.read_text(encoding="utf-8").count("mark.shows(") for file in TESTS)

    assert len({(mark.file, mark.test, mark.host) for mark in shown.marks()}) == written


def test_every_threat_has_an_id() -> None:
    tables = THREATS.partition("## Defences")[2].partition("## Limits")[0]
    rows = re.findall(r"^\| (?!attempt|mishap).*", tables, re.MULTILINE)

    assert len(rows) > 30
    assert [row for row in rows if not re.search(r"\[T\d+\]", row)] == []


def test_no_document_names_a_test_function() -> None:
    present = [file for file in markdown_files() if file.name != "CHANGELOG.md"]

    assert [file.name for file in present if re.search(r"(::|`)test_\w+`", file.read_text(encoding="utf-8"))] == []


def test_the_site_prints_the_names_of_the_tests_in_place_of_ids_in_brackets_unless_they_fill_a_cell() -> None:
    link = r"\[[\w ]+\]\(\.\./tests/[\w/]+\.py\)"

    assert re.fullmatch(rf"Random \({link}\)\.", shown.with_tests("Random [T1].", "../"))
    assert re.fullmatch(rf"\| random \| {link}, {link} \|", shown.with_tests("| random | [T2] [T3] |", "../"))


@pytest.mark.parametrize(("promise", "status"), [("T1", 0), ("7.4.4", 0), ("T999", 1)])
def test_the_command_prints_the_tests_and_fails_without_one(
    promise: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown.main([promise]) == status

    printed = capsys.readouterr()
    assert ("::test_" in printed.out, bool(printed.err)) == (not status, bool(status))
