"""The arrows between the modules, read from the sources."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from docgen.rooms import LEVELS, WITHOUT_A_LEVEL
from local.paths import ROOT

PACKAGE = ROOT / "session_store"
OUTSIDE = {*WITHOUT_A_LEVEL, "_lambda", "__init__"}
MODULES = sorted(
    file for file in PACKAGE.rglob("*.py") if file.relative_to(PACKAGE).parts[0].removesuffix(".py") not in OUTSIDE
)
CONSTRUCTS = sorted((PACKAGE / "cdk").rglob("*.py"))
RUN_TIME = sorted(set(PACKAGE.rglob("*.py")) - set(CONSTRUCTS))
CONSTRUCTS_MAY_IMPORT = (
    *(
        "catalog",
        "cdk",
        "checks",
        "encryption.settings",
        "errors",
        "incidents",
        "jwt.agreed",
        "jwt.public_keys",
        "jwt.settings",
        "large_data.settings",
    ),
    *("kernel.authorizer_settings", "kernel.web_settings", "model", "settings", "storage.schema"),
    "validation_cache.settings",
    *("oidc.arguments", "oidc.provider_settings", "oidc.settings", "oidc.step_up"),
)
CALLS_AWS = {
    *("events/delivery.py", "storage/aws_calls.py", "storage/aws_errors.py", "storage/requests.py"),
    *("validation_cache/iam.py", "whole_table/table.py"),
}


def name_of(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


def part_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def level(module: str) -> int:
    """The level of a dotted name. A room inside of another one may have a level of its own."""
    parts = module.split(".")
    levels = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
    room = ".".join(parts[:2])
    return levels[room if room in levels else parts[0]]


def every_import(file: Path, *, types_too: bool = True) -> set[str]:
    """Dotted names, `from a import b` as `a.b`; with or without those that only a type checker reads."""
    names: set[str] = set()
    pending: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        for_types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        if isinstance(node, ast.If) and for_types and not types_too:
            pending += node.orelse
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        else:
            pending += ast.iter_child_nodes(node)
    return names


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_imports_only_from_its_own_layer_and_below(file: Path) -> None:
    package = f"{PACKAGE.name}."
    imported = {name.removeprefix(package) for name in every_import(file, types_too=False) if name.startswith(package)}
    own = ".".join(file.relative_to(PACKAGE).with_suffix("").parts)

    assert not {name for name in imported if level(name) > level(own)}


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=name_of)
def test_nothing_imports_the_import_paths_of_users(file: Path) -> None:
    of_users = {"web", "session_lambda"}

    names = [name.split(".") for name in every_import(file, types_too=False)]
    assert not [name for name in names if name[0] == "session_store" and name[1:2] and name[1] in of_users]


@pytest.mark.parametrize(
    "file", [file for file in MODULES if part_of(file) != "aws" and name_of(file) not in CALLS_AWS], ids=name_of
)
def test_only_the_modules_that_call_aws_use_the_sdk(file: Path) -> None:
    assert not [name for name in every_import(file, types_too=False) if name.startswith(("botocore", "boto3"))]


@pytest.mark.parametrize("file", [file for file in MODULES if name_of(file) != "storage/schema.py"], ids=name_of)
def test_only_the_schema_builds_keys(file: Path) -> None:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]

    assert not [text for text in texts if text.startswith(("suuid#", "c#", "child#", "customer#"))]


@pytest.mark.parametrize("file", CONSTRUCTS, ids=name_of)
def test_a_construct_never_imports_the_store(file: Path) -> None:
    allowed = tuple(f"session_store.{name}." for name in CONSTRUCTS_MAY_IMPORT)
    ours = [name for name in every_import(file) if name.startswith("session_store.")]

    assert not [name for name in ours if not f"{name}.".startswith(allowed)]


@pytest.mark.parametrize("file", RUN_TIME, ids=name_of)
def test_the_run_time_never_imports_the_cdk(file: Path) -> None:
    assert not [
        name for name in every_import(file) if name.startswith(("aws_cdk", "constructs", "jsii", "session_store.cdk"))
    ]


def test_no_imports_form_a_circle_not_even_for_types() -> None:
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in PACKAGE.rglob("*.py")}
    arrows: dict[str, set[str]] = {}
    for module, file in modules.items():
        imports = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
        named = {
            name for node in imports for name in (str(node.module), *(f"{node.module}.{a.name}" for a in node.names))
        }
        arrows[module] = named & modules.keys() - {module}

    TopologicalSorter(arrows).prepare()
