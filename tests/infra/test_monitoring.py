"""Alarms and dashboard: what is watched, who is told, what it costs, and which mistakes are refused."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Environment, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from docgen.monitoring_tables import DASHBOARD as DASHBOARD_PRICE
from docgen.monitoring_tables import MonthlyCost
from local.locked_environment import locked_environment
from local.paths import ROOT
from session_store import IncidentName, InvalidInputError
from session_store.catalog.alarms import ALARMS, METRICS_OF_A_ROUTE, Per
from session_store.catalog.metric_names import METRIC_NAMES
from session_store.catalog.metrics import DIMENSION, NAMESPACE, Metric
from session_store.catalog.object_metrics import ObjectMetric
from session_store.catalog.routes import BACKEND_FUNCTIONS, BACKEND_ROUTES, USER_FUNCTIONS
from session_store.cdk import SessionMonitoring, SessionService, SessionUserRoutes
from session_store.cdk.dashboard import SECTIONS
from stacks.environments import EnvironmentSettingsError
from tests.infra.environments import environment_of
from tests.infra.templates import ENVIRONMENTS, STAGE, Template, deployment, new_app, new_stack, template_of

ALARM = "AWS::CloudWatch::Alarm"
DASHBOARD = "AWS::CloudWatch::Dashboard"
TOPIC_ARN = "arn:aws:sns:eu-central-1:123456789012:on-call"
NAMES = [alarm.name for alarm in ALARMS]


def monitored(*, service: dict[str, Any] | None = None, **props: Any) -> tuple[SessionMonitoring, Template]:
    stack = new_stack(region="eu-central-1")
    monitoring = SessionMonitoring(
        stack, "Monitoring", service=SessionService(stack, "Sessions", **service or {}), **props
    )
    return monitoring, template_of(stack)


def widgets(template: Template) -> list[dict[str, Any]]:
    """The dashboard's widgets, with a word for each reference."""
    (body,) = (each["DashboardBody"]["Fn::Join"][1] for each in template.properties(DASHBOARD))
    found: list[dict[str, Any]] = json.loads("".join(part if isinstance(part, str) else "ref" for part in body))[
        "widgets"
    ]
    return found


@pytest.fixture(scope="module")
def prod() -> Template:
    return deployment("prod")


def test_staging_and_prod_are_monitored_and_the_others_have_no_line_of_it() -> None:
    kinds = {ALARM, DASHBOARD}
    of_environments = {
        name: {each["Type"] for each in deployment(name).content["Resources"].values()} & kinds for name in ENVIRONMENTS
    }
    assert of_environments == {"local": set(), "dev": set(), "staging": kinds, "prod": kinds}
    (stage,) = deployment("local").properties(STAGE)
    assert "DetailedMetricsEnabled" not in stage["DefaultRouteSettings"]


