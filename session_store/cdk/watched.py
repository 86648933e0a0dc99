"""The things that alarms and dashboard are about, each with the dimensions of its metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from session_store.catalog.alarms import MINUTES, Per, Statistic
from session_store.catalog.routes import BACKEND_ROUTES
from session_store.storage.schema import INDEX_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import aws_sqs as sqs

    from session_store.cdk.events import SessionEvents
    from session_store.cdk.function import SessionFunction
    from session_store.cdk.service import SessionService

_PERIOD: Final = Duration.minutes(MINUTES)


class Watched(NamedTuple):
    """One thing.

    Attributes:
        id: a part of ids of constructs, empty where there is one such thing.
        label: on the dashboard.
        dimensions: of its metrics.
        reserved: the concurrency that a function has reserved. None and 0 have no alarm.
    """

    id: str
    label: str
    dimensions: Mapping[str, str]
    reserved: int | None = None

    def metric(
        self, namespace: str, name: str, statistic: str = Statistic.SUM, *, label: str | None = None
    ) -> cloudwatch.Metric:
        """One of its metrics, over the period of the alarms. An alarm's has no label: it would make it a formula."""
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=name,
            dimensions_map=dict(self.dimensions),
            statistic=statistic,
            period=_PERIOD,
            label=label,
        )


def watched_things(
    service: SessionService,
    events: SessionEvents | None,
    functions: Sequence[SessionFunction],
    queues: Sequence[sqs.IQueue],
) -> dict[Per, list[Watched]]:
    """All that is watched, by its kind.

    Args:
        service: the service.
        events: its lifecycle events, None where they are not watched.
        functions: further ones on its table.
        queues: of messages that failed.
    """
    api = {"ApiId": service.api.api.api_id, "Stage": service.api.stage.stage_name}
    table = {"TableName": service.table.table.table_name}
    by_label = {name.value.title().replace("_", ""): each.function for name, each in service.functions.items()}
    by_label |= {each.node.path.partition("/")[2]: each.function for each in functions}
    dead_letters = [*queues, *_queues_of(by_label.values())]
    on_stream = {"LifecycleEvents": events, "ObjectDeletion": service.large_data and service.large_data.deletion}
    streams = []
    for label, reader in on_stream.items():
        if reader:
            by_label[label] = reader.function
            streams.append(_function(reader.function, "" if reader is events else label)._replace(label=label))
            dead_letters += [*_queues_of([reader.function]), reader.parking_queue]
    all_functions = [_function(function, label) for label, function in by_label.items()]
    return {
        Per.API: [Watched("", "API", api)],
        Per.ROUTE: [
            Watched(route.operation_id, route.key, {**api, "Method": route.method, "Resource": route.path})
            for route in BACKEND_ROUTES
        ],
        Per.FUNCTION: all_functions,
        Per.RESERVED: [each for each in all_functions if each.reserved],
        Per.TABLE: [Watched("", "table", table)],
        Per.INDEX: [Watched("", "index", table | {"GlobalSecondaryIndexName": INDEX_NAME})],
        Per.ACCOUNT: [Watched("", "account", {})],
        Per.QUEUE: [
            Watched(str(number or ""), queue.node.path, {"QueueName": queue.queue_name})
            for number, queue in enumerate(_different(dead_letters))
        ],
        Per.STREAM: streams,
    }


def _function(function: lambda_.Function, label: str) -> Watched:
    resource = function.node.default_child
    reserved = resource.reserved_concurrent_executions if isinstance(resource, lambda_.CfnFunction) else None
    dimensions = {"FunctionName": function.function_name}
    return Watched(label.replace("/", ""), label, dimensions, None if reserved is None else int(reserved))


def _queues_of(functions: Iterable[lambda_.Function]) -> list[sqs.IQueue]:
    return [queue for each in functions if (queue := each.dead_letter_queue) is not None]


def _different(queues: Sequence[sqs.IQueue]) -> list[sqs.IQueue]:
    """Each queue once. All functions of a service have the same."""
    return list({queue.node.path: queue for queue in queues}.values())
