"""No rule pack finds anything that is not explained, and nothing is explained that is not found."""

from __future__ import annotations

import pytest

from local.embedded_aws import REGION
from session_store.catalog.pattern import ANY_SESSION_ID
from session_store.catalog.routes import USER_ROUTES
from session_store.catalog.sign_in import FORM_CALLBACK_ROUTE, SIGN_IN_ROUTES
from tests.infra.templates import ENVIRONMENTS
from tests.rules.findings import Finding, Findings, collect, unexplained, unused
from tests.rules.rule_exceptions import EVERY_ENVIRONMENT, RULE_EXCEPTIONS
from tests.support.figures import Count

pytestmark = pytest.mark.proof  # two programs look at eight templates

STACKS = ("Application", "WithProps", "WithOtherProps")
# By a VPC, keys, Python 3.14, tracing, a queue and reserved concurrency.
MENDED = {
    *("AwsSolutions-L1", "Serverless-LambdaLatestVersion"),
    *("NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117"),
    *("NIST.800.53.R5-CloudWatchLogGroupEncrypted", "CKV_AWS_158", "CKV_AWS_173"),
    *("NIST.800.53.R5-LambdaDLQ", "Serverless-LambdaDLQ", "CKV_AWS_116"),
    *("NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115"),
    *("Serverless-LambdaTracing", "CKV_AWS_27"),
}

