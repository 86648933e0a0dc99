"""How a type checker sees code that uses the constructs. `make lint` checks it, strictly.

A line that must be refused says so: mypy calls the comment unused where it accepts the line. The wheel holds the same
sources, and a check of the CDK from the beginning takes a minute: `make lint` makes one.
"""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_

from session_store import SessionSettings
from session_store.cdk import Function, SessionFunction, SessionService, SessionTable, access_patterns


def a_service(stack: Stack, function: lambda_.Function) -> SessionService:
    table = SessionTable(stack, "Table", removal_policy=RemovalPolicy.DESTROY, point_in_time_recovery=False)
    SessionTable(stack, "Table", deletion_protection="no")  # type: ignore[arg-type]
    SessionFunction(stack, "Read", table=table, function=Function.READ, settings=SessionSettings(), memory_size=256)
    SessionFunction(stack, "Read", table=table, function=Function.READ)  # type: ignore[call-arg]
    SessionService(stack, "Sessions", memorysize=256)  # type: ignore[call-arg]
    SessionService(stack, "Sessions", timeout=10)  # type: ignore[arg-type]
    service = SessionService(stack, "Sessions", table=table, settings=SessionSettings(), timeout=Duration.seconds(10))
    service.table.connect(function, service.settings)
    service.table.grant(function, access_patterns.VALIDATE, access_patterns.INCREMENT)
    return service