def test_every_alarm_says_what_it_means_and_names_its_section_of_the_runbook(prod: Template) -> None:
    sections = re.findall(r"^## ([\w-]+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    said = [alarm["AlarmDescription"] for alarm in prod.properties(ALARM)]
    assert sections == NAMES
    assert {text.rpartition("#")[2] for text in said} == {
        alarm.name for alarm in ALARMS if alarm.per is not Per.RESERVED
    }
    meanings = {alarm.name: alarm.meaning for alarm in ALARMS}
    assert not [text for text in said if meanings[text.rpartition("#")[2]] not in text]


@pytest.mark.parametrize("alarm", ALARMS, ids=NAMES)
def test_a_section_of_the_runbook_begins_with_the_alarms_meaning(alarm: Any) -> None:
    section = (ROOT / "docs" / "runbook.md").read_text().partition(f"## {alarm.name}\n\n")[2].partition("\n## ")[0]
    meaning, command, fix = section.split("```")
    assert meaning.startswith(alarm.meaning.partition(".")[0])
    assert command.startswith("sh\naws ")
    assert fix.strip()


def test_every_route_has_an_alarm_on_its_own_p99_which_the_stage_measures(prod: Template) -> None:
    slow = [each for each in prod.properties(ALARM) if each.get("ExtendedStatistic") == "p99"]
    dimensions = [{pair["Name"]: pair["Value"] for pair in each["Dimensions"]} for each in slow]
    assert {(each["Method"], each["Resource"]) for each in dimensions} == {
        (route.method, route.path) for route in BACKEND_ROUTES
    }
    (stage,) = prod.properties(STAGE)
    assert stage["DefaultRouteSettings"]["DetailedMetricsEnabled"] is True


def test_the_alarms_on_own_metrics_are_on_those_that_the_functions_write() -> None:
    watched = {alarm.metric for alarm in ALARMS if alarm.namespace == NAMESPACE}
    # Requests that the table throttled have alarms on DynamoDB's own metrics, of table and index each.
    assert watched == {*IncidentName, Metric.UNAVAILABLE, Metric.FAILED}
    _, template = monitored(leave_out=[alarm.name for alarm in ALARMS if alarm.namespace != NAMESPACE])
    assert {pair["Name"] for each in template.properties(ALARM) for pair in each["Dimensions"]} == {DIMENSION}


def test_the_dashboard_reads_from_top_to_bottom(prod: Template) -> None:
    texts = [each for each in widgets(prod) if each["type"] == "text"]
    assert [each["properties"]["markdown"] for each in texts] == [f"# {title}" for title in SECTIONS]
    assert [each["y"] for each in texts] == sorted(each["y"] for each in texts)
    assert widgets(prod)[1]["type"] == "alarm"


def test_the_dashboard_shows_every_metric_that_the_functions_write(prod: Template) -> None:
    """But for the units, which DynamoDB counts whole, and for those of children, optional parts, or an alarm alone."""
    shown = re.findall(rf'"{NAMESPACE}", "(\w+)"', json.dumps(widgets(prod)))
    elsewhere = {"ReadUnits", "WriteUnits", "ChildCreated", "ChildEnded", "ExtensionFailed", "SessionLimitFailed"}
    elsewhere |= {"LifecycleEvents", "ChangesParked", "ChangesUndone", *ObjectMetric}
    elsewhere |= {Metric.CACHE_HITS, Metric.CACHE_MISSES, Metric.CACHE_FAULTS}

    assert sorted(shown) == sorted({*METRIC_NAMES} - elsewhere)


def test_the_costs_on_the_page_are_those_of_what_prod_deploys(prod: Template) -> None:
    cost, less = MonthlyCost.of(by_route=True), MonthlyCost.of(by_route=False)
    events = MonthlyCost.of_events()
    assert (cost.number + events.number, len(prod.properties(DASHBOARD))) == (len(prod.properties(ALARM)), 1)
    assert cost.metrics == len(METRICS_OF_A_ROUTE) * len(BACKEND_ROUTES)
    assert cost.total == pytest.approx(cost.number * 0.1 + cost.metrics * 0.3 + DASHBOARD_PRICE)
    page = (ROOT / "docs" / "monitoring.md").read_text()
    assert f"pays ${cost.total:.2f} a month, and ${less.total:.2f} without" in page
    assert f"Lifecycle events add ${events.of_alarms:.2f}" in page


def test_without_alarms_on_routes_there_are_no_metrics_of_routes() -> None:
    monitoring, template = monitored(leave_out=["slow-route"])
    (stage,) = template.properties(STAGE)
    assert "DetailedMetricsEnabled" not in stage["DefaultRouteSettings"]
    assert not [name for name in monitoring.alarms if name.startswith("slow-route")]
    assert not [each for each in widgets(template) if "route" in each["properties"].get("title", "")]


def test_a_topic_is_told_when_an_alarm_sounds_and_when_it_is_over() -> None:
    stack = new_stack(region="eu-central-1")
    topic = sns.Topic.from_topic_arn(stack, "Topic", TOPIC_ARN)
    SessionMonitoring(stack, "Monitoring", service=SessionService(stack, "Sessions"), topic=topic)
    for alarm in template_of(stack).properties(ALARM):
        assert (alarm["AlarmActions"], alarm["OKActions"]) == ([TOPIC_ARN], [TOPIC_ARN])


def test_limits_reach_their_alarms() -> None:
    given = {
        "server_errors": 7,
        "function_errors": 8,
        "unavailable_requests": 9,
        "latency_milliseconds": 700,
        "throttled_requests": 11,
        "account_concurrency": 2000,
        "concurrency_percent": 50,
        "thefts": 13,
    }
    monitoring, template = monitored(service={"reserved_concurrent_executions": 40}, **given)
    limits = {each["AlarmDescription"].rpartition("#")[2]: each["Threshold"] for each in template.properties(ALARM)}
    expected = {alarm.name: given.get(alarm.prop, 1) for alarm in ALARMS if alarm.per not in {Per.QUEUE, Per.STREAM}}
    assert limits == expected | {"account-concurrency": 1000, "function-concurrency": 20}
    assert "function-concurrency/Introspect" in monitoring.alarms


def test_functions_of_the_application_and_every_queue_are_watched_once() -> None:
    stack = new_stack(region="eu-central-1")
    failed, parked = sqs.Queue(stack, "Failed"), sqs.Queue(stack, "Parked")
    service = SessionService(stack, "Sessions", dead_letter_queue=failed)
    routes = SessionUserRoutes(
        stack, "User", api=apigateway.HttpApi(stack, "Http"), table=service.table, settings=service.settings
    )
    monitoring = SessionMonitoring(
        stack,
        "Monitoring",
        service=service,
        further_functions=list(routes.functions.values()),
        dead_letter_queues=[parked, failed],
    )
    assert len([name for name in monitoring.alarms if name.startswith("dead-letters")]) == 2
    of_functions = [name for name in monitoring.alarms if name.startswith("function-errors/User")]
    assert len(of_functions) == len(USER_FUNCTIONS)
    assert len(monitoring.alarms) == len(template_of(stack).resources(ALARM))


def test_a_topic_of_another_stack_in_the_same_region_is_accepted_and_one_elsewhere_is_refused() -> None:
    app = new_app()
    for number, (region, fits) in enumerate((("eu-central-1", True), ("us-east-1", False))):
        topics = Stack(app, f"Topics{number}", env=Environment(region=region))
        stack = Stack(app, f"Stack{number}", env=Environment(region="eu-central-1"))
        service = SessionService(stack, "Sessions")
        topic = sns.Topic(topics, "Topic")
        if fits:
            SessionMonitoring(stack, "Monitoring", service=service, topic=topic)
        else:
            with pytest.raises(InvalidInputError, match=r"^topic: must be in the stack's region, eu-central-1"):
                SessionMonitoring(stack, "Monitoring", service=service, topic=topic)


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"server_errors": 0}, "server_errors: must be a whole number, at least 1"),
        ({"thefts": 1.5}, "thefts: must be a whole number"),
        ({"latency_milliseconds": 30_001}, "latency_milliseconds: must be 10 to 30000 whole milliseconds"),
        ({"concurrency_percent": 101}, "concurrency_percent: must be 1 to 100 whole percent"),
        ({"account_concurrency": 0}, "account_concurrency: must be a whole number, at least 10"),
        ({"leave_out": ["slow-routes"]}, r"leave_out: has an unknown name, did you mean slow-route\?"),
        ({"leave_out": "slow-route"}, "leave_out: must be a list of names"),
        ({"leave_out": NAMES, "dashboard": False}, "leave_out: leaves no alarm, and dashboard is False"),
        ({"runbook": " "}, "runbook: must be a text that is not empty"),
        ({"topic": TOPIC_ARN}, "topic: must be a topic of CDK"),
        ({"further_functions": ["f"]}, "further_functions: must be a list of SessionFunctions"),
        ({"dead_letter_queues": ["q"]}, "dead_letter_queues: must be a list of queues of CDK"),
        ({"service": "s"}, "service: must be a SessionService"),
        ({"events": "e"}, "events: must be a SessionEvents"),
        ({"stream_lag_seconds": 0}, "stream_lag_seconds: must be 1 to 86400 whole seconds"),
    ],
    ids=str,
)
def test_a_limit_that_makes_no_sense_is_refused_by_its_name(props: dict[str, Any], expected: str) -> None:
    stack = new_stack()
    given: dict[str, Any] = {"service": SessionService(stack, "Sessions")} | props
    with pytest.raises(InvalidInputError, match=f"^{expected}"):
        SessionMonitoring(stack, "Monitoring", **given)


