"""The findings of the rule packs in the templates of every environment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, NamedTuple

from aws_cdk import App, Environment, Stack, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks
from constructs import Construct

from app import add_stacks
from local.embedded_aws import REGION
from local.locked_environment import locked_environment
from local.paths import WORK, tool_environment
from session_store import SessionSettings
from session_store.cdk import LargeDataBucket, SessionAuthorizer, SessionTable, ValidationCacheCluster
from session_store.cdk.props import FunctionProps, LargeDataProps
from session_store.cdk.store_props import StoreProps
from session_store.cdk.takes import of
from tests.infra.templates import CONTEXT, ENVIRONMENTS
from tests.least_privilege.roles import add_constructs
from tests.rules.rule_exceptions import RuleException
from tests.support import prop_values as values

_METADATA: Final = {"aws:cdk:enable-path-metadata": True}  # construct paths for what is found in a template


_PUBLIC_CLIENT: Final = {"client_secret": None}  # so that there is the secret of cookies, too


class Finding(NamedTuple):
    """One rule that one resource of one environment breaks."""

    environment: str
    rule: str
    path: str  # of the construct, its stack named without the environment

    def is_explained_by(self, exception: RuleException) -> bool:
        """Whether the exception is about this."""
        known = self.rule in exception.rules and self.environment in exception.environments
        return known and fnmatchcase(self.path, exception.where)


class Findings(NamedTuple):
    """All findings, cdk-nag's packs that said so per environment, and the templates that the other tools read.

    `of_application` are the findings in an application with every construct, held to the rules of `prod`. It has four
    stacks: `Application` gives no props, `WithProps` and `WithOtherProps` all of them. `WithCache` is a function with a
    cache of validations, in a network made for it.
    """

    found: tuple[Finding, ...]
    of_application: tuple[Finding, ...]
    packs: Mapping[str, tuple[str, ...]]
    files: tuple[Path, ...]


def collect(folder: Path) -> Findings:
    """Synthesize every environment and the application, and run every tool once over all; takes half a minute."""
    reports = {name: _synthesize(folder / name, CONTEXT | {"env": name}, add_stacks) for name in ENVIRONMENTS}
    files = tuple(sorted(folder.glob("*/*.template.json")))
    application = folder / "application" / "prod"
    nag_of_application = _nag("prod", _synthesize(application, {}, _add_application))
    in_files = _in_files([*files, *application.glob("*.template.json")])
    nag = [finding for environment, report in reports.items() for finding in _nag(environment, report)]
    return Findings(
        tuple(sorted({*nag, *(finding for file, finding in in_files if file in files)})),
        tuple(sorted({*nag_of_application, *(finding for file, finding in in_files if file not in files)})),
        {name: tuple(pack["pluginName"] for pack in report) for name, report in reports.items()},
        files,
    )


def _add_application(app: App) -> None:
    region = Environment(region=REGION)
    add_constructs(Stack(app, "Application", env=region), events={}, sign_in=_PUBLIC_CLIENT)
    others = values.IN_PLACE_OF_PROVISIONED_EXECUTIONS | values.IN_PLACE_OF_REQUEST_UNITS
    for name, given in (("WithProps", {}), ("WithOtherProps", others)):
        stack = Stack(app, name, env=region)
        made = Construct(stack, "Values")
        props = values.of_service(made) | values.PROTECTED | given
        functions = of(StoreProps, props)
        events = of(FunctionProps, props) | {"queue_encryption_key": values.key(made, "queue")}
        bucket = LargeDataBucket(stack, "LargeData", **of(LargeDataProps, events))
        add_constructs(
            stack,
            service={**props, "large_data": bucket},
            events=events,
            authorizer=functions,
            user_routes=functions,
            sign_in=_PUBLIC_CLIENT | functions,
        )
    stack = Stack(app, "WithCache", env=region)
    cache = ValidationCacheCluster(stack, "Cache")
    table = SessionTable(stack, "Table")
    SessionAuthorizer(stack, "Authorizer", table=table, settings=SessionSettings(), validation_cache=cache)


def unexplained(found: Sequence[Finding], exceptions: Sequence[RuleException]) -> list[Finding]:
    """The findings without an exception."""
    return [finding for finding in found if not any(finding.is_explained_by(exception) for exception in exceptions)]


def unused(found: Sequence[Finding], exceptions: Sequence[RuleException]) -> list[tuple[str, str]]:
    """Rule and environment of every exception that explains nothing there."""
    result = []
    for each in exceptions:
        used = {(finding.rule, finding.environment) for finding in found if finding.is_explained_by(each)}
        result += [pair for rule in each.rules for name in each.environments if (pair := (rule, name)) not in used]
    return result


def _synthesize(folder: Path, context: Mapping[str, Any], add: Callable[[App], object]) -> list[dict[str, Any]]:
    """Synthesize into the folder; the reports of cdk-nag's packs."""
    app = App(outdir=str(folder), context={**context, **_METADATA}, builtin_cloud_formation_validation=False)
    add(app)
    for pack in (AwsSolutionsChecks, ServerlessChecks, NIST80053R5Checks):
        Validations.of(app).add_plugins(pack(app))
    with suppress(RuntimeError):  # findings are errors to the CDK; what they are worth is for the exceptions to say
        app.synth()
    reports: list[dict[str, Any]] = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    return reports


def _nag(environment: str, report: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for violation in (violation for pack in report for violation in pack["violations"]):
        for construct in violation["violatingConstructs"]:
            yield _finding(environment, violation["ruleName"], str(construct["constructPath"]))


def _in_files(files: Sequence[Path]) -> list[tuple[Path, Finding]]:
    """The findings of the tools that read templates. Both run at the same time."""
    programs = locked_environment("rules", python_versions=">=3.11")
    with ThreadPoolExecutor() as pool:
        lint, checkov = pool.map(lambda run: list(run(programs, files)), (_cfn_lint, _checkov))
    return [*lint, *checkov]


def _cfn_lint(programs: Path, files: Sequence[Path]) -> Iterator[tuple[Path, Finding]]:
    for problem in _json_of(programs / "cfn-lint", "--format", "json", *files):
        path = problem["Location"]["Path"]
        yield _in_template(Path(problem["Filename"]), problem["Rule"]["Id"], path[1] if len(path) > 1 else "")


def _checkov(programs: Path, files: Sequence[Path]) -> Iterator[tuple[Path, Finding]]:
    options = ("--framework", "cloudformation", "--output", "json", "--compact", "--quiet", "--skip-download")
    report = _json_of(programs / "checkov", *options, *(part for file in files for part in ("--file", file)))
    assert report["summary"]["parsing_errors"] == 0
    by_name = {f"{file.parent.name}/{file.name}": file for file in files}
    for check in report["results"]["failed_checks"]:
        file = by_name["/".join(Path(check["file_path"]).parts[-2:])]
        yield _in_template(file, check["check_id"], check["resource"].rpartition(".")[2])


def _json_of(*command: str | Path) -> Any:
    done = subprocess.run(command, capture_output=True, text=True, env=tool_environment(WORK / "home"), check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def _in_template(file: Path, rule: str, logical_id: str) -> tuple[Path, Finding]:
    resource = json.loads(file.read_text())["Resources"].get(logical_id, {})
    return file, _finding(file.parent.name, rule, resource.get("Metadata", {}).get("aws:cdk:path", logical_id))


def _finding(environment: str, rule: str, path: str) -> Finding:
    return Finding(environment, rule, path.replace(f"-{environment}/", "/", 1))
