"""The diagnosis, of one account and region or of many, as rows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.aws.advice import advice_for
from session_store.aws.diagnosis import Finding, Parts, Severity
from session_store.aws.diagnosis import diagnose as findings_about
from session_store.catalog.lifecycle import PARKING_QUEUE
from session_store.catalog.operator_policies import POLICIES
from session_store.catalog.pattern import AccessPattern, When
from session_store.cli.connect import name_of_bucket, name_of_table
from session_store.cli.exits import Exit, Failure, is_of_the_sdk
from session_store.cli.output import Format
from session_store.cli.progress import progress
from session_store.cli.redrive.names import find_names
from session_store.errors import StoreConfigurationError
from session_store.large_data.settings import LargeDataSettings
from session_store.settings import LARGE_DATA_BUCKET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from session_store.aws.advice import Advice
    from session_store.aws.sessions import AwsSessions
    from session_store.aws.targets import FanOutOptions
    from session_store.catalog.pattern import Resource
    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer
    from session_store.cli.places import Place

_OF_COMMAND: Final = "session-store "
_AS_THEY: Final = "Set the variables SESSION_... as the functions have them"
_ROLE: Final = ":role/"


class Wanted(NamedTuple):
    """The things that are looked at.

    Attributes:
        place: where the table is, if there is one.
        account: the account that the credentials should be of, None for any.
        commands: names of policies whose permissions are looked at.
        parts: that the environment variables name, beside the table.
        troubles: what is wrong with these variables.
    """

    place: Place
    account: str | None
    commands: Sequence[str]
    parts: Parts
    troubles: Sequence[Finding]


def diagnose(connection: Connection, printer: Printer, commands: Sequence[str], regions: Sequence[str]) -> Exit:
    """Print what is found, as it is found.

    Args:
        connection: made for a diagnosis.
        printer: where to.
        commands: names of policies whose permissions are looked at.
        regions: to look into. Empty: that of the connection.

    Raises:
        Failure: several accounts without a role, or a role without an account.
    """
    found: set[str] = set()
    rows = _noted(_rows(connection, commands, regions), found)
    if printer.format is Format.TABLE:
        from session_store.cli import terminal  # noqa: PLC0415 - it loads rich, which only a terminal needs

        terminal.show_findings(rows)
    else:
        printer.rows(rows, (), none="")
    return Exit.MISCONFIGURED if Severity.ERROR in found else Exit.DONE


def _noted(rows: Iterable[dict[str, Any]], severities: set[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        severities.add(row["severity"])
        yield row


def _rows(connection: Connection, commands: Sequence[str], regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    aws, role = connection.aws, connection.chosen.role
    accounts = connection.place.account.split(",") if connection.place.account else []
    if role is None and len(accounts) > 1:
        raise Failure("Several accounts need --role, the name of a role that each of them has.", Exit.USAGE)
    expected = accounts[0] if accounts and role is None else None
    wanted = Wanted(connection.place, expected, commands, *_parts(connection))
    options: FanOutOptions = {"regions": regions} if regions else {}
    if role is not None:
        options |= {"role": role.rpartition(_ROLE)[2], "accounts": accounts or [_account_of(role)]}
    if not options:
        return (_row(None, aws.region, finding) for finding in _findings(aws, wanted))
    return _in_many(aws, wanted, options)


def _parts(connection: Connection) -> tuple[Parts, list[Finding]]:
    """The keys of the data and the cache that the variables name, and what is wrong with them."""
    parts, troubles = Parts(), []
    try:
        if (encryption := connection.encryption_settings) is not None:
            parts = parts._replace(keys=encryption.kms_keys)
    except StoreConfigurationError as error:
        troubles.append(Finding(Severity.ERROR, "The encryption is not as the functions have it", str(error), _AS_THEY))
    try:
        if os.environ.get(LARGE_DATA_BUCKET):
            parts = parts._replace(bucket_owner=LargeDataSettings.from_environment().expected_bucket_owner)
    except StoreConfigurationError as error:
        troubles.append(Finding(Severity.ERROR, "Large data is not as the functions have it", str(error), _AS_THEY))
    try:
        parts = parts._replace(cache=connection.validation_cache)
    except StoreConfigurationError as error:
        troubles.append(Finding(Severity.ERROR, "The cache cannot be looked at", str(error), _AS_THEY))
    return parts, troubles


def _account_of(role: str) -> str:
    if _ROLE not in role:
        raise Failure("--role: give the role's ARN, or --account beside its name.", Exit.USAGE)
    return role.split(":")[4]


def _in_many(aws: AwsSessions, wanted: Wanted, options: FanOutOptions) -> Iterator[dict[str, Any]]:
    """The rows of each account and region, once all of its findings are there."""
    with progress("Looking into", unit="places") as tally:
        options["on_progress"] = lambda done, _: tally.add(done - tally.count)
        for outcome in aws.fan_out(lambda target: list(_findings(target, wanted)), **options):
            findings = outcome.value or []
            if outcome.advice is not None:
                findings = [_failed("The diagnosis failed", outcome.advice)]
            if outcome.skipped:
                findings = [Finding(Severity.NOTE, "Skipped", outcome.skipped)]
            for finding in findings:
                yield _row(outcome.account, outcome.region, finding)


def _findings(aws: AwsSessions, wanted: Wanted) -> Iterator[Finding]:
    table, trouble = _table(aws, wanted.place)
    patterns = [_pattern(name) for name in wanted.commands] if table else []
    well = True
    arns = _arns(aws, wanted.place, patterns)
    parts = wanted.parts._replace(bucket=_bucket(aws, wanted.place) if table else None)
    for finding in findings_about(aws, table=table, parts=parts, patterns=patterns, arns=arns):
        well = well and finding.severity is not Severity.ERROR
        yield _with_policy(finding)
    yield from wanted.troubles
    if trouble:
        yield trouble
    if wanted.account is not None and well and (actual := aws.account) != wanted.account:
        why = f"The credentials are of {actual}, and {wanted.account} is expected"
        yield Finding(Severity.ERROR, "This is another account", why, "Choose another --profile")


def _arns(aws: AwsSessions, place: Place, patterns: Sequence[AccessPattern]) -> dict[Resource, str]:
    """Of the parking queue and the bus, if a command needs them and something names them."""
    needed = {resource for pattern in patterns for _, resource in pattern.permissions()}
    if PARKING_QUEUE not in needed or aws.region is None:
        return {}
    try:
        names = find_names(aws, place, None, None)
    except Exception as error:
        if not isinstance(error, Failure) and not is_of_the_sdk(error):
            raise
        return {}
    return names.arns(aws.session.get_partition_for_region(aws.region), aws.region)


def _bucket(aws: AwsSessions, place: Place) -> str | None:
    """That of large data. The stack has just said the table's name, so it says the bucket's."""
    try:
        return name_of_bucket(aws, place)
    except Exception as error:
        if not is_of_the_sdk(error):
            raise
        return None


def _table(aws: AwsSessions, place: Place) -> tuple[str | None, Finding | None]:
    """The table's name, or what is wrong with the stack that should name it."""
    if place.table is None and place.stack is None:
        return None, None
    try:
        return name_of_table(aws, place), None
    except Failure as failure:
        return None, Finding(Severity.ERROR, failure.message, "The stack is of another app, or older")
    except Exception as error:
        if not is_of_the_sdk(error):
            raise
        return None, _failed(f"The stack {place.stack} does not say the table's name", advice_for(error))


def _failed(what: str, advice: Advice) -> Finding:
    return Finding(Severity.ERROR, what, f"{advice.code}: {advice.meaning}", advice.first_command)


def _pattern(name: str) -> AccessPattern:
    """All that a command does, as one access pattern. It knows sessions by their id alone."""
    command = POLICIES[name]
    of_patterns = [operation for pattern in command.patterns for operation in pattern.operations]
    operations = tuple(each for each in of_patterns if each.when is not When.CUSTOMER_KNOWN) + command.operations
    summary = command.summary
    return AccessPattern(name=f"{_OF_COMMAND}{name}", methods=(name,), operations=operations, costs=(), summary=summary)


def _with_policy(finding: Finding) -> Finding:
    """A command that is not permitted needs its policy, not a grant of the table."""
    if finding.severity is not Severity.ERROR or not finding.what.startswith(_OF_COMMAND):
        return finding
    return finding._replace(fix=f"session-store policy {finding.what.split()[1]}")


def _row(account: str | None, region: str | None, finding: Finding) -> dict[str, Any]:
    return {"account": account, "region": region, **finding._asdict()}
