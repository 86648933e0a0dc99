"""The commands ask of AWS what their policies allow, all of it and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from local.paths import ROOT
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.functions import Function
from session_store.catalog.operator_commands import OPERATOR_COMMANDS, Section
from session_store.catalog.permissions import permissions_of
from session_store.encryption import Encryption, FernetKeyring
from session_store.whole_table.counting import count
from session_store.whole_table.ending import end_created_before
from session_store.whole_table.reencrypting import reencrypt
from session_store.whole_table.samples import import_samples
from session_store.whole_table.verifying import Choices, Verification
from tests.support.engines import Engine, Memory
from tests.support.forms import KEY
from tests.support.metering import permissions_of_request
from tests.support.scene import Scene, SignedIn, sign_in
from tests.unit.whole_table.tables import Copy, delete, export, put, row_of, rows_of, table_of

SCAN = "dynamodb:Scan"


def _verify(*, fix: bool) -> Callable[[Scene, Copy, Path], object]:
    def verify(scene: Scene, _: Copy, __: Path) -> None:
        orphan, other = sign_in(scene.other, "cleo"), sign_in(scene.other, "dan")
        delete(scene, row_of(scene, orphan.id))
        put(scene, row_of(scene, other.id) | {"ttl": {"N": "17"}})
        list(Verification(table_of(scene), Choices(fix=fix)).findings())

    return verify


def moving() -> Encryption:
    return Encryption(FernetKeyring(KEY), store_id="shop", accepts_plain=True)


DOES: dict[str, Callable[[Scene, Copy, Path], object]] = {
    "export": lambda scene, _, folder: export(scene, folder / "again"),
    "import": lambda _, copy, folder: copy.load(folder / "all", revive=True),
    "stats": lambda scene, _, __: count(table_of(scene)),
    "verify": _verify(fix=False),
    "verify-fix": _verify(fix=True),
    "end-created-before": lambda scene, _, __: end_created_before(table_of(scene), int(scene.clock.now())),
    "reencrypt": lambda scene, _, __: reencrypt(table_of(scene), moving()),
    "import-samples": lambda scene, _, __: import_samples(table_of(scene), ROOT / "docs" / "nosql-workbench.json"),
}
ROWS = {row.policy_name: row for row in OPERATOR_COMMANDS}


@pytest.mark.parametrize("name", DOES)
def test_a_command_calls_what_its_policy_allows_and_nothing_else(
    engine: Engine, ana: SignedIn, copy: Copy, tmp_path: Path, name: str
) -> None:
    scene = copy.scene
    export(scene, tmp_path / "all")
    scene.clock.advance(1)
    assert isinstance(engine, Memory)
    engine.table(scene.table_name).hidden.add(row_of(scene, ana.id)["PK"]["S"])
    scene.faults.clear()

    DOES[name](scene, copy, tmp_path)

    asked = {
        permission
        for call in scene.faults.calls
        for permission in permissions_of_request(call.operation, call.parameters)
    }
    assert asked == ROWS[name].permissions()
    assert rows_of(scene)


def test_every_command_that_goes_through_the_table_is_tried() -> None:
    assert {row.policy_name for row in OPERATOR_COMMANDS if row.section is Section.WHOLE_TABLE} <= DOES.keys()


def test_no_function_and_no_access_pattern_may_scan_and_only_these_commands_do() -> None:
    scanning = {row.policy_name for row in OPERATOR_COMMANDS if SCAN in {action for action, _ in row.permissions()}}

    assert scanning == {"export", "stats", "verify", "verify-fix", "end-created-before", "reencrypt"}
    granted = [permissions_of(function, session_limit=True) for function in Function]
    granted += [pattern.permissions() for pattern in ACCESS_PATTERNS]
    assert SCAN not in {action for permissions in granted for action, _ in permissions}
