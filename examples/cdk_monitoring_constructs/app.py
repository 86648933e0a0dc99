"""The same resources under cdk-monitoring-constructs, for a team that monitors everything with it.

    pip install cdk-monitoring-constructs
    cdk deploy --app "python3 app.py"

It knows AWS's metrics, and not those of the session store.
"""

from aws_cdk import App, Duration, Stack
from cdk_monitoring_constructs import ErrorCountThreshold, LatencyThreshold, MonitoringFacade
from constructs import Construct

from session_store.cdk import SessionService


class Monitored(Stack):
    """The service, and the facade's monitoring of its table, functions and API."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        service = SessionService(self, "Sessions")
        facade = MonitoringFacade(self, "Monitoring")
        facade.monitor_dynamo_table(table=service.table.table)
        for name, function in service.functions.items():
            facade.monitor_lambda_function(
                lambda_function=function.function,
                alarm_friendly_name=name.value,
                add_fault_count_alarm={"Critical": ErrorCountThreshold(max_error_count=1)},
            )
        facade.monitor_api_gateway_v2_http_api(
            api=service.api.api,
            alarm_friendly_name="api",
            add_latency_p99_alarm={"Warning": LatencyThreshold(max_latency=Duration.millis(1500))},
        )


app = App()
Monitored(app, "Monitored")
app.synth()
