"""CDK entry point: the stacks of the environment that `cdk deploy -c env=NAME` chooses."""

from __future__ import annotations

import sys

from aws_cdk import App

from session_store.errors import InvalidInputError
from stacks.environments import EnvironmentSettingsError, chosen_environment
from stacks.session_store_stack import SessionStoreStack


def add_stacks(app: App) -> SessionStoreStack:
    """Add the chosen environment's stack to the app.

    Raises:
        EnvironmentSettingsError: see `chosen_environment`.
        InvalidInputError: a setting is out of range.
    """
    environment = chosen_environment(app.node)
    return SessionStoreStack(app, f"SessionStore-{environment.name}", environment=environment)


def main() -> None:
    """Synthesize, or say in one line why that is not possible."""
    app = App()
    try:
        add_stacks(app)
    except (EnvironmentSettingsError, InvalidInputError) as error:
        sys.exit(f"error: {error}")
    app.synth()


if __name__ == "__main__":
    main()
