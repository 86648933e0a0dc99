"""The functions that there are, the service's and the demo's, and what each is documented to need."""

from __future__ import annotations

from enum import StrEnum
from itertools import chain
from typing import Final, NamedTuple

from demo.app import ROUTES
from session_store.catalog.access_patterns import LIMIT_SESSIONS
from session_store.catalog.access_tokens import BY_KEY
from session_store.catalog.functions import Function
from session_store.catalog.lifecycle import BY_LAMBDA
from session_store.catalog.pattern import Resource
from session_store.catalog.permissions import permissions_of
from session_store.catalog.sign_in import BY_SECRET

DEMO: Final = "demo"
# The one that deletes objects is there with large data alone: `tests/infra/test_large_data_bucket.py`.
FUNCTIONS: Final[tuple[str, ...]] = (*(each.value for each in Function if each is not Function.DELETE_OBJECTS), DEMO)
SESSION_LIMIT: Final = 3  # under the strict rules


class Rules(StrEnum):
    """Which rules a deployed system has: the default ones, or all that there are (`strict_app.py`)."""

    DEFAULT = "default"
    STRICT = "strict"


class DeployedFunction(NamedTuple):
    """A function of a deployed system."""

    rules: Rules
    name: str

    def __str__(self) -> str:
        return self.name if self.rules is Rules.DEFAULT else f"{self.name}-{self.rules}"


# Those that do more under the strict rules, whether or not AWS has to allow more for it.
STRICTER: Final = (Function.CREATE, Function.USER_SESSION, Function.USER_SESSIONS, Function.AUTHORIZER, DEMO)
DEPLOYED_FUNCTIONS: Final = (
    *(DeployedFunction(Rules.DEFAULT, function) for function in FUNCTIONS),
    *(DeployedFunction(Rules.STRICT, function) for function in STRICTER),
)


SIGNING_KEY: Final = Resource("signing key")
CLIENT_SECRET: Final = Resource("client's secret")


def by_lambda(function: DeployedFunction) -> frozenset[tuple[str, Resource]]:
    """The permissions that Lambda needs under a role to call it. The embedded AWS reads streams without a role."""
    return BY_LAMBDA if function.name == Function.LIFECYCLE_EVENTS else frozenset()


def documented(function: DeployedFunction) -> frozenset[tuple[str, Resource]]:
    """The permissions that a function's code needs: for its routes, for events, to sign, to read a secret."""
    has_limit = function.rules is Rules.STRICT
    if function.name != DEMO:
        known = Function(function.name)
        of_keys = {(BY_KEY[known], SIGNING_KEY)} if known in BY_KEY else set()
        of_secrets = {(BY_SECRET[known], CLIENT_SECRET)} if known in BY_SECRET else set()
        return permissions_of(known, session_limit=has_limit) - by_lambda(function) | of_keys | of_secrets
    patterns = {pattern for route in ROUTES for pattern in route.patterns} | ({LIMIT_SESSIONS} if has_limit else set())
    return frozenset(chain.from_iterable(each.permissions(customer_known=True) for each in patterns))
