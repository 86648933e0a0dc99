"""The demo's stack: an application of its own on the service's table, as users of the constructs write it.

With lifecycle events there is a consumer of them, too: the example that sends an e-mail about each new sign-in.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import CfnOutput, CliCredentialsStackSynthesizer, Duration, RemovalPolicy, Stack, Stage, Tags
from aws_cdk import Environment as AwsEnvironment
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

import demo
from demo.app import ROUTES
from demo.provider import ORIGIN_VARIABLE
from examples.new_sign_in.app import NewSignInMails
from session_store.cdk.bundle import library_files, stage_files
from stacks.environments import EnvironmentSettingsError

if TYPE_CHECKING:
    from constructs import Construct

    from session_store.cdk import SessionEvents, SessionService
    from stacks.environments import Environment

ALLOWED_ENVIRONMENTS: Final = ("local", "dev")
"""Environments in which every visitor may sign in as any customer. The demo's identity provider believes every name."""

_FOLDER: Final = Path(demo.__file__).parent
_TIMEOUT_SECONDS: Final = 10
_SUFFIXES: Final = (".css", ".html", ".js", ".py", ".svg")


class DemoStack(Stack):
    """The demo application: one function behind an HTTP API of its own.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        environment: with `demo`.
        service: whose table and rules it uses.
        events: the lifecycle events, None for none, and then for no mails.
        cognito_endpoint: the embedded AWS whose Cognito signs in, None where any name does.

    Outputs:
        DemoUrl: where the demo answers.
        MailsLog: the log group with the mails.
        UserPoolId: with Cognito, the pool of the users.

    Attributes:
        function: the function behind the pages.

    Raises:
        EnvironmentSettingsError: the environment is not one of those that may have it, or it keeps its data.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        service: SessionService,
        events: SessionEvents | None,
        cognito_endpoint: str | None = None,
    ) -> None:
        _refuse_where_users_are(environment)
        super().__init__(
            scope,
            construct_id,
            description=f"Session store demo ({environment.name})",
            env=AwsEnvironment(account=environment.account, region=environment.region),
            synthesizer=CliCredentialsStackSynthesizer() if environment.cli_credentials else None,
            tags=environment.tags,
        )
        self._routes = [route for route in ROUTES if not (cognito_endpoint and route.without_provider)]
        self.function = self._function(environment, service)
        api = apigateway.HttpApi(self, "Api", create_default_stage=False)
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=api,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=environment.props["throttling_rate_limit"],
                burst_limit=environment.props["throttling_burst_limit"],
            ),
        )
        self._add_routes(api)
        for key, value in environment.demo_api_tags.items():
            Tags.of(api).add(key, value)
        CfnOutput(self, "DemoUrl", value=stage.url)
        if cognito_endpoint is not None:
            self._add_cognito(api, service, cognito_endpoint)
        if events is not None:
            kept = environment.props["log_retention"]
            mails = NewSignInMails(self, "Mails", service=service, bus=events.bus, log_retention=kept)
            CfnOutput(self, "MailsLog", value=mails.log_group.log_group_name)

    def _add_cognito(self, api: apigateway.HttpApi, service: SessionService, endpoint: str) -> None:
        from stacks.demo_cognito import DemoCognito  # noqa: PLC0415 - no other deployment so much as loads it

        cognito = DemoCognito(self, "Cognito", api=api, service=service, endpoint=endpoint)
        self.function.add_environment(ORIGIN_VARIABLE, endpoint)
        CfnOutput(self, "UserPoolId", value=cognito.user_pool.user_pool_id)

    def _function(self, environment: Environment, service: SessionService) -> lambda_.Function:
        log_group = logs.LogGroup(
            self, "Logs", retention=environment.props["log_retention"], removal_policy=RemovalPolicy.DESTROY
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        function = lambda_.Function(
            self,
            "Pages",
            description="Session store: demo",
            runtime=environment.props["runtime"],
            architecture=environment.props["architecture"],
            code=self._code(),
            handler="demo.development.app.handler",
            role=role,
            memory_size=environment.props["memory_size"],
            timeout=Duration.seconds(_TIMEOUT_SECONDS),
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=environment.props["log_level"],
        )
        service.table.connect(function, service.settings, request_lines=True)
        patterns = {pattern for route in self._routes for pattern in route.patterns}
        service.table.grant(function, *patterns, customer_known=True)
        if service.large_data is not None:
            service.large_data.connect(function, service.table)
        if service.settings.max_sessions_per_customer is not None:
            service.table.grant_limit_sessions(function)
        return function

    def _code(self) -> lambda_.Code:
        stage = cast("Stage", Stage.of(self))
        return lambda_.Code.from_asset(str(stage_files(demo_files(), Path(stage.asset_outdir))))

    def _add_routes(self, api: apigateway.HttpApi) -> None:
        integration = HttpLambdaIntegration("Pages", self.function)
        for route in self._routes:
            apigateway.HttpRoute(
                self, _construct_id(route.key), http_api=api, route_key=_route_key(route.key), integration=integration
            )


def demo_files() -> dict[str, bytes]:
    """The function's code, path in the archive to content: the library, and the demo."""
    own = {
        f"{_FOLDER.name}/{path.relative_to(_FOLDER).as_posix()}": path.read_bytes()
        for path in _FOLDER.rglob("*")
        if path.suffix in _SUFFIXES
    }
    return dict(sorted({**library_files(), **own}.items()))


def _construct_id(key: str) -> str:
    return "".join(word.title() for word in re.findall(r"[a-zA-Z]+", key))


def _route_key(key: str) -> apigateway.HttpRouteKey:
    method, _, path = key.partition(" ")
    return (
        apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod[method]) if path else apigateway.HttpRouteKey.DEFAULT
    )


def _refuse_where_users_are(environment: Environment) -> None:
    keeps = environment.props["removal_policy"] is not RemovalPolicy.DESTROY or environment.table_name is not None
    guarded = keeps or environment.props["deletion_protection"] or environment.termination_protection
    if environment.name not in ALLOWED_ENVIRONMENTS or guarded:
        raise EnvironmentSettingsError(
            f"environment {environment.name!r}: demo must not be true: it lets every visitor sign in as any customer. "
            f"It is for the environments {' and '.join(ALLOWED_ENVIRONMENTS)}, "
            "as long as these keep no data, and have a table of their own"
        )
