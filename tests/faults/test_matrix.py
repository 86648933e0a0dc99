"""Every operation under every fault: a typed outcome in time, nothing half done that a repetition does not finish."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from session_store import InvalidTokenError, SessionStore
from tests.faults.cells import Ground, fill
from tests.faults.finished import FINISHED
from tests.faults.kinds import KINDS
from tests.support.engines import Memory
from tests.support.figures import ROW
from tests.support.forms import Form
from tests.support.methods import METHODS, READS, WRITES
from tests.support.scene import Scene, new_scene

WITHOUT_A_CALL = {"from_environment"}


@pytest.mark.shows("T72", "T73", "A4", "N20")
@pytest.mark.parametrize("name", METHODS)
def test_an_operation_answers_every_fault_as_it_should(
    scene: Scene, engine: Memory, name: str, record_property: Callable[[str, object], None]
) -> None:
    ground = Ground.prepare(scene, engine)
    calls = ground.calls_of(name)

    record_property(f"{ROW}{name}", {fault: fill(ground, name, kind, calls) for fault, kind in KINDS.items()})


@pytest.mark.proof
@pytest.mark.parametrize(
    ("form", "name"),
    [*((Form.TOGETHER, name) for name in WRITES), *((Form.CACHED, name) for name in ("validate", "validate a child"))],
)
def test_an_operation_on_other_forms_answers_every_fault_as_it_should(form: Form, name: str) -> None:
    memory = Memory("memory", form=form)
    with new_scene(memory) as scene:
        ground = Ground.prepare(scene, memory)
        calls = ground.calls_of(name)
        for kind in KINDS.values():
            fill(ground, name, kind, calls)


@pytest.mark.shows("N12")
def test_the_matrix_has_every_public_operation() -> None:
    methods = {name for name, _ in inspect.getmembers(SessionStore, callable) if not name.startswith("_")}

    assert {name.split()[0].rstrip(",") for name in METHODS} == methods - WITHOUT_A_CALL
    assert FINISHED.keys() == WRITES.keys()


@pytest.mark.parametrize("name", [name for name in READS if name.startswith("validate")])
def test_a_clock_that_jumps_past_the_end_lets_no_session_in(scene: Scene, engine: Memory, name: str) -> None:
    ground = Ground.prepare(scene, engine)
    KINDS["clock jumps forward"].provoke(scene.faults, 1, 0)

    with pytest.raises(InvalidTokenError, match="expired"):
        METHODS[name](scene.store, ground.signed_in)


@pytest.mark.shows("T85")
def test_a_clock_that_jumps_back_brings_back_no_ended_session(scene: Scene, engine: Memory) -> None:
    ground = Ground.prepare(scene, engine)
    scene.store.end_session(ground.signed_in.id)
    KINDS["clock jumps back"].provoke(scene.faults, 1, 0)

    with pytest.raises(InvalidTokenError, match="ended"):
        scene.store.validate(ground.signed_in.token)
