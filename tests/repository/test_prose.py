"""The check of wording in `make lint`: it finds the habits that it names, and fails above its limit."""

from __future__ import annotations

import pytest

from docgen import prose


@pytest.mark.parametrize(
    ("line", "habit"),
    [
        ("The token is nobody's.", "pronouns"),
        ("It answers whoever asks.", "pronouns"),
        ("What is stored stays.", "openings"),
        ("It ends. Where a child is live, it ends as well.", "openings"),
    ],
)
def test_a_habit_is_found_with_its_place(line: str, habit: str) -> None:
    found = prose.findings([prose.document_of("docs/web.md", f"# Title\n\n{line}\n")])
    assert found == [prose.Finding(habit, "docs/web.md:3", line)]


@pytest.mark.parametrize(
    "text", ["Where is ABC signed in? There.", "It says what is stored.", "```sh\n# What nobody reads.\n```\n"]
)
def test_questions_clauses_inside_a_sentence_and_samples_of_code_do_not_count(text: str) -> None:
    assert not prose.findings([prose.document_of("README.md", text)])


def test_a_docstring_has_its_place_in_the_file() -> None:
    source = 'LIMIT = 1\n\n\ndef read():\n    """Read it.\n\n    Whatever it is.\n    """\n'
    found = prose.findings(prose.docstrings_of("store.py", source))
    assert {finding.place for finding in found} == {"store.py:7"}


def test_a_figure_above_the_limit_fails_and_names_the_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prose, "docstrings", lambda: [prose.Text("store.py", 7, "Nobody reads it.")])
    monkeypatch.setattr(prose, "documents", lambda: [prose.Text("README.md", 1, "People read it.")])
    assert prose.main() == 1
    assert capsys.readouterr().err == "store.py:7: pronouns: Nobody reads it.\n"
