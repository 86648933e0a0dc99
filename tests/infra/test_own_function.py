"""An application's own function on the session table: `examples/own_function`, as the guide shows it."""

from __future__ import annotations

import runpy
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match

from session_store import InvalidInputError, SessionSettings
from session_store.catalog.functions import Function
from session_store.cdk import SessionTable, code_with_library
from session_store.cdk.bundle import bundle_files, library_files
from session_store.cdk.bytecode import byte_code
from session_store.settings import TABLE_NAME
from tests.infra.templates import FUNCTION, TABLE, Template, new_function, new_stack, template_of

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "own_function"

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


def staged(folder: Path | str, **given: Any) -> Path:
    """The staged folder of a function's code."""
    code: Any = code_with_library(Stack(App(), "Stack"), folder, **given)
    return Path(code.path)


def own_files(folder: Path | str, **given: Any) -> set[str]:
    """The folder's files that go along."""
    return set(files_in(staged(folder, **given))) - set(library_files())


def written(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("X = 1\n")


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def asset_of(folder: Path) -> str:
    """The name of the function's code asset."""
    stack = new_stack()
    code = code_with_library(stack, folder)
    lambda_.Function(stack, "Own", runtime=lambda_.Runtime.PYTHON_3_13, code=code, handler="own.handler")
    (function,) = template_of(stack).properties(FUNCTION)
    return str(function["Code"]["S3Key"])


def refused(folder: Path, **given: Any) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        code_with_library(Stack(App(), "Stack"), folder, **given)
    assert caught.value.field == "folder"
    return caught.value


def test_the_code_is_the_folders_files_and_the_library_without_the_services_entry_points() -> None:
    own = (EXAMPLE / "functions" / "visits.py").read_bytes()

    assert files_in(staged(EXAMPLE / "functions")) == {"visits.py": own, **library_files()}


def test_the_library_of_an_applications_function_has_what_only_applications_use_besides() -> None:
    files = {path for function in Function for path in bundle_files(function)}
    of_the_service = {path for path in files if path.startswith("session_store/")}

    assert of_the_service | {"session_store/web.py", "session_store/session_lambda.py"} <= set(library_files())
    assert not of_the_service & {"session_store/web.py", "session_store/session_lambda.py"}


def test_the_function_finds_the_library_where_nothing_is_installed_but_boto3(
    run_as_lambda_does: Callable[[str, Path], None],
) -> None:
    run_as_lambda_does(_IMPORT_HANDLER, staged(EXAMPLE / "functions"))


def test_folders_in_the_folder_go_along_and_what_no_function_needs_stays_out(tmp_path: Path) -> None:
    written(tmp_path, "own.py", "shop/cart.py", "shop/testing.py", "shop/table.csv")
    written(
        tmp_path, "shop/__pycache__/cart.cpython-313.pyc", "old.pyc", "tests/test_own.py", "shop/tests/test_cart.py"
    )
    written(tmp_path, ".env", ".env.local", ".venv/pyvenv.cfg", "venv/pyvenv.cfg", ".git/config", ".mypy_cache/a.json")
    written(tmp_path, "node_modules/a.js", "cdk.out/tree.json", "shop/.DS_Store")

    assert own_files(str(tmp_path)) == {"own.py", "shop/cart.py", "shop/testing.py", "shop/table.csv"}


@pytest.mark.parametrize(
    ("exclude", "files"),
    [
        (["*.md"], {"own.py", "data/raw/a.csv", "shop/data/raw/a.csv"}),
        (["/data/raw", "*.md"], {"own.py", "shop/data/raw/a.csv"}),
        (["data/*", "*.m?"], {"own.py"}),
        (["shop", "data", "!tests", "!.env", "*.md"], {"own.py", "tests/a.py", ".env"}),
        (["*", "!own.py"], {"own.py"}),
    ],
)
def test_what_stays_out_is_said_by_names(tmp_path: Path, exclude: list[str], files: set[str]) -> None:
    written(
        tmp_path, "own.py", "read.md", "shop/read.md", "data/raw/a.csv", "shop/data/raw/a.csv", "tests/a.py", ".env"
    )

    assert own_files(tmp_path, exclude=exclude) == files


@pytest.mark.parametrize("exclude", ["*.md", [""], ["!"], ["/"], [b"*.md"]])
def test_a_pattern_that_is_none_is_refused(tmp_path: Path, exclude: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^exclude: "):
        staged(tmp_path, exclude=exclude)


def test_a_link_stands_for_what_it_leads_to(tmp_path: Path) -> None:
    written(tmp_path, "common/util.py", "common/tests/test_util.py", "one.py", "functions/own.py")
    functions = tmp_path / "functions"
    (functions / "common").symlink_to("../common")
    (functions / "one.py").symlink_to(tmp_path / "one.py")
    (functions / "same.py").symlink_to("own.py")

    code = staged(functions, links_into=tmp_path)

    assert set(files_in(code)) - set(library_files()) == {"own.py", "one.py", "same.py", "common/util.py"}
    assert not [path for path in code.rglob("*") if path.is_symlink()]


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("../../outside", "leads out of the folder; links_into="),
        ("/etc/hostname", "leads out of the folder; links_into="),
        ("nothing", "leads to nothing"),
        ("link", "leads to nothing"),  # it is the link itself
        (".", "leads around in a circle"),
        ("..", "leads around in a circle"),
    ],
)
def test_a_link_that_leads_astray_is_refused(tmp_path: Path, target: str, problem: str) -> None:
    written(tmp_path, "outside/secret.py", "functions/shop/cart.py")
    (tmp_path / "functions" / "shop" / "link").symlink_to(target)

    error = refused(tmp_path / "functions")

    assert error.problem.startswith(f"has a link that {problem}")
    assert error.shown_value == "'shop/link'"


