"""An HTTP API's own JWT authorizer for the tokens of an issuer. No function runs for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import jsii
from aws_cdk import Aspects, IAspect, Names
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct, IConstruct

from session_store import checks
from session_store.cdk.checks import check_type
from session_store.cdk.issuer import SessionIssuer
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER: Final = "$request.header.Authorization"
_WHERE: Final = "must be of an HTTP API that this app creates, so that its FailOnWarnings can be set"


@jsii.implements(IAspect)
class _AfterItsStages:
    """Lets the authorizer wait for the stages of the issuer's API. Without one the issuer does not answer."""

    def __init__(self, authorizer: apigateway.HttpAuthorizer, issuer: SessionIssuer) -> None:
        self._authorizer = authorizer
        self._issuer = issuer

    def visit(self, node: IConstruct) -> None:
        """CDK calls this for everything in the app."""
        if isinstance(node, apigateway.CfnStage) and node.api_id == self._issuer.api.api_id:
            self._authorizer.node.add_dependency(node)


@jsii.implements(apigateway.IHttpRouteAuthorizer)
class SessionJwtAuthorizer(Construct):
    """Lets requests with an issuer's access token through. API Gateway verifies it, and asks no function and no table.

        authorizer = SessionJwtAuthorizer(stack, "JwtAuthorizer", issuer=issuer, audiences=["orders"])
        api.add_routes(path="/orders", ..., authorizer=authorizer, authorization_scopes=["orders:read"])

    The integration finds the claims in `requestContext.authorizer.jwt`. API Gateway answers 401 to a token that is not
    good, and 403 to one without any of the route's scopes. It keeps the issuer's keys for up to 2 hours.

    An ended session stays usable until its token runs out, for the issuer's `ttl`. Where an end must count at once, use
    `SessionAuthorizer`.

    The issuer has to answer while the authorizer is created. So this waits for its routes and its stage, and sets the
    API's `FailOnWarnings`: otherwise CloudFormation would leave authorizer and routes out, and say nothing.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        issuer: makes the tokens. Its keys must be RSA keys: these authorizers take no other.
        audiences: the services whose tokens are let through, by default all of the issuer's.

    Raises:
        InvalidInputError: a prop is of another type, or the issuer's keys are for ES256. Also a ValueError.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, issuer: SessionIssuer, audiences: Sequence[str] | None = None
    ) -> None:
        super().__init__(scope, construct_id)
        self._issuer = check_type("issuer", issuer, SessionIssuer, "a SessionIssuer")
        self._audiences = issuer.audiences if audiences is None else checks.check_names("audiences", audiences)
        for audience in self._audiences:
            if audience not in issuer.audiences:
                raise InvalidInputError("audiences", "must be some of the issuer's", value=audience)
        if not self._audiences:
            raise InvalidInputError("audiences", "must name at least one")
        if issuer.algorithm != "RS256":
            raise InvalidInputError("issuer", "must have RSA keys: an HTTP API's JWT authorizer takes no other")
        self._of_apis: dict[str, apigateway.HttpAuthorizer] = {}

    def bind(
        self,
        *,
        route: apigateway.IHttpRoute,
        scope: Construct,  # noqa: ARG002 - CDK passes it
    ) -> apigateway.HttpRouteAuthorizerConfig:
        """Attach to a route. CDK calls this. Each API gets one authorizer resource, however many routes it has.

        Raises:
            InvalidInputError: the route's API is imported, or no HTTP API. Also a ValueError.
        """
        try:
            api = cast("Construct", route.http_api)
            address = api.node.addr
        except RuntimeError:  # jsii's: a WebSocket API has none
            raise InvalidInputError("authorizer", _WHERE) from None
        found = self._of_apis.get(address)
        if found is None:
            found = self._of_apis[address] = self._new_authorizer(api)
        return apigateway.HttpRouteAuthorizerConfig(authorization_type="JWT", authorizer_id=found.authorizer_id)

    def _new_authorizer(self, api: Construct) -> apigateway.HttpAuthorizer:
        resource = api.node.default_child
        if not isinstance(resource, apigateway.CfnApi):
            raise InvalidInputError("authorizer", _WHERE)
        resource.fail_on_warnings = True
        made = apigateway.HttpAuthorizer(
            api,
            Names.node_unique_id(self.node),
            authorizer_name=self.node.id,
            http_api=cast("apigateway.IHttpApi", api),
            identity_source=[_HEADER],
            type=apigateway.HttpAuthorizerType.JWT,
            jwt_issuer=self._issuer.issuer,
            jwt_audience=list(self._audiences),
        )
        made.node.add_dependency(*self._issuer.document_routes)
        Aspects.of(self.node.root).add(_AfterItsStages(made, self._issuer))
        return made
