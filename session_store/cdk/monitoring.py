"""Alarms and a dashboard of the session service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk.aws_cloudwatch_actions import SnsAction
from constructs import Construct

from session_store.catalog.alarms import ALARMS, Alarm, Per
from session_store.cdk.checks import check_member, check_region, check_type
from session_store.cdk.dashboard import Dashboard
from session_store.cdk.events import SessionEvents
from session_store.cdk.function import SessionFunction
from session_store.cdk.monitoring_props import MonitoringProps
from session_store.cdk.service import SessionService
from session_store.cdk.takes import filled, takes
from session_store.cdk.watched import watched_things
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs

    from session_store.cdk.watched import Watched

_HUNDRED = 100


@takes(MonitoringProps)
class SessionMonitoring(Construct):
    """Alarms for a session service, and a dashboard: is it up, is it fast, is it under attack, what does it cost?

    Each alarm's description says what it means and names its section of the runbook. The alarm `slow-route` needs API
    Gateway's metrics of each route, so the construct switches them on. They are most of what monitoring costs.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        service: the service, and with large data the function that deletes objects, and its parking queue.
        topic: is told when an alarm sounds, and when it is over. In the region of the stack. None: the alarms show on
            the dashboard alone.
        further_functions: other functions on the service's table, for instance `user_routes.functions.values()`.
        events: the service's lifecycle events, with their function, its stream and its parking queue.
        dead_letter_queues: further queues in which a message is a failure. The functions' own `dead_letter_queue` is
            watched in any case.

    Attributes:
        alarms: by name. One that several things have is `slow-route/getSession`.
        dashboard: the dashboard, None without one.

    Raises:
        InvalidInputError: a limit makes no sense, the topic is of another region, or nothing is left to make. Also a
            ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service: SessionService,
        topic: sns.ITopic | None = None,
        events: SessionEvents | None = None,
        further_functions: Sequence[SessionFunction] = (),
        dead_letter_queues: Sequence[sqs.IQueue] = (),
        **props: Unpack[MonitoringProps],
    ) -> None:
        super().__init__(scope, construct_id)
        check_type("service", service, SessionService, "a SessionService")
        if events is not None:
            check_type("events", events, SessionEvents, "a SessionEvents")
        for function in further_functions:
            check_type("further_functions", function, SessionFunction, "a list of SessionFunctions")
        for queue in dead_letter_queues:
            check_member("dead_letter_queues", queue, "queue_name", "a list of queues of CDK")
        _check_topic(topic, Stack.of(self))
        self._props = filled(MonitoringProps, props)
        self._action = SnsAction(topic) if topic is not None else None
        made = [row for row in ALARMS if row.name not in self._props["leave_out"]]
        by_route = any(row.per is Per.ROUTE for row in made)
        if not made and not self._props["dashboard"]:
            raise InvalidInputError("leave_out", "leaves no alarm, and dashboard is False: there is nothing to make")
        things = watched_things(service, events, further_functions, dead_letter_queues)
        self.alarms = {
            "/".join(filter(None, (row.name, thing.id))): self._alarm(row, thing)
            for row in made
            for thing in things[row.per]
        }
        if by_route:
            _measure_routes(service)
        self.dashboard: cloudwatch.Dashboard | None = None
        if self._props["dashboard"]:
            board = Dashboard(things, list(self.alarms.values()), by_route=by_route)
            self.dashboard = board.add_to(self, "Dashboard")

    def _alarm(self, row: Alarm, thing: Watched) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            f"{row.name.title().replace('-', '')}{thing.id[:1].upper()}{thing.id[1:]}",
            alarm_description=f"{_about(row, thing)}{row.meaning} Runbook: {self._props['runbook']}#{row.name}",
            metric=thing.metric(row.namespace, row.metric, row.statistic),
            threshold=self._limit(row, thing),
            evaluation_periods=row.periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._action:
            alarm.add_alarm_action(self._action)
            alarm.add_ok_action(self._action)
        return alarm

    def _limit(self, row: Alarm, thing: Watched) -> float:
        props = cast("dict[str, Any]", self._props)
        percent = props["concurrency_percent"]
        if row.per is Per.ACCOUNT:
            return float(props[row.prop] * percent / _HUNDRED)
        if thing.reserved is not None and row.per is Per.RESERVED:
            return float(thing.reserved * percent / _HUNDRED)
        return float(props[row.prop] * row.scale if row.prop else 1)


def _about(row: Alarm, thing: Watched) -> str:
    return f"{thing.label}: " if row.per in {Per.ROUTE, Per.FUNCTION, Per.RESERVED, Per.QUEUE, Per.STREAM} else ""


def _check_topic(topic: sns.ITopic | None, stack: Stack) -> None:
    """Refuse a topic that CloudWatch cannot reach.

    Raises:
        InvalidInputError: so it is.
    """
    if topic is None:
        return
    check_member("topic", topic, "topic_arn", "a topic of CDK, for instance from Topic.from_topic_arn")
    check_region("topic", topic.env.region, stack)


def _measure_routes(service: SessionService) -> None:
    stage = cast("apigateway.CfnStage", service.api.stage.node.default_child)
    stage.add_property_override("DefaultRouteSettings.DetailedMetricsEnabled", True)
