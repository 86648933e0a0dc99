"""The documents say what the code says: generated ones are up to date, what they name exists, lists are complete."""

from __future__ import annotations

import io
import json
import re
import tokenize
from collections.abc import Callable, Collection, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

import session_store
from docgen import blocks, cdk_tables, documents, metric_tables, sources, variables
from local.paths import ROOT
from local.sample_data import sample_items
from session_store import SessionStore
from session_store.catalog import cost_texts
from session_store.catalog.access_patterns import ACCESS_PATTERNS, LIMIT_SESSIONS
from session_store.catalog.access_tokens import BACKEND_TOKEN_ROUTE
from session_store.catalog.costs import Cost, Per, Share
from session_store.catalog.metric_names import METRIC_NAMES
from session_store.catalog.routes import BACKEND_ROUTES
from session_store.kernel.problems import PROBLEMS
from session_store.storage import schema
from stacks.environments import Environment

DOCS = ROOT / "docs"
DOCUMENTS = documents.documents()
MARKDOWN = documents.markdown_files()
PRESENT = [file for file in MARKDOWN if file.name != "CHANGELOG.md"]
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))
CODE = ("session_store", "lambda", "stacks", "local", "demo", "docgen", "bench", "tests", "app.py")
OWN_NAME = "test_docs.py"
# OpenID Connect's, and what session-lambda has and we have not.
OF_OTHERS = {"auth_time", "form_post", "init_session_store", "response_mode", "use_session_id_from_seed", "use_store"}

