"""The documents say what the code says: generated ones are up to date, examples run, links lead somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import session_store
from docgen import blocks, documents, sources
from local.paths import ROOT
from local.sample_data import sample_items
from session_store import IncidentName
from session_store.adapters.aws_lambda.metrics import RequestMetric
from session_store.catalog import cost_texts
from session_store.catalog.costs import Cost, Per, Share
from session_store.storage import schema
from stacks.environments import Environment

DOCUMENTS = documents.documents()
WORKBENCH = ROOT / "docs" / "nosql-workbench.json"
MARKDOWN = documents.markdown_files()
_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"")
_GRANT = re.compile(r"\b(grant_[a-z_]+)\b")
_DEFINED_GRANT = re.compile(r"^    def (grant_[a-z_]+)\(", re.MULTILINE)
_MAKE = re.compile(r"(?:^|`|&& )make ([a-z]+)\b", re.MULTILINE)


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def model() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(WORKBENCH.read_text(encoding="utf-8"))["DataModel"][0]
    return table


@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_the_committed_document_is_what_the_code_generates(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == DOCUMENTS[file](), "run: make docs"


def test_a_block_is_replaced_and_the_text_around_it_stays() -> None:
    text = "before\n<!-- begin access-patterns -->\nold\n<!-- end access-patterns -->\nafter\n"

    filled = blocks.filled(text)

    assert filled.startswith("before\n<!-- begin access-patterns -->\n| access pattern |")
    assert filled.endswith("<!-- end access-patterns -->\nafter\n")
    assert "old" not in filled


def test_a_block_of_no_known_name_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        blocks.filled("<!-- begin examples/none.py -->\n<!-- end examples/none.py -->")


def test_a_cost_in_words_has_its_numbers_and_where_they_differ_its_cases() -> None:
    costs = (
        Cost(rru=0.5, trips=2, shares=(Share(Per.SESSION, rru=1, wru=2, trips=1),)),
        Cost(rru=0.5, trips=3, shares=(Share(Per.SESSION, rru=1, wru=2, trips=1),), when="late"),
        Cost(wru=7, when="by luck"),
    )

    assert cost_texts.units(costs) == "0.5 RRU + 1 RRU + 2 WRU per session; by luck: 7 WRU"
    assert cost_texts.trips(costs) == "2 + 1 per session; late: 1 more; by luck: 1"
    assert cost_texts.sentence(costs) == (
        "0.5 RRU + 1 RRU + 2 WRU per session, 2 trips + 1 per session; late: 1 trip more; by luck: 7 WRU, 1 trip"
    )


def test_a_method_without_a_place_for_its_cost_is_an_error() -> None:
    source = (ROOT / "session_store" / "store.py").read_text(encoding="utf-8")

    with pytest.raises(LookupError, match="get_last_login_time"):
        sources.store(source.replace("Cost: 0.5 RRU, 1 trip.", "None."))


def test_the_workbench_model_has_the_tables_keys_and_its_index() -> None:
    table = model()
    (index,) = table["GlobalSecondaryIndexes"]

    assert table["KeyAttributes"]["PartitionKey"]["AttributeName"] == schema.PARTITION_KEY
    assert table["KeyAttributes"]["SortKey"]["AttributeName"] == schema.SORT_KEY
    assert index["IndexName"] == schema.INDEX_NAME
    assert index["KeyAttributes"]["PartitionKey"] == table["KeyAttributes"]["SortKey"]
    assert index["KeyAttributes"]["SortKey"] == table["KeyAttributes"]["PartitionKey"]
    assert index["Projection"]["NonKeyAttributes"] == list(schema.INDEX_PROJECTION)


def test_the_workbench_model_has_every_sample_row() -> None:
    rows = model()["TableData"]

    keys = [(row["PK"]["S"], row["SK"]["S"]) for row in rows]
    assert keys == [(item["PK"]["S"], item["SK"]["S"]) for item in sample_items(0)]


def test_the_workbench_model_lists_every_attribute_with_its_type() -> None:
    table = model()
    listed = {each["AttributeName"]: each["AttributeType"] for each in table["NonKeyAttributes"]}

    for row in table["TableData"]:
        for name, value in row.items():
            if name not in {"PK", "SK"}:
                assert [listed[name]] == list(value), name
    assert {"confirmed_at", "ended_at", "generation", "previous_token_hash", "ttl"} <= set(listed)


def links(file: Path) -> Iterator[str]:
    for match in _LINK.finditer(file.read_text(encoding="utf-8")):
        yield match[1] or match[2]


@pytest.mark.parametrize("file", MARKDOWN, ids=name_of)
def test_every_link_leads_to_a_file_of_the_repository(file: Path) -> None:
    missing = [link for link in links(file) if not (file.parent / link).exists()]
    assert not missing


def test_every_make_command_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {match for file in MARKDOWN for match in _MAKE.findall(_code_only(file.read_text(encoding="utf-8")))}

    assert named <= targets


def _code_only(markdown: str) -> str:
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", markdown, re.DOTALL))


def test_every_setting_of_an_environment_is_described() -> None:
    described = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")))

    assert {field.name for field in fields(Environment)} - {"name", "props"} <= described


def test_every_metric_is_described() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert not [name for name in (*IncidentName, *RequestMetric) if f"| `{name}` |" not in text]


def test_every_error_is_described() -> None:
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    exported = [name for name in session_store.__all__ if name.endswith("Error")]

    assert not [name for name in exported if f"`{name}`" not in text]


def test_every_grant_that_documents_and_examples_name_exists() -> None:
    files = [*MARKDOWN, *(ROOT / "examples").rglob("*.py")]
    named = {name for file in files for name in _GRANT.findall(file.read_text(encoding="utf-8"))}
    sources = [ROOT / "session_store" / "cdk" / name for name in ("grants.py", "api.py", "service.py")]
    defined = {name for file in sources for name in _DEFINED_GRANT.findall(file.read_text(encoding="utf-8"))}

    assert "grant_validate" in named
    assert named <= defined
