"""CDK entry point: the stacks of the environment that `cdk deploy -c env=NAME` chooses."""

from __future__ import annotations

import sys

from aws_cdk import App, Stage

from session_store.errors import InvalidInputError
from stacks.environments import EnvironmentSettingsError, chosen_environment
from stacks.identity_provider import chosen_endpoint
from stacks.session_store_stack import SessionStoreStack


def add_stacks(app: Stage) -> SessionStoreStack:
    """Add the chosen environment's stacks to the app, or to a stage of it: the service, and the demo where it is on.

    Returns:
        The service's stack.

    Raises:
        EnvironmentSettingsError: see `chosen_environment`, `chosen_endpoint` and `DemoStack`.
        InvalidInputError: a setting is out of range.
    """
    environment = chosen_environment(app.node)
    cognito_endpoint = chosen_endpoint(app.node, environment)
    stack = SessionStoreStack(app, f"SessionStore-{environment.name}", environment=environment)
    if environment.demo:
        from stacks.demo_stack import DemoStack  # noqa: PLC0415 - no other environment so much as loads it

        DemoStack(
            app,
            f"SessionStoreDemo-{environment.name}",
            environment=environment,
            service=stack.service,
            events=stack.events,
            cognito_endpoint=cognito_endpoint,
        )
    return stack


def main() -> None:
    """Synthesize, or say in one line why that is not possible."""
    # It costs seconds at each synth; the tests hold the templates to CDK's own rules, cfn-lint and checkov.
    app = App(builtin_cloud_formation_validation=False)
    try:
        add_stacks(app)
    except (EnvironmentSettingsError, InvalidInputError) as error:
        sys.exit(f"error: {error}")
    app.synth()


if __name__ == "__main__":
    main()
