"""`make templates`: plain templates, and code that is the same each time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local import templates


def test_the_same_code_is_the_same_archive_and_nothing_of_cdks_is_left(tmp_path: Path) -> None:
    first, second = (templates.write("local", tmp_path / name) for name in ("first", "second"))
    archives = sorted((tmp_path / "first" / "code").iterdir())

    assert [file.name for file in first] == ["SessionStore-local.json", "SessionStoreDemo-local.json"]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
    assert [file.read_bytes() for file in archives] == [
        file.read_bytes() for file in sorted((tmp_path / "second" / "code").iterdir())
    ]
    for file in first:
        template = json.loads(file.read_text())
        assert "Bootstrap" not in file.read_text()
        assert "aws:asset" not in file.read_text()
        code = [each["Properties"]["Code"] for each in template["Resources"].values() if "Code" in each["Properties"]]
        assert code
        assert all((file.parent / path).is_file() for path in code)


def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert templates.main(["production"]) == 1
    assert capsys.readouterr().err.startswith("error: unknown environment 'production': choose one with ENV=NAME")
