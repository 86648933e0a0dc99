"""A policy evaluator, which says what a role's policy allows."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

from local.paths import node_folder

Key = TypeVar("Key", bound="Hashable")

_PROGRAM: Final = Path(__file__).parent / "evaluate.mjs"


class Question(NamedTuple):
    """Which of a service's actions does a policy allow on these ARNs?"""

    policy: Mapping[str, Any]
    resources: tuple[str, ...]
    service: str = "dynamodb"
    context: Mapping[str, str] = {}  # what else is known of the request, by IAM's condition keys
    resource_policy: Mapping[str, Any] | None = None  # a key always has one, a table none here


class Verdicts(NamedTuple, Generic[Key]):
    """The evaluator's verdicts."""

    actions_known: Mapping[str, int]  # by service, how many it tried on every resource
    allowed: Mapping[Key, set[tuple[str, str]]]  # actions and ARNs


def evaluate(questions: Mapping[Key, Question]) -> Verdicts[Key]:
    """Answer the questions, under keys of any type."""
    asked = json.dumps([question._asdict() for question in questions.values()])
    command = [node_folder() / "node", _PROGRAM]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    answers = [{(action, arn) for action, arn in pairs} for pairs in said["answers"]]
    return Verdicts(said["actions"], dict(zip(questions, answers, strict=True)))
