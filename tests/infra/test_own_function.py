"""An application's own function on the session table: `examples/own_function`, as the guide shows it."""

from __future__ import annotations

import runpy
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_

from session_store import InvalidInputError
from session_store.cdk import code_with_library
from session_store.cdk.bundle import bundle_files, library_files
from session_store.settings import TABLE_NAME
from tests.infra.templates import FUNCTION, TABLE, Template, new_stack, template_of

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "own_function"
HANDLER = "visits.handler"

# In the code's folder, with nothing of this checkout in reach.
_IMPORT_HANDLER = """
import pathlib, sys
folder = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(folder)]
import session_store, visits
assert pathlib.Path(session_store.__file__).is_relative_to(folder)
assert callable(visits.handler)
import session_store.session_lambda
"""


@pytest.fixture(scope="module")
def template() -> Template:
    assembly = runpy.run_path(str(EXAMPLE / "app.py"))["app"].synth()
    return Template(assembly.get_stack_by_name("Visits").template)


def own_function(template: Template) -> dict[str, Any]:
    (properties,) = (each for each in template.properties(FUNCTION) if each["Handler"] == HANDLER)
    return properties


def staged(folder: Path | str) -> Path:
    """Where the code of a function that is in the folder is put together."""
    code: Any = code_with_library(Stack(App(), "Stack"), folder)
    return Path(code.path)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def asset_of(folder: Path) -> str:
    """What the function's code is called where it is deployed from."""
    stack = new_stack()
    code = code_with_library(stack, folder)
    lambda_.Function(stack, "Own", runtime=lambda_.Runtime.PYTHON_3_13, code=code, handler="own.handler")
    (function,) = template_of(stack).properties(FUNCTION)
    return str(function["Code"]["S3Key"])


def refused(folder: Path) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        code_with_library(Stack(App(), "Stack"), folder)
    assert caught.value.field == "folder"
    return caught.value


def test_the_code_is_the_folders_files_and_the_library_without_the_services_entry_points() -> None:
    own = (EXAMPLE / "functions" / "visits.py").read_bytes()

    assert files_in(staged(EXAMPLE / "functions")) == {"visits.py": own, **library_files()}


def test_the_library_of_an_applications_function_is_the_services_and_what_only_applications_use() -> None:
    of_the_service = {path for path in bundle_files() if path.startswith("session_store/")}

    only_applications = {path.removeprefix("session_store/") for path in set(library_files()) - of_the_service}
    assert only_applications == {
        *(f"adapters/aws_lambda/{name}.py" for name in ("decorator", "handlers", "session_lambda", "user_agent")),
        *("catalog/access_patterns.py", "kernel/user_agent.py", "session_lambda.py", "web.py"),
    }
    assert of_the_service <= set(library_files())


def test_the_function_finds_the_library_where_nothing_is_installed_but_boto3(
    run_as_lambda_does: Callable[[str, Path], None],
) -> None:
    run_as_lambda_does(_IMPORT_HANDLER, staged(EXAMPLE / "functions"))


def test_bytecode_stays_out_and_folders_in_the_folder_go_along(tmp_path: Path) -> None:
    (tmp_path / "shop" / "__pycache__").mkdir(parents=True)
    (tmp_path / "shop" / "cart.py").write_text("ITEMS = 3\n")
    (tmp_path / "shop" / "__pycache__" / "cart.pyc").write_bytes(b"...")

    assert set(files_in(staged(str(tmp_path)))) - set(library_files()) == {"shop/cart.py"}


def test_a_program_in_the_folder_can_still_be_started(tmp_path: Path) -> None:
    (tmp_path / "tool").touch(mode=0o700)
    (tmp_path / "table.csv").touch(mode=0o600)

    folder = staged(tmp_path)

    modes = [stat.S_IMODE((folder / name).stat().st_mode) for name in ("tool", "table.csv", "session_store/store.py")]
    assert modes == [0o755, 0o644, 0o644]


def test_a_program_that_can_be_started_from_now_on_is_deployed_again(tmp_path: Path) -> None:
    (tmp_path / "tool").touch(mode=0o600)
    before = asset_of(tmp_path)
    assert asset_of(tmp_path) == before

    (tmp_path / "tool").chmod(0o700)

    assert asset_of(tmp_path) != before


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "must be a folder" in refused(tmp_path / "nowhere").problem


@pytest.mark.parametrize("name", ["session_store", "session_store.py"])
def test_a_folder_with_a_session_store_of_its_own_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()

    assert "must not have a session_store" in refused(tmp_path).problem


def test_the_function_knows_the_table_and_the_rules_of_its_sessions(template: Template) -> None:
    table, _ = template.only(TABLE)
    variables = own_function(template)["Environment"]["Variables"]
    others = [each for each in template.properties(FUNCTION) if each["Handler"] != HANDLER]

    assert variables[TABLE_NAME] == {"Ref": table}
    assert all(each["Environment"]["Variables"] == variables for each in others)


def test_the_function_that_anybody_may_call_has_a_limit_of_its_own(template: Template) -> None:
    assert own_function(template)["ReservedConcurrentExecutions"] == 10


def test_the_function_may_do_what_its_three_methods_need(template: Template) -> None:
    role = own_function(template)["Role"]["Fn::GetAtt"][0]

    actions = {action for action, _ in template.permissions(role)}
    assert actions == {f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Query", "UpdateItem")}