@pytest.mark.parametrize(
    ("monitoring", "expected"),
    [
        (True, "monitoring must be an object of limits"),
        ({"topic_arn": "on-call"}, "monitoring.topic_arn must be the ARN of an SNS topic"),
        ({"leave_out": "theft"}, "monitoring.leave_out must be a list of names"),
        ({"thefts": "many"}, "monitoring.thefts must be a whole number"),
        ({"theft": 1}, "unknown setting 'monitoring.theft'"),
    ],
    ids=str,
)
def test_a_mistake_in_an_environments_monitoring_is_named(monitoring: object, expected: str) -> None:
    with pytest.raises(EnvironmentSettingsError, match=expected):
        environment_of(monitoring=monitoring)


def test_an_environment_names_its_topic_and_limits() -> None:
    given = {"topic_arn": TOPIC_ARN, "thefts": 3, "leave_out": ["slow-route"], "dashboard": False}
    monitoring = environment_of(monitoring=given).monitoring
    assert monitoring is not None
    assert monitoring.topic_arn == TOPIC_ARN
    assert monitoring.props == {"thefts": 3, "leave_out": ["slow-route"], "dashboard": False}


def test_the_example_notifies_its_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "false")  # CDK's own rules take seconds, and are held elsewhere
    assembly = runpy.run_path(str(ROOT / "examples" / "monitoring" / "app.py"))["app"].synth()
    template = Template(assembly.get_stack_by_name("Monitored").template)
    (topic,) = template.resources("AWS::SNS::Topic")
    alarms = template.properties(ALARM)
    assert all(alarm["AlarmActions"] == [{"Ref": topic}] for alarm in alarms)
    assert all("https://wiki.example.com/sessions#" in alarm["AlarmDescription"] for alarm in alarms)


@pytest.mark.proof
def test_the_same_resources_under_another_library_have_its_alarms(tmp_path: Path) -> None:
    programs = locked_environment("monitoring", python_versions=">=3.11")
    (installed,) = programs.parent.glob("lib/python3*/site-packages")
    environment = {**os.environ, "PYTHONPATH": f"{installed}:{ROOT}", "CDK_VALIDATION": "false"}
    file = ROOT / "examples" / "cdk_monitoring_constructs" / "app.py"
    command = (sys.executable, file)
    settings = {"CDK_OUTDIR": str(tmp_path)}
    subprocess.run(command, cwd=tmp_path, env=environment | settings, capture_output=True, check=True)
    template = Template(json.loads((tmp_path / "Monitored.template.json").read_text()))
    assert len(template.properties(ALARM)) == len(BACKEND_FUNCTIONS) + 1
    assert template.properties(DASHBOARD)
