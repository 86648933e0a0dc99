"""Environments as `cdk.json` has them, made up by tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stacks.environments import Environment, chosen_environment
from tests.infra.templates import new_app

REQUIRED: Final[Mapping[str, Any]] = {
    "region": "eu-central-1",
    "removal_policy": "DESTROY",
    "deletion_protection": False,
    "point_in_time_recovery": False,
}
"""The settings that each has to have."""


def context_of(**settings: Any) -> dict[str, Any]:
    """The context of an app whose one environment, `x`, has these settings besides."""
    return {"env": "x", "environments": {"x": {**REQUIRED, **settings}}}


def environment_of(**settings: Any) -> Environment:
    """The same as an app reads it."""
    return chosen_environment(new_app(context_of(**settings)).node)
