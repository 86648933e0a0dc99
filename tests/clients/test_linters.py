"""Linters find nothing in the OpenAPI documents, warnings and hints included."""

from __future__ import annotations

from pathlib import Path

from local.paths import ROOT
from tests.clients.generated import run

DOCUMENTS = sorted((ROOT / "docs").glob("openapi*.json"))


def test_spectral_finds_nothing(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('{"extends": "spectral:oas"}')
    run(
        "spectral",
        "lint",
        "--ruleset",
        rules,
        "--fail-severity",
        "hint",
        *DOCUMENTS,
        cwd=tmp_path,
    )


def test_redocly_finds_nothing(tmp_path: Path) -> None:
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    run("redocly", "lint", "--extends", "recommended-strict", *DOCUMENTS, cwd=tmp_path, **quiet)
