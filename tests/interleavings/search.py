"""The search: all orders of some operations, without a fault and with every write timing out in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from session_store.storage.requests import DynamoDBClient
from tests.interleavings.operations import Operation
from tests.interleavings.properties import violations
from tests.interleavings.scheduler import Fault, Loss, explore
from tests.interleavings.world import Beginning, World


def search(
    world: World,
    beginning: Beginning,
    operations: Sequence[Operation],
    *,
    faults: bool = False,
    only: Fault | None = None,
) -> int:
    """Try every order.

    Args:
        world: where it happens.
        beginning: where every run begins.
        operations: what runs side by side.
        faults: afterwards let every write of every participant time out, in both ways.
        only: let this write time out, in every run.

    Returns:
        How many interleavings were tried.

    Raises:
        AssertionError: a property does not hold; shows what was done, and in which order.
    """
    bound = [_bound(world, beginning, operation) for operation in operations]
    writes = [0] * len(bound)
    tried = 0
    for run in explore(bound, lambda: world.put_back(beginning), only):
        tried += 1
        writes = [max(most, outcome.writes) for most, outcome in zip(writes, run.outcomes, strict=True)]
        wrong = violations(world, beginning, operations, run, only)
        if wrong:
            names = ", ".join(f"{number} = {operation}" for number, operation in enumerate(operations))
            raise AssertionError(f"{'; '.join(wrong)}\n{names}\n{only or 'no fault'}\n{run}")
    if faults:
        for participant, most in enumerate(writes):
            for write in range(most):
                for loss in Loss:
                    tried += search(world, beginning, operations, only=Fault(participant, write, loss))
    return tried


def _bound(world: World, beginning: Beginning, operation: Operation) -> Callable[[DynamoDBClient], object]:
    return lambda client: operation.run(world.store(client, **operation.settings), beginning)