def test_a_link_that_leads_astray_may_stay_out(tmp_path: Path) -> None:
    written(tmp_path, "own.py")
    (tmp_path / "data").symlink_to("/etc")

    assert own_files(tmp_path, exclude=["data"]) == {"own.py"}


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
    variables = template.variables("visits")
    others = [each for each in template.properties(FUNCTION) if each["Handler"] != "visits.handler"]

    assert variables[TABLE_NAME] == {"Ref": table}
    assert all(each["Environment"]["Variables"] == variables for each in others)


def test_the_function_has_time_to_say_what_is_wrong(template: Template) -> None:
    assert template.function("visits")["Timeout"] == 10


@pytest.mark.parametrize(
    ("timeout", "warned"),
    [(None, True), (Duration.seconds(4), True), (Duration.seconds(5), False)],
    ids=["Lambda's default", "4 s", "5 s"],
)
def test_a_function_that_leaves_the_store_little_time_is_warned_of(timeout: Duration | None, *, warned: bool) -> None:
    stack = new_stack()
    SessionTable(stack, "Table").connect(new_function(stack, timeout=timeout), SessionSettings())

    warnings = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("the last two of them"))
    assert [warning.id for warning in warnings] == (["/Stack/Own"] if warned else [])


def test_a_function_writes_lines_only_when_connect_is_told_so(template: Template) -> None:
    stack = new_stack()
    function = new_function(stack, timeout=Duration.seconds(5))
    SessionTable(stack, "Table").connect(function, SessionSettings(), request_lines=True)

    (told,) = template_of(stack).properties(FUNCTION)
    assert told["Environment"]["Variables"]["SESSION_REQUEST_LINES"] == "true"
    assert "SESSION_REQUEST_LINES" not in template.variables("visits")


def test_the_function_that_takes_unsigned_requests_has_a_limit_of_its_own(template: Template) -> None:
    assert template.function("visits")["ReservedConcurrentExecutions"] == 10


def test_the_function_may_do_what_its_three_methods_need(template: Template) -> None:
    role = template.role("visits")

    actions = {action for action, _ in template.permissions(role)}
    assert actions == {f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Query", "UpdateItem")}


def test_a_function_that_names_its_python_has_byte_code_of_it(tmp_path: Path) -> None:
    """Also where the same files were staged before for another Python, or for none."""
    stack, mine = Stack(App(), "Stack"), f"3_{sys.version_info.minor}"
    codes: list[Any] = [
        code_with_library(stack, tmp_path, runtime=runtime)
        for runtime in (None, lambda_.Runtime.PYTHON_3_14, getattr(lambda_.Runtime, f"PYTHON_{mine}"))
    ]

    staged_files = [set(files_in(Path(code.path))) for code in codes]
    assert staged_files[0] == set(library_files())
    assert staged_files[2] == {*library_files(), *byte_code(library_files(), mine.replace("_", "."))}