_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"")
_GRANT = re.compile(r"\b(grant_[a-z_]+)\b")
_DEFINED_GRANT = re.compile(r"^    def (grant_[a-z_]+)\(", re.MULTILINE)
_MAKE = re.compile(r"(?:^|`|&& )make ([a-z]+)\b", re.MULTILINE)
_CODE_SPAN = re.compile(r"```.*?```|`([^`\n]+)`", re.DOTALL)
_SNAKE_CASE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_METHOD = re.compile(r"\b(?:SessionStore|store)\.([a-z]\w*)\(|\bSessionStore\.([a-z]\w*)")
_CALL = re.compile(r"\b(\w+)\(([^()]*)\)")
_PROP = re.compile(r"\b(\w+)=")
_ROOMS = "|".join(sorted(file.parent.name for file in ROOT.glob("session_store/*/__init__.py")))
_PATH = re.compile(rf"(?:docs|examples|lambda|local|session_store|stacks|tests|tools|{_ROOMS})/[\w./-]*")
_ANCHOR = re.compile(r"\]\(([\w./-]*)#([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@pytest.mark.shows("N1")
@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_the_committed_document_is_what_the_code_generates(file: Path) -> None:
    assert text_of(file) == DOCUMENTS[file](), "run: make docs"


def test_a_sample_is_replaced_and_the_text_around_it_stays() -> None:
    text = 'before\n```json title="cdk.json"\nold\n```\nafter\n'

    filled = blocks.filled(text)

    assert filled.startswith('before\n```json title="cdk.json"\n{')
    assert filled.endswith("}\n```\nafter\n")
    assert "old" not in filled


def test_no_document_has_a_mark_that_nothing_fills() -> None:
    marks = {mark for file in MARKDOWN for mark in re.findall(r"<!-- (?!site: )[^>]*-->", text_of(file))}

    assert not marks, 'the title of a sample names its file: ```python title="examples/..."'


def test_a_sample_of_no_file_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        blocks.filled('```python title="examples/none.py"\n```\n')


def test_a_cost_in_words_has_its_numbers_and_where_they_differ_its_cases() -> None:
    costs = (
        Cost(rru=0.5, trips=2, shares=(Share(Per.SESSION, rru=1, wru=2, trips=1),)),
        Cost(rru=0.5, trips=3, shares=(Share(Per.SESSION, rru=1, wru=2, trips=1),), when="late"),
        Cost(wru=7, when="by luck"),
    )

    assert cost_texts.units(costs) == "0.5 RRU + 1 RRU + 2 WRU per session; by luck: 7 WRU"
    assert cost_texts.trips(costs) == "2 + 1 per session; late: 1 more; by luck: 1"
    from_a_cache = Cost(rru=1), Cost(trips=0, cache_trips=1, when="cached")
    assert cost_texts.trips(from_a_cache) == "1; cached: 1 to the cache"
    assert cost_texts.sentence(costs) == (
        "0.5 RRU + 1 RRU + 2 WRU per session, 2 trips + 1 per session; late: 1 trip more; by luck: 7 WRU, 1 trip"
    )


def test_a_method_without_a_place_for_its_cost_is_an_error() -> None:
    source = text_of(ROOT / "session_store" / "store.py")

    with pytest.raises(LookupError, match="get_last_login_time"):
        sources.store(source.replace("Cost: 0.5 RRU, 1 trip.", "None."))


def test_the_workbench_model_has_the_tables_keys_and_index_every_sample_row_and_the_type_of_each_attribute() -> None:
    table = json.loads(text_of(DOCS / "nosql-workbench.json"))["DataModel"][0]
    keys, (index,) = table["KeyAttributes"], table["GlobalSecondaryIndexes"]

    assert {name: key["AttributeName"] for name, key in keys.items()} == {
        "PartitionKey": schema.PARTITION_KEY,
        "SortKey": schema.SORT_KEY,
    }
    assert index["IndexName"] == schema.INDEX_NAME
    assert index["KeyAttributes"] == {"PartitionKey": keys["SortKey"], "SortKey": keys["PartitionKey"]}
    assert index["Projection"]["NonKeyAttributes"] == list(schema.INDEX_PROJECTION)
    assert [(row["PK"], row["SK"]) for row in table["TableData"]] == [(row["PK"], row["SK"]) for row in sample_items(0)]
    listed = {each["AttributeName"]: each["AttributeType"] for each in table["NonKeyAttributes"]}
    for name, value in (attribute for row in table["TableData"] for attribute in row.items()):
        assert name in {"PK", "SK"} or [listed[name]] == list(value), name
    assert {"ended_at", "first_used_at", "generation", "rotation_key", "ttl"} <= set(listed)


def links(file: Path) -> Iterator[str]:
    for match in _LINK.finditer(text_of(file)):
        yield match[1] or match[2]


def test_every_make_command_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    code = "\n".join(match[0] for file in MARKDOWN for match in _CODE_SPAN.finditer(text_of(file)))

    assert set(_MAKE.findall(code)) <= targets


def test_every_grant_that_documents_and_examples_name_exists() -> None:
    named = {name for file in [*MARKDOWN, *EXAMPLES] for name in _GRANT.findall(text_of(file))}
    sources = [ROOT / "session_store" / "cdk" / name for name in ("grants.py", "api.py", "service.py")]
    defined = {name for file in sources for name in _DEFINED_GRANT.findall(text_of(file))}

    assert "grant_validate" in named
    assert named <= defined


def code_spans(markdown: str) -> Iterator[str]:
    return (match[1] for match in _CODE_SPAN.finditer(markdown) if match[1])


def code_files() -> Iterator[Path]:
    for name in CODE:
        path = ROOT / name
        yield from path.rglob("*.py") if path.is_dir() else (path,)


@cache
def words_of_the_code() -> frozenset[str]:
    """Every name in the code, and every word in its texts; what only comments say does not count."""
    words: set[str] = set()
    for file in (*code_files(), *EXAMPLES):
        kinds = {tokenize.NAME} if file.name == OWN_NAME else {tokenize.NAME, tokenize.STRING}
        for token in tokenize.generate_tokens(io.StringIO(text_of(file)).readline):
            if token.type in kinds:
                words.update(re.findall(r"\w+", token.string))
    return frozenset(words | set(re.findall(r"\w+", text_of(ROOT / "cdk.json"))))


def unknown_methods(file: Path) -> set[str]:
    named = {one or other for one, other in _METHOD.findall(text_of(file))}
    return {name for name in named if not hasattr(SessionStore, name)}


def unknown_props(file: Path) -> set[tuple[str, str]]:
    constructs = {name: set(cdk_tables.prop_names(node)) for name, node in cdk_tables.constructs().items()}
    named = {(name, prop) for name, inside in _CALL.findall(text_of(file)) for prop in _PROP.findall(inside)}
    return {(name, prop) for name, prop in named if prop not in constructs.get(name, {prop})}


def unknown_names(file: Path) -> set[str]:
    named = {name for span in code_spans(text_of(file)) for name in _SNAKE_CASE.findall(span) if "/" not in span}
    return named - words_of_the_code() - OF_OTHERS


def missing_files(file: Path) -> set[str]:
    named = {span.partition("::")[0] for span in code_spans(text_of(file))}
    bases = (ROOT, ROOT / "session_store")
    return {path for path in named if _PATH.fullmatch(path) and not any((base / path).exists() for base in bases)}


def broken_code_spans(file: Path) -> list[str]:
    return [line for line in prose_of(file).splitlines() if line.count("`") % 2]


def prose_of(file: Path) -> str:
    return re.sub(r"```.*?```", "", text_of(file), flags=re.DOTALL)


def missing_headings(file: Path) -> set[tuple[str, str]]:
    links = _ANCHOR.findall(text_of(file))
    return {(path, anchor) for path, anchor in links if anchor not in anchors(file.parent / path if path else file)}


def anchors(file: Path) -> set[str]:
    """The headings of a document as links name them."""
    headings = _HEADING.findall(prose_of(file))
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def missing_links(file: Path) -> set[str]:
    return {link for link in links(file) if not (file.parent / link).exists()}


MISTAKES = [
    *((unknown_methods, [*PRESENT, *EXAMPLES]), (unknown_props, [*PRESENT, *EXAMPLES]), (missing_links, MARKDOWN)),
    *((find, PRESENT) for find in (unknown_names, missing_files, broken_code_spans, missing_headings)),
]


@pytest.mark.parametrize(
    ("find", "file"),
    [pytest.param(find, file, id=f"{find.__name__} {name_of(file)}") for find, files in MISTAKES for file in files],
)
def test_a_document_has_no_mistake(find: Callable[[Path], Collection[object]], file: Path) -> None:
    assert not find(file)


def test_every_document_is_linked_from_another() -> None:
    linked = {(file.parent / link).resolve() for file in PRESENT for link in links(file)}

    written = {file for file in DOCS.glob("*") if file.suffix in {".json", ".md"}}
    assert not {name_of(file) for file in written} - {name_of(file) for file in linked if file.is_relative_to(ROOT)}


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (
            "cdk.md",
            re.findall(r'^    "(\w+)",$', text_of(ROOT / "session_store/cdk/__init__.py"), re.MULTILINE),
        ),
        ("operations.md", {f"`{field.name}`" for field in fields(Environment)} - {"`name`", "`props`"}),
    ],
)
def test_a_page_names_all_that_there_is(page: str, names: Collection[str]) -> None:
    spans = " ".join(f"`{span}`" for span in code_spans(text_of(DOCS / page)))

    assert names
    assert not [name for name in names if name not in spans]


