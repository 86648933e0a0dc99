"""The documentation site: every page is in its navigation, every link leads somewhere, and no other host is asked."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
import yaml

from docgen import site, site_tables
from docgen.documents import markdown_files
from local.paths import ROOT

PAGES: Final = site.pages()
# A tag of YAML that only the builders understand.
CONFIGURATION: Final[dict[str, Any]] = yaml.safe_load(
    re.sub(r"!!python/\S+", "", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
)
PLACE: Final = re.compile(r"<!-- site: (\S+) -->\n((?:.+\n)+)")
LINK: Final = re.compile(r"\]\([\w./-]+\)")
# What a browser fetches when it shows a page; a link to follow is none of it.
FETCHED: Final = re.compile(r'<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)="?(?:https?:)?//[^>]*')


def in_navigation(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    return [path for part in (entry.values() if isinstance(entry, dict) else entry) for path in in_navigation(part)]


def test_every_page_is_in_the_navigation_once_and_nothing_else_is() -> None:
    assert sorted(in_navigation(CONFIGURATION["nav"])) == sorted(PAGES), "add the page to mkdocs.yml, or run: make docs"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_begins_with_its_title_and_its_links_lead_to_pages_or_files(path: str) -> None:
    text = PAGES[path]()
    assert text.startswith("# ")

    targets = {file.relative_to(ROOT) for file in site.targets(path, text)}
    assert not [str(target) for target in targets if str(target) not in PAGES and not (ROOT / target).is_file()]


def test_every_table_has_one_place_where_the_document_names_the_file_that_declares_it() -> None:
    documents = "\n".join(file.read_text(encoding="utf-8") for file in markdown_files())
    places = PLACE.findall(documents)

    assert sorted(name for name, _ in places) == sorted(site_tables.TABLES)
    assert not [name for name, text in places if not LINK.search(text)]


def test_a_table_stands_in_its_place_and_the_text_around_it_stays() -> None:
    filled = site_tables.filled("before\n\n<!-- site: environments -->\nIt is in\n[cdk.json](cdk.json).\n\nafter\n")

    assert filled.startswith("before\n\n| environment | removal policy |")
    assert filled.endswith("\n\nafter\n")
    assert "It is in" not in filled


def test_the_site_is_strict_has_a_search_and_a_dark_mode_and_brings_its_own_fonts() -> None:
    theme = CONFIGURATION["theme"]

    assert CONFIGURATION["strict"] is True
    assert set(CONFIGURATION["validation"].values()) == {"warn"}
    assert CONFIGURATION["plugins"][0] == "search"
    assert theme["font"] is False
    assert {palette.get("scheme") for palette in theme["palette"]} == {None, "default", "slate"}
    assert [ROOT / CONFIGURATION[name] for name in ("docs_dir", "site_dir")] == [site.SOURCE, site.HTML]


def test_a_tag_that_fetches_from_another_host_would_be_found() -> None:
    tags = ('<script src="https://cdn.example/x.js">', '<link rel="stylesheet" href="//cdn.example/x.css">')

    assert all(FETCHED.search(tag) for tag in tags)
    assert not FETCHED.search('<a href="https://example.com/">')


@pytest.mark.proof
def test_the_site_is_built_without_a_warning_and_no_page_fetches_from_another_host() -> None:
    site.build("zensical")

    built = list(site.HTML.rglob("*.html"))
    assert len(built) > len(PAGES)
    assert not [str(file) for file in built if FETCHED.search(file.read_text(encoding="utf-8"))]
