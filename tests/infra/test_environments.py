"""`-c env=NAME` and the environments in `cdk.json`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Duration, Stack

from app import add_stacks
from session_store import SessionSettings, Transport
from session_store.catalog.iso_durations import duration_of
from stacks.environments import EnvironmentSettingsError
from tests.infra.environments import REQUIRED, context_of, environment_of
from tests.infra.templates import CONTEXT, ENVIRONMENTS, deployment, new_app

ROOT = Path(__file__).parents[2]
CHOOSE = "choose one with -c env=NAME, one of local, dev, staging, prod"


def test_an_unknown_setting_lists_the_known_ones() -> None:
    message = r"'x': unknown setting 'regoin', use one of .*region.*log_level"
    with pytest.raises(EnvironmentSettingsError, match=message):
        environment_of(regoin="eu-west-1")


@pytest.mark.parametrize("setting", REQUIRED)
def test_a_missing_setting_is_named(setting: str) -> None:
    with pytest.raises(EnvironmentSettingsError, match=f"'x': setting '{setting}' is missing"):
        environment_of(**{setting: None})


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("region", 7, "a text"),
        ("deletion_protection", "yes", "true or false"),
        ("deletion_protection", 1, "true or false"),
        ("removal_policy", "KEEP", "one of .*DESTROY"),
        ("table_name", "arn:aws:dynamodb:eu-central-1:1:table/a", "a table's name, which is no ARN"),
        ("table_name", 7, "a text"),
        ("memory_size", 256.5, "a whole number"),
        ("memory_size", True, "a whole number"),
        ("timeout", "30 seconds", "an ISO 8601 duration like PT30M"),
        ("log_retention", 30, "one of .*ONE_MONTH"),
        ("log_level", "info", "one of .*INFO"),
        ("tags", {"a": 1}, "an object of texts"),
        ("tags", "a", "an object of texts"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_named_with_what_it_must_be(setting: str, value: Any, expected: str) -> None:
    with pytest.raises(EnvironmentSettingsError, match=rf"'x': {setting} must be {expected}.*, got "):
        environment_of(**{setting: value})


@pytest.mark.parametrize(
    "text",
    ["PT0S", "P1DT", "P1DT2H3M4S", "PT1.5S", "PT1.S", "PT007M", "P", "PT", "P1M", "PT1S1M", "PT٣S", "PT5M\n", "P2W"],
)
def test_a_duration_is_what_cdk_reads(text: str) -> None:
    try:
        expected = Duration.parse(text).to_milliseconds()
    except RuntimeError:
        with pytest.raises(ValueError, match=text):
            duration_of(text)
    else:
        assert duration_of(text) == timedelta(milliseconds=expected)


def test_a_duration_beyond_all_bounds_is_none() -> None:
    with pytest.raises(EnvironmentSettingsError, match="timeout must be an ISO 8601 duration"):
        environment_of(timeout="P99999999999D")


def test_settings_are_read_into_their_types() -> None:
    environment = environment_of(
        account="123456789012",
        settings={"idle_timeout": "PT5M"},
        memory_size=256,
        timeout="PT7S",
        transport="BOTOCORE",
        tags={"a": "b"},
    )
    assert environment.account == "123456789012"
    assert environment.settings == SessionSettings(idle_timeout=timedelta(minutes=5))
    assert (environment.props["memory_size"], environment.props["timeout"]) == (256, timedelta(seconds=7))
    assert environment.props["transport"] is Transport.BOTOCORE
    assert environment.tags == {"a": "b"}


def _manifest(environment: str) -> dict[str, Any]:
    app = new_app(CONTEXT | {"env": environment})
    add_stacks(app)
    artifacts = json.loads((Path(app.synth().directory) / "manifest.json").read_text())["artifacts"]
    stack: dict[str, Any] = artifacts[f"SessionStore-{environment}"]
    return stack


@pytest.mark.shows("A16")
def test_only_production_has_termination_protection() -> None:
    protected = {name: _manifest(name)["properties"].get("terminationProtection", False) for name in ENVIRONMENTS}
    assert protected == {"local": False, "dev": False, "staging": False, "prod": True}


def test_only_the_local_environment_is_deployed_without_the_bootstrapped_roles() -> None:
    with_role = {name: "assumeRoleArn" in _manifest(name)["properties"] for name in ENVIRONMENTS}
    assert with_role == {"local": False, "dev": True, "staging": True, "prod": True}
    assert _manifest("local")["environment"] == "aws://000000000000/us-east-1"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_outputs_say_where_to_find_the_service_with_a_url_that_a_path_can_follow(environment: str) -> None:
    outputs = deployment(environment).content["Outputs"]
    of_events = {"EventBus", "ParkingQueueUrl"} if "events" in CONTEXT["environments"][environment] else set()
    assert {name for name in outputs if "Export" not in outputs[name]} == {"ApiId", "ApiUrl", "TableName"} | of_events
    first, *_, last = outputs["ApiUrl"]["Value"]["Fn::Join"][1]
    assert str(first).startswith("https://")
    assert not str(last).endswith("/")


@pytest.mark.shows("DynamoDB.5", "Lambda.6", "EventBridge.2", "SQS.2")
def test_a_stack_is_tagged_with_its_environment() -> None:
    assert _manifest("prod")["properties"]["tags"] == {"environment": "prod"}


@pytest.mark.parametrize(
    ("context", "said"),
    [
        (CONTEXT | {"env": "production"}, f"unknown environment 'production': {CHOOSE}"),
        # `dev` was the default: a bare `cdk deploy --all` opened the demo, without passwords, in the account at hand.
        (CONTEXT, f"no environment is chosen: {CHOOSE}"),
        (
            context_of(settings={"idle_timeout": "PT13H"}),
            "idle_timeout: must not be longer than the absolute timeout, 12 h (got '13 h')",
        ),
    ],
    ids=["unknown", "none", "out of range"],
)
def test_the_command_answers_a_mistake_in_one_line_and_synthesizes_nothing(
    context: dict[str, Any], said: str, tmp_path: Path
) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "JSII_NODE", "HOME") if name in os.environ}
    env = kept | {"CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(tmp_path)}
    command = (sys.executable, "app.py")
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, f"error: {said}\n")
    assert not list(tmp_path.rglob("*.json"))


def test_cdks_own_rules_find_nothing_in_the_production_template() -> None:
    app = App(context=CONTEXT | {"env": "prod"})
    add_stacks(app)
    Stack(app, "Empty")  # breaks a rule, so that a check that did not run would be noticed
    report = json.loads((Path(app.synth().directory) / "validation-report.json").read_text())
    (plugin,) = report["pluginReports"]
    found = {construct["constructPath"] for rule in plugin["violations"] for construct in rule["violatingConstructs"]}
    assert found == {"Empty"}
