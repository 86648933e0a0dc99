"""Pages and user routes behind one CloudFront distribution. Browsers see one site with one cookie.

    cdk deploy --app "python3 app.py" -c table_name=...

The session table belongs to another stack, with the default rules.
"""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from session_store import SessionSettings
from session_store.cdk import SessionTable, SessionUserRoutes

THROTTLE = apigateway.ThrottleSettings(rate_limit=100, burst_limit=200)  # per second, all callers together


class Site(Stack):
    """Static pages, and the user routes below `/api`."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        name = str(self.node.get_context("table_name"))
        api = apigateway.HttpApi(self, "Api", create_default_stage=False)
        api.add_stage("Stage", auto_deploy=True, throttle=THROTTLE)
        site = cloudfront.Distribution(
            self,
            "Site",
            default_behavior=self.pages(),
            additional_behaviors={"/api/*": self.routes_of(api)},
        )
        origin = f"https://{site.distribution_domain_name}"
        SessionUserRoutes(
            self,
            "UserRoutes",
            api=api,
            table=SessionTable.from_table(dynamodb.TableV2.from_table_name(self, "SessionTable", name)),
            settings=SessionSettings(),
            prefix="/api",  # CloudFront forwards the whole path
            allowed_origins=[origin],  # for browsers that send no Sec-Fetch-Site
        )
        CfnOutput(self, "SiteUrl", value=origin)

    def pages(self) -> cloudfront.BehaviorOptions:
        """Static files. CloudFront caches them."""
        bucket = s3.Bucket(self, "Pages", block_public_access=s3.BlockPublicAccess.BLOCK_ALL, enforce_ssl=True)
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(bucket),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )

    def routes_of(self, api: apigateway.HttpApi) -> cloudfront.BehaviorOptions:
        """Requests with the browser's cookie, `Origin` and `Sec-Fetch-Site`. No response is cached."""
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(f"{api.api_id}.execute-api.{self.region}.{self.url_suffix}"),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # All headers except `Host`, by which API Gateway finds the API.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        )


if __name__ == "__main__":
    app = App()
    Site(app, "Site")
    app.synth()