def test_every_variable_of_a_store_is_in_the_table() -> None:
    """Those of the issuer, of sign-ins and of the functions on the stream are set by their constructs alone."""
    files = (file for file in (ROOT / "session_store").rglob("*settings.py") if file.parent.name not in {"jwt", "oidc"})
    declared = {name for file in files for name in re.findall(r'"(SESSION_[A-Z_]+)"', text_of(file))}
    table = variables.variables()

    missing = {name for name in declared if f"| `{name}` |" not in table}
    assert missing == {"SESSION_EVENT_BUS", "SESSION_PARKING_QUEUE_URL"}


def test_no_table_of_props_names_a_default_that_only_the_code_knows_or_an_empty_list() -> None:
    tables = {name: cdk_tables.props(name) for name in cdk_tables.constructs()}

    assert not {name for name, text in tables.items() if "DEFAULT_" in text or ": ." in text}


@pytest.mark.shows("N19")
def test_every_metric_is_described() -> None:
    text = metric_tables.metrics()

    assert not [name for name in METRIC_NAMES if f"| `{name}` |" not in text]


@pytest.mark.shows("N17")
def test_every_error_is_described() -> None:
    text = text_of(DOCS / "library.md")

    assert not [name for name in session_store.__all__ if name.endswith("Error") and f"`{name}`" not in text]


@pytest.mark.shows("N18")
def test_every_problem_is_described_with_its_status() -> None:
    text = text_of(DOCS / "http-api.md") + text_of(DOCS / "user-routes.md")
    rows = re.findall(r"^\| (\d{3}) \| (`[a-z`, -]+`) \|", text, re.MULTILINE)

    described = {(int(status), slug) for status, slugs in rows for slug in re.findall(r"[a-z-]+", slugs)}
    assert described == {(problem.status, problem.slug) for problem in PROBLEMS.values()}


@pytest.mark.shows("N10")
def test_what_the_http_api_cannot_do_is_said() -> None:
    """`replace_data`, too, though it shares an access pattern with what the API can do."""
    section = text_of(DOCS / "http-api.md").partition("## What only the library does")[2].partition("\n## ")[0]
    routed = {pattern for route in (*BACKEND_ROUTES, BACKEND_TOKEN_ROUTE) for pattern in route.patterns}

    missing = {method for each in ACCESS_PATTERNS if each not in {*routed, LIMIT_SESSIONS} for method in each.methods}
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == missing | {"replace_data"}


def test_the_help_on_the_store_says_what_every_method_can_raise() -> None:
    errors = ("InvalidInputError", "StoreUnavailableError", "StoreConfigurationError")

    assert not [name for name in errors if name not in (SessionStore.__doc__ or "")]
