"""CDK constructs of the session service. Needs the extra `cdk`.

    from session_store.cdk import SessionService

    service = SessionService(stack, "Sessions")
    service.table.grant_validate(my_function)

`SessionService` is made of `SessionTable`, one `SessionFunction` per group of routes and `SessionApi`. Each works
alone. `SessionUserRoutes` and `SessionAuthorizer` go onto the application's own HTTP APIs, the second also onto its
REST APIs. `OidcRoutes` signs users in with an identity provider. `SessionIssuer` makes access tokens, which
`SessionJwtAuthorizer` lets through. `SessionEvents` puts sessions' lifecycle events on an event bus.
`SessionMonitoring` adds alarms and a dashboard. `DataEncryption` encrypts sessions' data, and `LargeDataBucket` is for
data that is too large for the table. `code_with_library` puts the library beside the code of the
application's own functions. The types of their arguments are here as well. `Function` names the functions,
`grant_invoke` takes one of the `BACKEND_ROUTES`, and `grant` takes one of the `access_patterns`. `AccessPattern`,
`Operation` and `Resource` make patterns of your own.
"""

try:
    import aws_cdk  # noqa: F401 - to say what is missing before anything else does
except ModuleNotFoundError as error:
    raise ImportError(
        "session_store.cdk needs aws-cdk-lib: install the extra, from a checkout with pip install '.[cdk]'"
    ) from error

from session_store.catalog import access_patterns
from session_store.catalog.functions import Function
from session_store.catalog.pattern import AccessPattern, Operation, Resource
from session_store.catalog.routes import BACKEND_ROUTES
from session_store.cdk.api import SessionApi
from session_store.cdk.authorizer import SessionAuthorizer
from session_store.cdk.code import code_with_library
from session_store.cdk.cognito import CognitoSignIn
from session_store.cdk.data_encryption import DataEncryption
from session_store.cdk.events import SessionEvents
from session_store.cdk.function import SessionFunction
from session_store.cdk.grants import SessionTableGrants
from session_store.cdk.issuer import SessionIssuer
from session_store.cdk.issuer_keys import LocalKey
from session_store.cdk.jwt_authorizer import SessionJwtAuthorizer
from session_store.cdk.large_data_bucket import LargeDataBucket
from session_store.cdk.monitoring import SessionMonitoring
from session_store.cdk.oidc_routes import OidcRoutes
from session_store.cdk.operator_policies import SessionOperatorPolicies
from session_store.cdk.service import SessionService
from session_store.cdk.table import SessionTable
from session_store.cdk.user_routes import SessionUserRoutes
from session_store.cdk.validation_cache import ValidationCacheCluster
from session_store.cdk.wheels import Libraries, LibrariesUnavailableError

__all__ = [
    "BACKEND_ROUTES",
    "AccessPattern",
    "CognitoSignIn",
    "DataEncryption",
    "Function",
    "LargeDataBucket",
    "Libraries",
    "LibrariesUnavailableError",
    "LocalKey",
    "OidcRoutes",
    "Operation",
    "Resource",
    "SessionApi",
    "SessionAuthorizer",
    "SessionEvents",
    "SessionFunction",
    "SessionIssuer",
    "SessionJwtAuthorizer",
    "SessionMonitoring",
    "SessionOperatorPolicies",
    "SessionService",
    "SessionTable",
    "SessionTableGrants",
    "SessionUserRoutes",
    "ValidationCacheCluster",
    "access_patterns",
    "code_with_library",
]
