"""The faults of these tests: those of the matrix, and some whose message quotes the request and the reply."""

from __future__ import annotations

from typing import Final

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from tests.canary.marks import KEY, TOKEN, VALUE
from tests.faults.kinds import KINDS
from tests.support.faults import FOREVER
from tests.support.scene import Scene

_QUOTED: Final = f"invalid value: {{'{KEY}': '{VALUE}'}}, {TOKEN}"
NO_FAULT: Final = "no fault"
_QUOTING: Final[dict[str, Exception]] = {
    "a refusal that quotes": ClientError({"Error": {"Code": "ValidationException", "Message": _QUOTED}}, "Any"),
    "an unknown refusal that quotes": ClientError({"Error": {"Code": "Unheard", "Message": _QUOTED}}, "Any"),
    "an error of the SDK that quotes": ParamValidationError(report=_QUOTED),
    "a reply that is quoted": ResponseParserError(_QUOTED),
}
BUG: Final = "a bug that quotes"  # no typed error: what comes of it is for the operators

WITH_FAULTS_THAT_QUOTE: Final = pytest.mark.parametrize("fault", [NO_FAULT, *_QUOTING, "truncated reply"])
WITH_EVERY_FAULT: Final = pytest.mark.parametrize("fault", [NO_FAULT, *KINDS, *_QUOTING])
WITH_EVERY_FAULT_AND_A_BUG: Final = pytest.mark.parametrize("fault", [NO_FAULT, *KINDS, *_QUOTING, BUG])


def break_it(scene: Scene, fault: str) -> None:
    """Let a fault happen to every call from now on; no other one."""
    scene.faults.clear()
    if fault in KINDS:
        KINDS[fault].provoke(scene.faults, KINDS[fault].lasting, 0)
    elif fault in _QUOTING:
        scene.faults.fail(None, _QUOTING[fault], times=FOREVER)
    elif fault == BUG:
        scene.faults.fail(None, LookupError(_QUOTED), times=FOREVER)
