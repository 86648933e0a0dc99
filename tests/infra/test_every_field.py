"""Each field of an environment in `cdk.json` changes what is deployed there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import Stage

from app import add_stacks
from session_store.cdk.prop_kinds import Choice, Constant, Flag, Made, Prop, Time, WholeNumber
from session_store.cdk.store_props import ServiceProps
from session_store.cdk.takes import declared
from stacks.environments import Environment
from tests.infra.environments import REQUIRED
from tests.infra.templates import new_app
from tests.support.setting_values import OF_SESSIONS

NAME: Final = "dev"  # where the demo is allowed
OWN: Final[Mapping[str, Any]] = {
    "account": "123456789012",
    "region": "eu-west-1",
    "cli_credentials": True,
    "termination_protection": True,
    "table_name": "sessions",
    "tags": {"cost-centre": "7"},
    "api_tags": {"ms-custom-id": "a"},
    "events": {},
    "large_data": {},
    "monitoring": {},
    "demo": True,
    "demo_api_tags": {"ms-custom-id": "b"},
}
PROVISIONED: Final = (
    *("max_read_capacity", "max_write_capacity", "min_read_capacity", "min_write_capacity"),
    "target_utilization_percent",
)
_HASH_OF_THE_PATH: Final = re.compile("(?<=Sessions-Api-)[0-9A-F]{8}")
BESIDE: Final[Mapping[str, Mapping[str, Any]]] = {
    "demo_api_tags": {"demo": True},
    "settings.absolute_timeout": {"settings": {"idle_timeout": "PT1S"}},
    **{name: {"max_read_capacity": 5, "max_write_capacity": 5} for name in PROVISIONED},
}
"""What a field needs beside it to have an effect."""


def _another(name: str, prop: Prop) -> Any:
    """An acceptable value as `cdk.json` has it, which is not the one that there is."""
    if isinstance(prop, Flag):
        return not REQUIRED.get(name, prop.default)
    if isinstance(prop, Choice):
        current = REQUIRED.get(name, prop.default and prop.default.name)
        return next(member.name for member in prop.members if member.name != current)
    if isinstance(prop, Constant):
        return next(each for each, constant in prop.constants.items() if constant.name != prop.default.name)
    if isinstance(prop, Time):
        return f"PT{int((prop.default + timedelta(seconds=1)).total_seconds())}S"
    assert isinstance(prop, WholeNumber)
    return (prop.default or prop.minimum) + 1


def _every_field() -> dict[str, Mapping[str, Any]]:
    props = {name: prop for name, prop in declared(ServiceProps).items() if not isinstance(prop, Made)}
    of_settings = {f"settings.{each.name}": {"settings": {each.name: each.in_json}} for each in OF_SESSIONS}
    return {
        **{name: {name: value} for name, value in OWN.items()},
        **{name: {name: _another(name, prop)} for name, prop in props.items()},
        **of_settings,
    }


def _merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    whole = {key: value for part in parts for key, value in part.items()}
    settings = {key: value for part in parts for key, value in part.get("settings", {}).items()}
    return whole | ({"settings": settings} if settings else {})


FIELDS: Final = _every_field()


@pytest.fixture(scope="module")
def deployed() -> dict[str, str]:
    """The templates of each field's environment, and, as `NAME beside`, those without the field."""
    environments = {name: _merged(REQUIRED, BESIDE.get(name, {}), field) for name, field in FIELDS.items()}
    environments |= {f"{name} beside": _merged(REQUIRED, beside) for name, beside in BESIDE.items()}
    environments["base"] = dict(REQUIRED)
    app = new_app()
    for number, given in enumerate(environments.values()):
        stage = Stage(app, f"E{number:03}")
        stage.node.set_context("env", NAME)
        stage.node.set_context("environments", {NAME: given})
        add_stacks(stage)
    folder = Path(app.synth().directory)
    return {name: _text(folder / f"assembly-E{number:03}", f"E{number:03}") for number, name in enumerate(environments)}


def _text(folder: Path, stage: str) -> str:
    """Templates and where they go, without the stage's name and what follows from it."""
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
    stacks = [each for each in artifacts.values() if each["type"] == "aws:cloudformation:stack"]
    where = [
        {key: each["properties"].get(key) for key in ("tags", "terminationProtection", "assumeRoleArn")}
        for each in stacks
    ]
    targets = [each["environment"] for each in stacks]
    templates = [json.loads((folder / each["properties"]["templateFile"]).read_text()) for each in stacks]
    text = json.dumps([where, targets, templates], sort_keys=True).replace(stage, "stage")
    return _HASH_OF_THE_PATH.sub("", text)


def test_every_field_is_looked_at_here() -> None:
    of_environment = {field.name for field in fields(Environment)} - {"name", "settings", "props"}
    assert of_environment == OWN.keys()


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_an_environment_changes_what_is_deployed(deployed: dict[str, str], name: str) -> None:
    without = deployed[f"{name} beside" if name in BESIDE else "base"]
    assert deployed[name] != without


def test_two_environments_with_the_same_fields_are_deployed_alike(deployed: dict[str, str]) -> None:
    assert deployed["demo"] == deployed["demo_api_tags beside"]
