"""The search: all orders of some operations, without a fault and with every write timing out in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from session_store.storage.requests import DynamoDBClient
from tests.interleavings.operations import Operation
from tests.interleavings.properties import violations
from tests.interleavings.scheduler import Fault, Loss, explore
from tests.interleavings.world import Beginning, World


def search(
    world: World, start: Beginning, operations: Sequence[Operation], fault: Fault | None = None, *, faults: bool = False
) -> int:
    """Try every order, with one write timing out or none; returns how many interleavings were tried.

    With `faults`, every write of every participant times out afterwards in turn, in both ways. Fails where a property
    does not hold, and shows what was done in which order.
    """

    def bound(operation: Operation) -> Callable[[DynamoDBClient], object]:
        return lambda client: operation.run(world.store(client, **operation.settings), start)

    writes = [0] * len(operations)
    tried = 0
    for run in explore(
        [bound(operation) for operation in operations], lambda: world.put_back(start), fault, world.lose
    ):
        tried += 1
        writes = [max(most, outcome.writes) for most, outcome in zip(writes, run.outcomes, strict=True)]
        wrong = violations(world, start, operations, run, fault)
        if wrong:
            names = ", ".join(f"{number} = {operation}" for number, operation in enumerate(operations))
            raise AssertionError(f"{'; '.join(wrong)}\n{names}\n{fault or 'no fault'}\n{run}")
    if faults:
        for participant, most in enumerate(writes):
            for write, loss in product(range(most), Loss):
                tried += search(world, start, operations, Fault(participant, write, loss))
    return tried
