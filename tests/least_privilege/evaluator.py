"""A policy evaluator, which says what a role's policy allows."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from local.paths import node_folder

Key = TypeVar("Key", bound="Hashable")

_PROGRAM: Final = Path(__file__).parent / "evaluate.mjs"


@dataclass(frozen=True)
class Question:
    """Which of a service's actions does a policy allow?

    Attributes:
        policy: the policy document.
        resources: ARNs to try every action on.
        service: the prefix of the actions.
        context: what else is known of the request, by IAM's condition keys.
        resource_policy: the resources' own policy; a key always has one, a table none here.
    """

    policy: Mapping[str, Any]
    resources: tuple[str, ...]
    service: str = "dynamodb"
    context: Mapping[str, str] = field(default_factory=dict)
    resource_policy: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Verdicts(Generic[Key]):
    """What the evaluator says.

    Attributes:
        actions_known: by service, how many actions it tried on every resource.
        allowed: by the questions' keys, the actions and ARNs.
    """

    actions_known: Mapping[str, int]
    allowed: Mapping[Key, set[tuple[str, str]]]


def evaluate(questions: Mapping[Key, Question]) -> Verdicts[Key]:
    """Answer the questions, whatever their keys are."""
    asked = json.dumps([asdict(question) for question in questions.values()])
    command = [node_folder() / "node", _PROGRAM]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    answers = [{(action, arn) for action, arn in pairs} for pairs in said["answers"]]
    return Verdicts(said["actions"], dict(zip(questions, answers, strict=True)))
