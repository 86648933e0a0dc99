"""What the documents name exists: methods, props, files; and what they are to list is complete."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from docgen import cdk_tables, documents
from local.paths import ROOT
from session_store import SessionStore
from session_store.catalog.access_patterns import ACCESS_PATTERNS, LIMIT_SESSIONS
from session_store.catalog.routes import BACKEND_ROUTES
from session_store.kernel.problems import PROBLEMS

DOCS = ROOT / "docs"
MARKDOWN = [file for file in documents.markdown_files() if file.name != "CHANGELOG.md"]
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))
CODE = ("session_store", "lambda", "stacks", "local", "demo", "docgen", "bench", "tests", "app.py")
OWN_NAME = "test_docs_names.py"
# OpenID Connect's, and what session-lambda has and we have not.
OF_OTHERS = {"auth_time", "init_session_store", "use_session_id_from_seed"}

_CODE_SPAN = re.compile(r"```.*?```|`([^`\n]+)`", re.DOTALL)
_SNAKE_CASE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_METHOD = re.compile(r"\b(?:SessionStore|store)\.([a-z]\w*)\(|\bSessionStore\.([a-z]\w*)")
_CALL = re.compile(r"\b(\w+)\(([^()]*)\)")
_PROP = re.compile(r"\b(\w+)=")
_PATH = re.compile(r"(?:docs|examples|lambda|local|session_store|stacks|tests|tools)/[\w./-]*")
_LINK = re.compile(r"\]\(([^)#\s]+)")
_ANCHOR = re.compile(r"\]\(([\w./-]*)#([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


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


@pytest.mark.parametrize("file", [*MARKDOWN, *EXAMPLES], ids=name_of)
def test_every_method_of_the_store_that_is_named_exists(file: Path) -> None:
    named = {one or other for one, other in _METHOD.findall(text_of(file))}

    assert not [name for name in named if not hasattr(SessionStore, name)]


@pytest.mark.parametrize("file", [*MARKDOWN, *EXAMPLES], ids=name_of)
def test_every_prop_of_a_construct_that_is_named_exists(file: Path) -> None:
    constructs = {name: set(cdk_tables.prop_names(node)) for name, node in cdk_tables.constructs().items()}

    named = [(name, prop) for name, inside in _CALL.findall(text_of(file)) for prop in _PROP.findall(inside)]
    assert not [(name, prop) for name, prop in named if prop not in constructs.get(name, {prop})]


@pytest.mark.parametrize("file", MARKDOWN, ids=name_of)
def test_every_name_in_a_code_span_is_one_of_the_code(file: Path) -> None:
    named = {name for span in code_spans(text_of(file)) for name in _SNAKE_CASE.findall(span) if "/" not in span}

    unknown = named - words_of_the_code() - OF_OTHERS
    assert not unknown


@pytest.mark.parametrize("file", MARKDOWN, ids=name_of)
def test_every_file_that_is_named_exists(file: Path) -> None:
    named = {span.partition("::")[0] for span in code_spans(text_of(file)) if _PATH.fullmatch(span.partition("::")[0])}

    assert not [path for path in named if not any((base / path).exists() for base in (ROOT, ROOT / "session_store"))]


@pytest.mark.parametrize("file", MARKDOWN, ids=name_of)
def test_no_code_span_is_broken_over_two_lines(file: Path) -> None:
    prose = re.sub(r"```.*?```", "", text_of(file), flags=re.DOTALL)

    assert not [line for line in prose.splitlines() if line.count("`") % 2]


def anchors(file: Path) -> set[str]:
    """The headings of a document as links name them."""
    prose = re.sub(r"```.*?```", "", text_of(file), flags=re.DOTALL)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in _HEADING.findall(prose)}


@pytest.mark.parametrize("file", MARKDOWN, ids=name_of)
def test_every_link_into_a_document_leads_to_a_heading(file: Path) -> None:
    links = _ANCHOR.findall(text_of(file))

    assert not [(path, anchor) for path, anchor in links if anchor not in anchors(file.parent / path if path else file)]


def test_every_document_is_linked_from_another() -> None:
    linked = {
        (file.parent / link).resolve() for file in MARKDOWN for link in _LINK.findall(text_of(file)) if ":" not in link
    }

    written = {file for file in DOCS.rglob("*") if file.suffix in {".json", ".md"}}
    assert not {name_of(file) for file in written} - {name_of(file) for file in linked if file.is_relative_to(ROOT)}


def test_the_architecture_names_every_module() -> None:
    package = ROOT / "session_store"
    named = " ".join(code_spans(text_of(DOCS / "architecture.md")))

    modules = {
        f"{path.name}/" if path.is_dir() else path.name for path in package.iterdir() if path.suffix in {"", ".py"}
    }
    assert not {name for name in modules - {"__init__.py", "__pycache__/"} if name not in named}


def test_the_testing_guide_names_every_folder_of_tests() -> None:
    text = text_of(DOCS / "testing.md")
    folders = {f"tests/{path.name}" for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()}

    assert not [folder for folder in sorted(folders) if f"`{folder}`" not in text]


def test_the_guide_to_the_constructs_names_whatever_is_exported() -> None:
    source = ast.parse(text_of(ROOT / "session_store" / "cdk" / "__init__.py"))
    (exported,) = (
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    named = " ".join(code_spans(text_of(DOCS / "cdk.md")))

    assert not [name for name in exported if name not in named]


def test_every_problem_is_described_with_its_status() -> None:
    text = text_of(DOCS / "http-api.md") + text_of(DOCS / "user-routes.md")
    rows = re.findall(r"^\| (\d{3}) \| (`[a-z`, -]+`) \|", text, re.MULTILINE)

    described = {(int(status), slug) for status, slugs in rows for slug in re.findall(r"[a-z-]+", slugs)}
    assert described == {(problem.status, problem.slug) for problem in PROBLEMS.values()}


def test_what_the_http_api_cannot_do_is_said() -> None:
    """`replace_data`, too, though it shares an access pattern with what the API can do."""
    section = text_of(DOCS / "http-api.md").partition("## What only the library does")[2].partition("\n## ")[0]
    routed = {pattern for route in BACKEND_ROUTES for pattern in route.patterns}

    missing = {method for each in ACCESS_PATTERNS if each not in {*routed, LIMIT_SESSIONS} for method in each.methods}
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == missing | {"replace_data"}


def test_the_help_on_the_store_says_what_every_method_can_raise() -> None:
    said = SessionStore.__doc__ or ""

    assert not [
        name for name in ("InvalidInputError", "StoreUnavailableError", "StoreConfigurationError") if name not in said
    ]