EC2 = f"arn:<AWS::Partition>:ec2:{REGION}:<AWS::AccountId>"
# Of the secret of cookies: another value, or key, would save nothing, since attempts live for 10 minutes.
# For rules that insist an application gives a `cookie_secret` of its own.
OF_THE_SECRET = {
    *("AwsSolutions-SMG4", "NIST.800.53.R5-SecretsManagerRotationEnabled"),
    *("NIST.800.53.R5-SecretsManagerUsingKMSKey", "CKV_AWS_149"),
}
# A network that is made for a cache. An application gives its own one, with flow logs and no use of its default group.
OF_A_MADE_NETWORK = {
    *("AwsSolutions-VPC7", "NIST.800.53.R5-VPCFlowLogsEnabled"),
    "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
}
# Deleted data has to be gone, so that there are neither versions nor copies. S3 writes access logs into no bucket under
# a key in KMS, and that bucket would write about itself. The queue is where failures go.
_BOTH = {"Resource/Resource", "AccessLog/Resource"}
OF_BUCKETS = {
    "CKV_AWS_21": _BOTH,
    "NIST.800.53.R5-S3BucketVersioningEnabled": _BOTH,
    "NIST.800.53.R5-S3BucketReplicationEnabled": _BOTH,
    **{rule: {"AccessLog/Resource"} for rule in ("CKV_AWS_18", "NIST.800.53.R5-S3DefaultEncryptionKMS")},
    **{rule: {"Deletion/Parking/Resource"} for rule in ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")},
}
# The end of the resource of a permission on the objects of any one session.
ANY_OBJECT = f"/{ANY_SESSION_ID}/*]"
WILDCARDS = {f"AwsSolutions-IAM5[Resource::{each}]" for each in ("*", f"{EC2}:*/*", f"{EC2}:network-interface/*")}


@pytest.fixture(scope="session")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return collect(tmp_path_factory.mktemp("templates"))


@pytest.mark.shows("Lambda.3", "Lambda.7")
def test_every_finding_has_a_written_reason(findings: Findings, count: Count) -> None:
    without_a_reason = unexplained(findings.found, RULE_EXCEPTIONS)
    count("rule packs, unexplained", len(without_a_reason))
    count("rule packs, findings with a written reason", len(findings.found) - len(without_a_reason))
    assert without_a_reason == []


def test_every_reason_is_for_something_that_is_found(findings: Findings) -> None:
    assert unused(findings.found, RULE_EXCEPTIONS) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_pack_has_looked_at_every_environment(findings: Findings, environment: str) -> None:
    assert set(findings.packs[environment]) == {"AwsSolutions", "Serverless", "NIST.800.53.R5"}
    for prefix in ("AwsSolutions-", "Serverless-", "NIST.", "CKV_", "W3"):
        found = (finding for finding in findings.found if finding.environment == environment)
        assert any(finding.rule.startswith(prefix) for finding in found), prefix


def test_every_stack_is_looked_at_the_demo_included(findings: Findings) -> None:
    expected = {f"SessionStore-{name}" for name in ENVIRONMENTS} | {"SessionStoreDemo-local", "SessionStoreDemo-dev"}
    assert {file.name.partition(".")[0] for file in findings.files} == expected
    assert set(EVERY_ENVIRONMENT) == set(ENVIRONMENTS)


@pytest.fixture(scope="module")
def of_application(findings: Findings) -> list[Finding]:
    """The findings in an application's stacks, except those in the API, which is its own."""
    return [each for each in findings.of_application if not each.path.partition("/")[2].startswith("Api/")]


def test_the_constructs_bring_an_application_no_further_finding_but_open_routes_and_the_secret_of_cookies(
    of_application: list[Finding],
) -> None:
    # For browsers, which cannot sign; that their handlers validate is shown in `tests/infra/test_security_rules.py`.
    routes = [f"UserRoutes/{route.operation_id}" for route in USER_ROUTES]
    routes += [f"SignIn/{route.operation_id}" for route in SIGN_IN_ROUTES if route is not FORM_CALLBACK_ROUTE]
    paths = {f"{stack}/{route}/Resource" for stack in STACKS for route in routes}

    assert len(of_application) > 100
    found = unexplained(of_application, RULE_EXCEPTIONS)
    assert {each.path for each in found if each.rule == "AwsSolutions-APIG4"} == paths
    # Resources for which AWS has nothing narrower, see `docs/least-privilege.md`.
    found = [each for each in found if each.rule not in OF_BUCKETS and not each.rule.endswith(ANY_OBJECT)]
    others = {(each.path.partition("/")[0], each.rule) for each in found if each.rule != "AwsSolutions-APIG4"}
    of_props = {(stack, rule) for stack in (*STACKS[1:], "WithCache") for rule in WILDCARDS}
    of_props |= {("WithCache", rule) for rule in OF_A_MADE_NETWORK}
    assert others == of_props | {(stack, rule) for stack in STACKS for rule in OF_THE_SECRET}
    assert {each.path.partition("/")[2] for each in found if each.rule in OF_THE_SECRET} == {
        "SignIn/CookieSecret/Resource"
    }


def test_large_data_brings_findings_about_versions_copies_and_what_is_itself_an_end(
    of_application: list[Finding],
) -> None:
    found = [each for each in unexplained(of_application, RULE_EXCEPTIONS) if "/LargeData/" in each.path]
    rules = {
        rule: {each.path.partition("/LargeData/")[2] for each in found if each.rule == rule} for rule in OF_BUCKETS
    }

    assert rules == OF_BUCKETS
    assert {each.rule for each in found if not each.rule.endswith(ANY_OBJECT)} == OF_BUCKETS.keys() | WILDCARDS


def test_props_mend_what_the_rules_find_in_an_application_without_them(of_application: list[Finding]) -> None:
    rules = {stack: {each.rule for each in of_application if each.path.startswith(f"{stack}/")} for stack in STACKS}

    assert rules["Application"] >= MENDED
    assert rules["WithProps"].isdisjoint(MENDED)
    assert rules["WithOtherProps"].isdisjoint(MENDED)


def test_a_finding_loses_its_reason_with_its_exception(findings: Findings) -> None:
    for exception in RULE_EXCEPTIONS:
        others = [other for other in RULE_EXCEPTIONS if other is not exception]
        assert {finding.rule for finding in unexplained(findings.found, others)} == set(exception.rules)


def test_an_exception_for_another_place_explains_nothing(findings: Findings) -> None:
    elsewhere = [exception._replace(where="Elsewhere/*") for exception in RULE_EXCEPTIONS]
    assert unexplained(findings.found, elsewhere) == list(findings.found)
    assert len(unused(findings.found, elsewhere)) >= len(elsewhere)
