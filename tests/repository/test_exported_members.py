"""The names that `import session_store` offers, and the imports that it avoids."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import session_store
import session_store.web
from docgen import documents, sources
from local.paths import ROOT
from session_store import SessionStore, SessionStoreError, errors, incidents, model
from session_store.catalog.access_patterns import ACCESS_PATTERNS

# Users import from these; every other module is free to move.
PARTS = (
    "aws",
    "cdk",
    "encryption",
    "events",
    "jwt",
    "large_data",
    "oidc",
    "session_lambda",
    "testing",
    "validation_cache",
    "web",
)
IMPORT_PATHS = ("session_store", *(f"session_store.{part}" for part in PARTS))
USERS_FILES = [*documents.markdown_files(), *sorted((ROOT / "examples").rglob("*.py"))]
_NAMED = re.compile(
    r"^\s*from (session_store[\w.]*) import|^\s*import (session_store[\w.]*)|`[^`\n]*?\b(session_store(?:\.\w+)+)",
    re.MULTILINE,
)
# A program that users run is no import path.
_RUN = re.compile(r"python -m session_store[\w.]+")
# Their classes are all exported by the package itself.
EXPORTING = (errors, incidents, model)
NOT_AN_ACCESS_PATTERN = {"from_environment"}


@pytest.mark.parametrize("path", IMPORT_PATHS)
def test_an_import_path_of_users_has_all_that_it_lists(path: str) -> None:
    module = import_module(path)

    assert module.__all__
    assert not [name for name in module.__all__ if not hasattr(module, name)]


def paths_named(text: str) -> set[str]:
    """The modules of the library that a text imports from, and the members that it names with their path."""
    return {next(filter(None, groups)) for groups in _NAMED.findall(_RUN.sub("", text))}


def is_offered(name: str) -> bool:
    """Whether a dotted name is an import path of users, or a member of one."""
    path, _, member = name.rpartition(".")
    return name in IMPORT_PATHS or (path in IMPORT_PATHS and member in import_module(path).__all__)


@pytest.mark.parametrize("file", USERS_FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_documents_and_examples_name_the_import_paths_of_users_only(file: Path) -> None:
    assert not [name for name in paths_named(file.read_text(encoding="utf-8")) if not is_offered(name)]


def test_the_guide_to_the_library_lists_the_import_paths() -> None:
    section = (ROOT / "docs" / "library.md").read_text(encoding="utf-8").partition("## Import paths")[2]

    assert sorted(re.findall(r"^\| `([\w.]+)` \|", section.partition("\n## ")[0], re.MULTILINE)) == list(IMPORT_PATHS)


def test_a_deep_path_in_a_document_would_be_noticed() -> None:
    text = "from session_store.store import SessionStore\n`session_store.api.paths.encode_customer_id`"

    assert not any(map(is_offered, paths_named(text)))
    assert len(paths_named(text)) == 2


EVERY_PACKAGE = pytest.mark.parametrize("package", [session_store, session_store.web])


@EVERY_PACKAGE
def test_an_unknown_name_is_an_attribute_error(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match="nothing"):
        getattr(package, "noth" + "ing")


@pytest.mark.shows("N15")
def test_every_public_error_and_type_is_exported() -> None:
    defined = {
        name
        for module in EXPORTING
        for name, member in inspect.getmembers(module, inspect.isclass)
        if member.__module__ == module.__name__ and not name.startswith("_")
    }

    assert defined <= set(session_store.__all__)


@EVERY_PACKAGE
def test_dir_shows_what_is_loaded_later_as_well(package: ModuleType) -> None:
    assert set(package.__all__) <= set(dir(package))


def test_the_absence_of_the_cdk_is_explained() -> None:
    done = _run("import sys; sys.modules['aws_cdk'] = None; import session_store.cdk")

    assert done.stderr.splitlines()[-1].startswith("ImportError: session_store.cdk needs aws-cdk-lib")
    assert "'.[cdk]'" in done.stderr


@pytest.mark.parametrize("missing", ["jwt", "cryptography"])
def test_the_absence_of_what_a_sign_in_needs_is_explained(missing: str) -> None:
    done = _run(f"import sys; sys.modules['{missing}'] = None; from session_store.oidc import OidcSignIn")

    assert done.stderr.splitlines()[-1].startswith("ImportError: sign-in with a provider needs PyJWT and cryptography")
    assert "'.[oidc]'" in done.stderr


def test_every_error_of_the_library_is_caught_as_one() -> None:
    raised = [member for _, member in inspect.getmembers(errors, inspect.isclass) if issubclass(member, Exception)]

    assert all(issubclass(member, SessionStoreError) for member in raised)


@pytest.mark.shows("N7")
def test_every_method_of_the_store_belongs_to_an_access_pattern() -> None:
    methods = {
        name for name, _ in inspect.getmembers(SessionStore, callable) if not name.startswith("_")
    } - NOT_AN_ACCESS_PATTERN

    assert methods == {method for pattern in ACCESS_PATTERNS for method in pattern.methods}


def test_every_method_says_its_cost() -> None:
    for name in {method for pattern in ACCESS_PATTERNS for method in pattern.methods}:
        documentation = inspect.getdoc(getattr(SessionStore, name)) or ""
        assert sources.cost_of(name) in " ".join(documentation.split()), name


def _run(code: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


TOOLS = {"aws_cdk", "boto3", "moto", "pytest"}
FIRST_REQUEST = "from session_store.web import session; session(lambda *_: None)({'httpMethod': 'GET'}, None)"


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        (
            "from session_store import SessionStore",
            TOOLS
            | {
                f"session_store.{part}"
                for part in ("encryption", "large_data", "storage.compression", "validation_cache")
            },
        ),
        ("import session_store.encryption", TOOLS | {"cryptography"}),
        ("import session_store.validation_cache", TOOLS | {"valkey", "botocore", "session_store.storage"}),
        ("import session_store.large_data", TOOLS | {"botocore", "session_store.storage"}),
        ("import session_store.session_lambda", TOOLS | {"botocore"}),
        ("import session_store.testing", {"moto"}),
        ("import session_store.jwt", TOOLS | {"jwt", "botocore"}),
        ("from session_store.oidc import authentication_of", TOOLS | {"jwt", "cryptography", "botocore"}),
        ("from session_store.oidc import sign_in_handler", TOOLS | {"botocore", "session_store.store"}),
        ("from session_store.jwt import verify", TOOLS | {"botocore", "session_store.store"}),
        ("import session_store.events", TOOLS | {"botocore", "session_store.store", "session_store.storage"}),
        ("import session_store.aws", TOOLS | {"session_store.aws.sessions"}),
        ("from session_store.aws import AwsSessions; AwsSessions(region='eu-west-1')", TOOLS),
        (FIRST_REQUEST, TOOLS | {"botocore", "asyncio", "session_store.store", "session_store.api"}),
        (FIRST_REQUEST, {"session_store.cdk", "session_store.adapters.aws_lambda.authorizer"}),
    ],
)
def test_importing_loads_only_what_is_used_and_needs_no_aws_settings(statement: str, unwanted: set[str]) -> None:
    done = _run(f"import sys; {statement}; print('\\n'.join(sys.modules))")

    assert "session_store" in done.stdout.split()
    assert not unwanted & set(done.stdout.split())
    assert done.stderr == ""


def test_a_store_without_a_region_says_what_to_set() -> None:
    done = _run("from session_store import SessionStore; SessionStore('sessions')")

    assert "StoreConfigurationError" in done.stderr
    assert "region_name" in done.stderr.splitlines()[-1]
